"""A run and its life: model, transitions and the ports that others provide. Pure: no clock, no I/O."""
