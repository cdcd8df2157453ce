"""A sandbox, and Slack's own client with the bot's token."""

from collections.abc import Callable

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import Sandbox

Clients = Callable[[str], AsyncWebClient]


@pytest.fixture
def with_token(sandbox: Sandbox) -> Clients:
    """Make clients with any token."""
    return lambda token: AsyncWebClient(
        token=token, base_url=sandbox.slack_api_url, retry_handlers=[]
    )


@pytest.fixture
def slack(sandbox: Sandbox, with_token: Clients) -> AsyncWebClient:
    return with_token(sandbox.slack_bot_token)
