"""Application + environment + target -> manifests. Pure."""
