"""For those who write workflows: what is wrong with a file, what a run of it would do, and how it looks."""
