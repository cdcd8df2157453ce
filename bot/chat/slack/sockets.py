"""Socket Mode with several connections, so that there is always one while another is renewed.

Slack renews each every few hours: it says so, and ends it some seconds later. The next one is open before that, and
what still comes over the old one is taken. A connection that says nothing is given up; where Slack wants no more of
them, there is a long pause. Its own client for Python closes the old one first, tries one address again and again
though each opens one connection only, and answers `too_many_websockets` at once by one more.
Source: docs.slack.dev, apis/events-api/using-socket-mode; ten connections at most: slackapi/node-slack-sdk#1654.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient
from typing_extensions import override

from bot.chat.reconnecting import Resting, end, remember
from bot.chat.slack.calls import translating
from bot.chat.slack.connection import patiently
from bot.clock import SystemClock
from bot.errors import Permanent, Temporary

log = logging.getLogger(__name__)

LOST = "lost"
"""Why a connection ended that Slack had said nothing of."""
MOST = 10
UNWANTED = frozenset({"too_many_websockets", "link_disabled"})
"""Reasons after which another try at once would only do harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience(Resting):
    """How long anything may take, in seconds."""

    opening: float = 10.0
    silence: float = 35.0
    """Slack pings at least every half minute: so long without a word, and the connection is dead."""
    ping: float = 10.0
    lingering: float = 30.0
    """For an old connection that Slack said it would end, and did not."""
    unwanted: float = 60.0


class Line(AsyncBaseSocketModeClient):
    """One connection. Bolt answers over the client that it was asked by: what came here is acknowledged here."""

    def __init__(self, session: aiohttp.ClientWebSocketResponse, patience: Patience) -> None:
        self.logger = log
        self._session = session
        self._patience = patience
        self._greeted = False
        loop = asyncio.get_running_loop()
        self.opened = loop.time()
        self.settled = asyncio.Event()
        """Set when Slack has said hello, or that it ends."""
        self.ending: asyncio.Future[str] = loop.create_future()
        """Why it ends, as soon as that is known."""

    @property
    def open(self) -> bool:
        """Whether Slack may send something over it."""
        return self._greeted and not self._session.closed

    @override
    async def send_message(self, message: str) -> None:
        await self._session.send_str(message)

    @override
    async def close(self) -> None:
        await self._session.close()

    async def read(self, take: Callable[["Line", dict[str, Any]], None]) -> None:
        """Hand what comes to `take` until the connection is over."""
        try:
            while (frame := await self._next()) is not None:
                if frame.get("type") == "hello":
                    self._greeted = True
                    self.settled.set()
                elif frame.get("type") == "disconnect":
                    self._end(str(frame.get("reason", "")))
                else:
                    take(self, frame)
        except TimeoutError:
            log.warning("a connection to Slack said nothing for a while and is given up")
        finally:
            self._end(LOST)
            await self._session.close()

    async def _next(self) -> dict[str, Any] | None:
        """Wait for a frame; None: there are no more. Raises TimeoutError when Slack is silent."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience.silence
        while True:
            message = await self._session.receive(timeout=max(0.0, end - loop.time()))
            if message.type is aiohttp.WSMsgType.TEXT:
                return frame_of(message.data)
            if message.type is aiohttp.WSMsgType.PING:
                await self._session.pong(message.data)
                end = loop.time() + self._patience.silence
            elif message.type is not aiohttp.WSMsgType.PONG:
                return None

    def _end(self, reason: str) -> None:
        if not self.ending.done():
            self.ending.set_result(reason)
        self.settled.set()


def frame_of(text: str) -> dict[str, Any]:
    """Read a frame; one that is none is empty, and says nothing."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        log.warning("Slack sent something that is no frame")
        return {}
    return found if isinstance(found, dict) else {}


class Sockets:
    """A number of connections, each renewed for good."""

    signing_secret = ""
    address = ""

    def __init__(
        self, *, api_url: str, app_token: str, count: int, patience: Patience | None = None
    ) -> None:
        """`count` is from 1 to 10, for all replicas together: Slack takes no more of one app."""
        self._client = AsyncWebClient(token=app_token, base_url=api_url)
        self._app_token = app_token
        self._count = count
        self._patience = patience or Patience()
        self._lines: set[Line] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._answers: set[asyncio.Task[None]] = set()
        self._readers: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._http: aiohttp.ClientSession | None = None

    @property
    def connected(self) -> bool:
        """Whether a connection is open now."""
        return any(each.open for each in self._lines)

    async def start(self, app: AsyncApp) -> None:
        """Open the connections. Raises UserError when Slack refuses the token."""
        self._app = app
        self._http = aiohttp.ClientSession()
        address = await patiently("SLACK_APP_TOKEN", self._new_address)
        for _ in range(self._count):
            self._keepers.append(asyncio.create_task(self._keep(address)))
            address = ""

    async def stop(self) -> None:
        """Close the connections, once what came over them is acknowledged."""
        await end(self._keepers)
        if self._answers:
            await asyncio.wait(self._answers, timeout=self._patience.farewell)
        await end([*self._answers, *self._readers])
        for line in tuple(self._lines):
            await line.close()
        if self._http is not None:
            await self._http.close()

    async def _keep(self, address: str) -> None:
        """Have one connection for good: the next is open before the last one ends."""
        tries = 0
        while True:
            line = await self._opened(address)
            address = ""
            if line is None:
                tries += 1
                await self._rest(tries)
                continue
            reason = await line.ending
            lasted = asyncio.get_running_loop().time() - line.opened
            tries = 0 if lasted > self._patience.steady else tries + 1
            log.info("a connection to Slack ends (%s) and is replaced", reason)
            if self._count == MOST:
                await line.close()  # one more than these would be refused
            if reason in UNWANTED:
                log.error("Slack wants no connection of ours: %s", reason)
                await line.close()
                await asyncio.sleep(self._patience.unwanted)
            elif tries > 1:
                await self._rest(tries - 1)

    async def _rest(self, tries: int) -> None:
        """Pause, longer each time and never as long as the others do."""
        await asyncio.sleep(self._patience.pause(tries))

    async def _opened(self, address: str) -> Line | None:
        """Open a connection; None when that failed. One at a time, so that the others go on meanwhile."""
        async with self._turn:
            line: Line | None = None
            try:
                async with asyncio.timeout(self._patience.opening):
                    with translating():
                        line = await self._connect(address or await self._new_address())
                    await line.settled.wait()
            except (Temporary, Permanent, TimeoutError) as error:
                log.warning("a connection to Slack could not be opened: %r", error)
                if line is not None:
                    await line.close()
                if isinstance(error, Temporary):
                    await asyncio.sleep(error.retry_after or 0)
                return None
            return line

    async def _connect(self, address: str) -> Line:
        assert self._http is not None
        session = await self._http.ws_connect(
            address,
            autoping=False,
            heartbeat=self._patience.ping,
            timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
            proxy=self._client.proxy,
            ssl=self._client.ssl or True,
        )
        line = Line(session, self._patience)
        self._lines.add(line)
        remember(self._readers, self._read(line))
        return line

    async def _new_address(self) -> str:
        opened = await self._client.apps_connections_open(app_token=self._app_token)
        return str(opened["url"])

    async def _read(self, line: Line) -> None:
        try:
            reading = remember(self._readers, line.read(self._take))
            await line.ending
            # Slack said when it ends, and what is under way comes to its end until then.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reading, self._patience.lingering)
        finally:
            self._lines.discard(line)

    def _take(self, line: Line, frame: dict[str, Any]) -> None:
        request = SocketModeRequest.from_dict(frame)
        if request is not None:
            remember(self._answers, self._answer(line, request))

    async def _answer(self, line: Line, request: SocketModeRequest) -> None:
        begun = SystemClock().now().timestamp()
        response = await run_async_bolt_app(self._app, request)
        try:
            await send_async_response(line, request, response, begun)
        except (ConnectionError, aiohttp.ClientError) as error:
            # What was asked is in the store; Slack sends an event again, and it is known then.
            log.info("an acknowledgement did not reach Slack: %s", error)
