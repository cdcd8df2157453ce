"""What the chat shows, and how it gets there: messages as people read them, within Slack's limits, each once."""
