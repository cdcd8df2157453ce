"""How long a test waits for what must come: long enough for any machine, so that only a hang ends it.

Nothing is measured by it: a test that is in a hurry tests the machine.
"""

PATIENCE = 150.0
"""Seconds. A test as a whole may take longer (see `timeout` in pyproject.toml)."""
