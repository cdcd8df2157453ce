"""Where a notification step can say something: a module each, with what a file says and how it is sent."""
