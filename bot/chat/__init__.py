"""The conversation: what people see and do in a chat."""
