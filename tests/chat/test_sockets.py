"""Connections to Slack: renewed before they end, given up when they are silent, never a loop of tries."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.sockets import Patience, Sockets
from bot.errors import UserError
from tests.patience import PATIENCE

QUICK = Patience(silence=0.4, steady=0.0, most=0.05, unwanted=30.0)
Script = Callable[["Slack", web.WebSocketResponse], Coroutine[Any, Any, None]]


class Slack:
    """The two ends of Socket Mode, to be told what to do wrong: addresses that work once, and a script for each connection."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.open: list[web.WebSocketResponse] = []
        self.most = 0
        self.asked = 0
        self.refusal = ""
        self.acknowledged: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self.url = ""
        self._tickets: set[str] = set()
        self._come = asyncio.Condition()

    async def address(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.refusal:
            return web.json_response({"ok": False, "error": self.refusal})
        self._tickets.add(str(self.asked))
        url = f"{self.url.replace('http', 'ws')}/socket?ticket={self.asked}"
        return web.json_response({"ok": True, "url": url})

    async def socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query["ticket"]
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        script = self.scripts.pop(0) if self.scripts else greets
        async with self._come:
            self.open.append(socket)
            self.most = max(self.most, len(self.open))
            self._come.notify_all()
        telling = asyncio.create_task(script(self, socket))
        async for message in socket:
            if message.type is web.WSMsgType.TEXT:
                found = json.loads(message.data)["envelope_id"]
                self.acknowledged.put_nowait((int(ticket), found))
        telling.cancel()
        async with self._come:
            self.open.remove(socket)
            self._come.notify_all()
        return socket

    async def until(self, test: Callable[["Slack"], bool]) -> None:
        """Wait until connections have come or gone."""
        async with asyncio.timeout(PATIENCE), self._come:
            await self._come.wait_for(lambda: test(self))


async def greets(slack: Slack, socket: web.WebSocketResponse) -> None:
    await socket.send_json({"type": "hello", "num_connections": 1})
    while True:
        await asyncio.sleep(0.1)
        await socket.ping(b"Ping from applink")


async def asks(socket: web.WebSocketResponse, name: str, shortcut: str = "any") -> None:
    payload = {
        "type": "shortcut",
        "callback_id": shortcut,
        "user": {"id": "U1"},
        "team": {"id": "T"},
    }
    frame = {"envelope_id": name, "type": "interactive", "payload": payload}
    await socket.send_json({**frame, "accepts_response_payload": True})


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    made = Slack()
    app = web.Application()
    app.router.add_post("/api/apps.connections.open", made.address)
    app.router.add_get("/socket", made.socket)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


def listening() -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T", bot_token="xoxb-1", bot_user_id="U")

    app = AsyncApp(client=AsyncWebClient(), authorize=authorize, signing_secret="s")

    @app.shortcut("any")
    async def any_shortcut(ack: Callable[[], Awaitable[None]]) -> None:
        await ack()

    return app


@asynccontextmanager
async def connected(slack: Slack, count: int = 1) -> AsyncIterator[Sockets]:
    sockets = Sockets(api_url=f"{slack.url}/api/", app_token="xapp-1", count=count, patience=QUICK)
    await sockets.start(listening())
    try:
        yield sockets
    finally:
        await sockets.stop()


async def test_as_many_connections_as_are_wanted(slack: Slack) -> None:
    async with connected(slack, 3) as sockets:
        await slack.until(lambda slack: len(slack.open) == 3)
        assert sockets.connected
    await slack.until(lambda slack: not slack.open)
    assert not sockets.connected


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_the_next_connection_is_open_before_the_old_one_ends_and_both_are_heard(
    slack: Slack, reason: str
) -> None:
    async def renews(slack: Slack, socket: web.WebSocketResponse) -> None:
        await socket.send_json({"type": "hello"})
        await socket.send_json({"type": "disconnect", "reason": reason})
        await slack.until(lambda slack: len(slack.open) == 2)
        await asks(socket, "over the old one")
        await asks(slack.open[1], "over the new one")

    slack.scripts = [renews]
    async with connected(slack) as sockets:
        heard = {await asyncio.wait_for(slack.acknowledged.get(), 20) for _ in range(2)}
        assert sockets.connected
        await slack.open[0].close()
        await slack.until(lambda slack: len(slack.open) == 1)
        assert sockets.connected

    assert heard == {(1, "over the old one"), (2, "over the new one")}
    assert slack.asked == 2


async def test_a_connection_that_says_nothing_is_given_up(slack: Slack) -> None:
    async def says_hello(slack: Slack, socket: web.WebSocketResponse) -> None:
        await socket.send_json({"type": "hello"})

    slack.scripts = [says_hello]
    async with connected(slack):
        await slack.until(lambda slack: slack.asked == 2 and len(slack.open) == 1)
        await asks(slack.open[0], "again")
        assert (await asyncio.wait_for(slack.acknowledged.get(), 20)) == (2, "again")


async def test_a_broken_connection_is_replaced_by_a_new_address(slack: Slack) -> None:
    async def breaks(slack: Slack, socket: web.WebSocketResponse) -> None:
        await socket.send_json({"type": "hello"})
        await socket.close(code=1011)

    slack.scripts = [breaks, breaks, breaks]
    async with connected(slack) as sockets:
        await slack.until(lambda slack: slack.asked == 4 and len(slack.open) == 1)
        await until(lambda: sockets.connected)


@pytest.mark.parametrize("reason", ["too_many_websockets", "link_disabled"])
async def test_where_slack_wants_no_more_connections_there_is_no_loop(
    slack: Slack, reason: str
) -> None:
    async def refuses(slack: Slack, socket: web.WebSocketResponse) -> None:
        await socket.send_json({"type": "disconnect", "reason": reason})
        await socket.close()

    slack.scripts = [greets, refuses]
    async with connected(slack, 2) as sockets:
        await slack.until(lambda slack: not slack.scripts and len(slack.open) == 1)
        await asyncio.sleep(0.3)  # time enough for dozens of tries at this patience
        assert (slack.asked, sockets.connected) == (2, True)


async def test_ten_connections_are_never_eleven(slack: Slack) -> None:
    async def renews(slack: Slack, socket: web.WebSocketResponse) -> None:
        await socket.send_json({"type": "hello"})
        await slack.until(lambda slack: len(slack.open) == 10)
        await socket.send_json({"type": "disconnect", "reason": "warning"})

    slack.scripts = [renews]
    async with connected(slack, 10):
        await slack.until(lambda slack: slack.asked == 11 and len(slack.open) == 10)
    assert slack.most == 10


async def test_what_came_is_acknowledged_before_the_end(slack: Slack) -> None:
    come = asyncio.Event()
    sockets = Sockets(api_url=f"{slack.url}/api/", app_token="xapp-1", count=1, patience=QUICK)
    app = listening()

    @app.shortcut("slow")
    async def slow(ack: Callable[[], Awaitable[None]]) -> None:
        come.set()
        await asyncio.sleep(0.1)  # as long as a store takes that is busy
        await ack()

    await sockets.start(app)
    await slack.until(lambda slack: len(slack.open) == 1)
    await until(lambda: sockets.connected)
    await asks(slack.open[0], "at the last moment", shortcut="slow")
    await asyncio.wait_for(come.wait(), 20)
    await sockets.stop()

    assert (await asyncio.wait_for(slack.acknowledged.get(), 20)) == (1, "at the last moment")


async def test_a_refused_token_is_told_to_whoever_starts_it(slack: Slack) -> None:
    slack.refusal = "invalid_auth"
    sockets = Sockets(api_url=f"{slack.url}/api/", app_token="xapp-1", count=2, patience=QUICK)
    with pytest.raises(UserError, match="SLACK_APP_TOKEN"):
        await sockets.start(listening())
    await sockets.stop()


async def until(test: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not test():  # noqa: ASYNC110 - as SlackChat does
            await asyncio.sleep(0.02)
