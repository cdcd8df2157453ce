"""Stream mode: one connection to DingTalk, and always one while another is renewed.

DingTalk says when it ends a connection, is silent on it for ten seconds and then cuts it: the next one is open before that,
and what still comes over the old one is taken. A ping of our own goes over a connection on which nothing happens; one
that does not answer is given up, and one on which DingTalk itself says nothing for minutes is replaced. What a robot is told is told once, so nothing may be lost between two connections.
Source: open-dingtalk/developerpedia, the protocol of Stream mode.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp

from bot.chat.dingtalk.api import OpenApi
from bot.chat.dingtalk.connection import Take
from bot.chat.dingtalk.frames import SUBSCRIPTIONS, Answer, Push, read, write
from bot.chat.reconnecting import Resting, end, remember
from bot.errors import Permanent, Temporary, UserError

log = logging.getLogger(__name__)

LOST = "lost"
"""Why a connection ended that DingTalk had said nothing of."""
SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience(Resting):
    """How long anything may take, in seconds."""

    opening: float = 15.0
    ping: float = 20.0
    """A connection on which nothing happens is pinged so often, and has half of that to answer."""
    silence: float = 300.0
    """A connection over which DingTalk has said nothing for so long is replaced, although it answers pings."""
    lingering: float = 20.0
    """For an old connection that DingTalk said it would end, and did not."""
    refused: float = 60.0
    """Before another try where DingTalk refuses us: someone has to mend that."""


class Line:
    """One connection. What comes over it is acknowledged over it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        loop = asyncio.get_running_loop()
        self.opened = loop.time()
        self._heard_at = self.opened
        self.ending: asyncio.Future[str] = loop.create_future()
        """Why it ends, as soon as that is known."""

    @property
    def open(self) -> bool:
        """Whether DingTalk may push something over it."""
        return not self._socket.closed and not self.ending.done()

    async def read(self, take: "Streams") -> None:
        """Hand what comes to `take` until the connection is over."""
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._heard(message.data, take)
        finally:
            self._end(LOST)
            await self._socket.close()

    async def watch(self, silence: float) -> None:
        """End it once nothing was said over it for so many seconds."""
        loop = asyncio.get_running_loop()
        while (left := self._heard_at + silence - loop.time()) > 0:  # noqa: ASYNC110 - the moment moves
            await asyncio.sleep(left)
        self._end(SILENT)

    async def _heard(self, text: str, streams: "Streams") -> None:
        self._heard_at = asyncio.get_running_loop().time()
        push = read(text)
        if push is None:
            log.warning("DingTalk sent something that is no frame")
        elif push.type != "SYSTEM":
            streams.push(self, push)
        elif push.topic == "disconnect":
            self._end(str(push.data.get("reason", "")) or "renewed")
        elif push.topic == "ping":
            await self.say(push, Answer(data=push.data))

    async def say(self, push: Push, answer: Answer) -> None:
        """Acknowledge a push."""
        try:
            await self._socket.send_str(write(push, answer))
        except (ConnectionError, aiohttp.ClientError) as error:
            # What was asked is in the store, and known when it comes again.
            log.info("an acknowledgement did not reach DingTalk: %s", error)

    async def close(self) -> None:
        """End it."""
        await self._socket.close()

    def _end(self, reason: str) -> None:
        if not self.ending.done():
            self.ending.set_result(reason)


class Streams:
    """The connection, renewed for good."""

    address = ""

    def __init__(self, api: OpenApi, *, agent: str, patience: Patience | None = None) -> None:
        """`agent` says to DingTalk who we are."""
        self._api = api
        self._agent = agent
        self._patience = patience or Patience()
        self._lines: set[Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._takes: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._http: aiohttp.ClientSession | None = None
        self._take: Take | None = None

    @property
    def connected(self) -> bool:
        """Whether a connection is open now."""
        return any(each.open for each in self._lines)

    async def start(self, take: Take) -> None:
        """Open the connection, however long DingTalk is away. Raises UserError when it refuses the credentials."""
        self._take = take
        self._http = aiohttp.ClientSession()
        line: Line | None = None
        tries = 0
        while line is None:
            try:
                line = await self._opened()
            except Permanent as error:
                raise UserError(
                    f"{error}. Are DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET right, and is the robot in Stream mode? "
                    "The README says where to find them"
                ) from error
            except Temporary as error:
                log.warning("waiting for DingTalk: %s", error)
                await self._rest(tries, error)
                tries += 1
        self._keeper = asyncio.create_task(self._keep(line), name="dingtalk stream")

    async def stop(self) -> None:
        """Close the connection, once what came over it is acknowledged."""
        if self._keeper is not None:
            await end({self._keeper})
        if self._takes:
            await asyncio.wait(self._takes, timeout=self._patience.farewell)
        for line in tuple(self._lines):
            await line.close()
        await end(self._takes | self._tasks)
        if self._http is not None:
            await self._http.close()

    def push(self, line: Line, push: Push) -> None:
        """Take something that came over a connection."""
        remember(self._takes, self._taken(line, push))

    async def _taken(self, line: Line, push: Push) -> None:
        assert self._take is not None, "nothing comes before it has started"
        await line.say(push, await self._take(push))

    async def _keep(self, line: Line) -> None:
        """Have a connection for good: the next is open before the last one ends."""
        tries = 0
        while True:
            reason = await line.ending
            log.info("the connection to DingTalk ends (%s) and is replaced", reason)
            lasted = asyncio.get_running_loop().time() - line.opened
            tries = 0 if lasted > self._patience.steady else tries + 1
            if tries > 1:
                await self._rest(tries - 1)
            line = await self._next(tries)

    async def _next(self, tries: int) -> Line:
        """Open a connection, trying until it is open."""
        while True:
            try:
                return await self._opened()
            except Permanent as error:
                log.error("DingTalk wants no connection of ours: %s", error)  # noqa: TRY400 - our own words
                await asyncio.sleep(self._patience.refused)
            except Temporary as error:
                log.warning("a connection to DingTalk could not be opened: %s", error)
                await self._rest(tries, error)
                tries += 1

    async def _rest(self, tries: int, error: Temporary | None = None) -> None:
        """Pause, longer each time and never as long as the others do."""
        said = error.retry_after if error is not None and error.retry_after else 0.0
        await asyncio.sleep(max(said, self._patience.pause(tries)))

    async def _opened(self) -> Line:
        """Open a connection. Raises Temporary and Permanent."""
        assert self._http is not None, "it was started"
        patience = self._patience
        try:
            async with asyncio.timeout(patience.opening):
                endpoint, ticket = await self._api.open_connection([*SUBSCRIPTIONS], self._agent)
                socket = await self._http.ws_connect(
                    f"{endpoint}?ticket={quote(ticket)}",
                    heartbeat=patience.ping,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                    max_msg_size=0,
                )
        except TimeoutError as error:
            raise Temporary("DingTalk opened no connection in time") from error
        except (aiohttp.ClientError, OSError) as error:
            # Also a ticket that was refused: the next try has another one.
            raise Temporary(f"the connection failed: {type(error).__name__}") from error
        line = Line(socket)
        self._lines.add(line)
        remember(self._tasks, self._read(line))
        return line

    async def _read(self, line: Line) -> None:
        reading = remember(self._tasks, line.read(self))
        watching = remember(self._tasks, line.watch(self._patience.silence))
        try:
            await line.ending
            # DingTalk said that it ends, and what is under way comes to its end until then.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reading, self._patience.lingering)
        finally:
            watching.cancel()
            self._lines.discard(line)
