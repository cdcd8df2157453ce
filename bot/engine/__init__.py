"""How a run moves: transitions are stored, then their effects happen."""
