"""A sandbox, and Slack's own client with the bot's token."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import Sandbox
from tests.scenarios.company import ROOT

Clients = Callable[[str], AsyncWebClient]


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    made = Sandbox(state=tmp_path, port=0, manifest=ROOT / "manifest.yml")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def with_token(sandbox: Sandbox) -> Clients:
    """Make clients with any token."""
    return lambda token: AsyncWebClient(
        token=token, base_url=sandbox.slack_api_url, retry_handlers=[]
    )


@pytest.fixture
def slack(sandbox: Sandbox, with_token: Clients) -> AsyncWebClient:
    return with_token(sandbox.slack_bot_token)
