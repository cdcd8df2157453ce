"""A sandbox, Slack's own client with the bot's token, a small app by Bolt, and people."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE

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


class People:
    """What people do, over the control API."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=PATIENCE)

    async def close(self) -> None:
        await self._client.aclose()

    async def do(self, path: str, **body: Any) -> dict[str, Any]:
        """POST; answer whatever comes."""
        found: dict[str, Any] = (await self._client.post(f"/control/{path}", json=body)).json()
        return found

    async def see(self, path: str, **params: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self._client.get(f"/control/{path}", params=params)).json()
        return found


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[People]:
    made = People(sandbox.url)
    yield made
    await made.close()


class Listening:
    """A small app that writes down what it hears."""

    def __init__(self, slack: AsyncWebClient) -> None:
        self.app = AsyncApp(client=slack, signing_secret="sandbox-signing-secret")
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.heard.get(), 10)


@pytest.fixture
async def listening(sandbox: Sandbox, slack: AsyncWebClient) -> AsyncIterator[Listening]:
    """An app of Bolt for Python in Socket Mode."""
    made = Listening(slack)
    token = sandbox.slack_app_token
    client = AsyncWebClient(token=token, base_url=sandbox.slack_api_url)
    handler = AsyncSocketModeHandler(made.app, token, web_client=client)
    await handler.connect_async()
    yield made
    await handler.close_async()
