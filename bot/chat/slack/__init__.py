"""Slack: listeners, rendering and the Web API, and nothing that decides."""
