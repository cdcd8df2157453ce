"""What would change, told before anything is delivered."""
