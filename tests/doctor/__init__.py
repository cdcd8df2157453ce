"""What the doctor finds, against the sandbox and against servers that answer as they are told."""
