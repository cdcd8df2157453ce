"""Several replicas under load while everything fails in random order: in the end nothing is lost and nothing stands twice."""
