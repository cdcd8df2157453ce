"""The sandbox's clusters, judged by kubectl and by the official client."""
