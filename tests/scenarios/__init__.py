"""Conversations: what people say and press, what they see, what the clusters run, over real sockets."""
