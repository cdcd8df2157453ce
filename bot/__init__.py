"""Shipmate: delivers applications to Kubernetes from chat."""
