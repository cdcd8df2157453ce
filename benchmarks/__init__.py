"""What Shipmate takes, measured on this machine. A timing is never a test: it says nothing about another machine."""
