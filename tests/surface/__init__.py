"""What people read and paste, held to the code."""
