"""What was asked: one grammar, typed requests, and the way from a request to the operation that answers it."""
