"""The step types one by one: what a file may say, and what comes of it against real servers."""
