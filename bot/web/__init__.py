"""HTTP: health, metrics, triggers of CI systems, and the requests of the chat as an API. Beside the chat, as another way to ask."""
