"""A Slack workspace over real sockets: Web API, Socket Mode, response URLs, incoming webhooks, and its members.

It behaves as docs.slack.dev says, limits included, for what an app built on Bolt uses. It is no mock of the bot's
calls: it knows nothing of the bot.
"""
