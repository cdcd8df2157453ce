"""The command line against a Shipmate that runs: the requests of the chat, asked over its API."""
