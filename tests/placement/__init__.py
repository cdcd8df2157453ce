"""What is delivered where, how it is treated there, and what is garbage."""
