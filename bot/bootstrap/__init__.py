"""The composition root: the only place that knows both the core and the edges."""
