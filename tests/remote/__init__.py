"""The command line against a Shipmate that runs."""
