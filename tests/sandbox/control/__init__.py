"""The control API, and what it says to a program that asks for what cannot be."""
