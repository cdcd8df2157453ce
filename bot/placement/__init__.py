"""What is delivered where, how it is treated there, and what is garbage: an application's policies and an environment's targets."""
