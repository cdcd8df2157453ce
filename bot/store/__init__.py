"""Remembers: runs, revisions, messages, requests (SQLAlchemy)."""
