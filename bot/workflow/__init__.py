"""What a workflow means: its steps, expressions and values. Pure."""
