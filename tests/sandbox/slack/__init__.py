"""The sandbox's Slack, asked by Slack's own client: it answers what docs.slack.dev says, mistakes above all."""
