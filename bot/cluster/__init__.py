"""Where a run takes effect: Kubernetes, behind a port in our own words."""
