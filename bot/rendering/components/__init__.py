"""The component types: the properties that each takes, and the objects that it becomes. Pure."""
