"""The outside world in a box: a Slack workspace, Kubernetes clusters, mail and webhooks.

Stands for those services over real sockets, so that the real bot talks to it with its real clients.
It imports nothing of the bot and the bot imports nothing of it, the CLI aside.
"""
