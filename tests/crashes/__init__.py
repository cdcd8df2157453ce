"""SIGKILL at every commit of a run: what a person sees afterwards is what they would have seen anyway."""
