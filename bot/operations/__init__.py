"""What the bot agrees to do: one function per intent, each asking the policy before it does anything."""
