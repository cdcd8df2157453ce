"""HTTP: health, metrics, triggers and the API, over real sockets."""
