"""The engine on the real store: what step types do wrong, and what the clock and a crash bring."""
