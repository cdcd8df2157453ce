"""The parts of one process, joined."""
