"""What Kubernetes says, and what we make of it: health, trouble, secrets; and the client against API servers."""
