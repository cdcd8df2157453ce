"""What the API server refuses in an object: the mistakes that people make, with the texts of the real one. Pure."""
