"""What would change: objects and applications compared before anything is delivered, and said so that nobody learns a secret."""
