"""Events and results -> messages. All words live here; pure."""
