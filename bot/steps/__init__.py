"""What a run is made of: the contract of a step type and one file per type in `kinds`."""
