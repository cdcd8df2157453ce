"""`shipmate demo`: a conversation with the bot, played over the sandbox's control API without a person.

Knows nothing of the bot's insides: it sees what a person on the page sees.
"""
