"""The traits: what each takes, and what it makes of a component. Pure. One function a trait, on a `Draft`."""
