"""People, as the tests of the sandbox's Slack know them."""

from tests.sandbox.slack.conftest import people

__all__ = ["people"]
