"""Secrets: where they come from, how they are taken out of texts, how they are sealed."""
