"""Data initialization, told as conversations: what has to be there, or to be done, before an application runs."""
