"""A DingTalk organization in a box: Stream gateway, OpenAPI, interactive cards, group robots, with the platform's limits.

It has what the bot uses and behaves there as the platform does (open.dingtalk.com, developerpedia); the rest it does
not have. Where public documents are silent, it does what asks more of the bot.
"""
