"""The sandbox's Slack, checked by a client that we did not write: Bolt for JavaScript."""
