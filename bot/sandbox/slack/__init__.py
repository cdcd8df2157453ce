"""A Slack workspace in a box: Web API, Socket Mode, interactivity, with the platform's limits.

It has what the bot uses and behaves there as the platform does (docs.slack.dev); the rest it does not have.
"""
