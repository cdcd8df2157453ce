"""DingTalk in the sandbox: as the platform says, and as its own client finds it."""
