"""The page in a real browser: what a person does with mouse and keyboard, and what they see."""
