"""Checking and simulating workflow files, as their authors do."""
