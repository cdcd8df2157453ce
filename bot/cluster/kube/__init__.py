"""The `Clusters` port on the official Kubernetes client (`kubernetes.aio`): the only home of that client."""
