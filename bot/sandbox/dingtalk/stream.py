"""Stream mode: tickets, connections, frames and their acknowledgements, as DingTalk's developerpedia describes them.

What is pushed goes to one of the connections that subscribe to its topic, at random. Faults: `disconnect`, `refresh`,
`silence`, `expired-ticket`.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.dingtalk import organization
from bot.sandbox.dingtalk.errors import DingTalkRefusal
from bot.sandbox.dingtalk.pushes import PATIENCE, Failure, Push
from bot.sandbox.faults import Faults

Json = dict[str, Any]

TICKET_LIVES = 90.0
"""Seconds for which a ticket opens one connection."""
MOST = 50
"""Connections that an app may have open at once."""
NOTICE = 10.0
"""Seconds between the word that a connection ends and its end; nothing is pushed over it meanwhile."""
PING = 15.0
"""Seconds between two pings of a connection (ours; the platform does not say)."""


@dataclass(slots=True)
class _Connection:
    """One open socket. `topics` are the pairs of type and topic that it subscribes to."""

    socket: WebSocket
    id: str
    topics: frozenset[tuple[str, str]]
    leaving: bool = False

    def takes(self, push: Push) -> bool:
        """Say whether a push may go over this connection."""
        topic = "*" if push.type == "EVENT" else push.topic
        return not self.leaving and (push.type, topic) in self.topics


@dataclass(slots=True)
class _Ticket:
    topics: frozenset[tuple[str, str]]
    made: float


class Stream:
    """The gateway and all open connections of the app."""

    def __init__(
        self,
        faults: Faults,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._faults = faults
        self._changed = changed
        self._clock = clock
        self._tickets: dict[str, _Ticket] = {}
        self._connections: list[_Connection] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._silent_until = 0.0
        self._endings: set[asyncio.TimerHandle] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.opened = 0
        """How many connections there have been."""

    @property
    def open(self) -> bool:
        """Whether there is a connection."""
        return bool(self._connections)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def new_ticket(self, given: Json) -> str:
        """Answer `connections/open`: a ticket for one connection. Raises DingTalkRefusal."""
        if given.get("clientId") != organization.CLIENT_ID or (
            given.get("clientSecret") != organization.CLIENT_SECRET
        ):
            raise DingTalkRefusal("authFailed", "clientId or clientSecret is wrong", 401)
        wanted = given.get("subscriptions")
        if not isinstance(wanted, list) or not wanted:
            raise DingTalkRefusal("invalidParameter", "subscriptions are required")
        topics = frozenset(
            (str(each.get("type")), str(each.get("topic")))
            for each in wanted
            if isinstance(each, dict)
        )
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = _Ticket(topics, self._clock())
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Hold one connection until it ends."""
        ticket = self._tickets.pop(socket.query_params.get("ticket", ""), None)
        expired = self._faults.take("dingtalk", "expired-ticket") is not None
        full = len(self._connections) >= MOST
        if ticket is None or expired or full or self._clock() - ticket.made > TICKET_LIVES:
            await socket.close(code=4401)  # before it is accepted: the handshake is refused
            return
        await socket.accept()
        made = _Connection(socket, secrets.token_hex(8), ticket.topics)
        self.opened += 1
        self._connections.append(made)
        self._changed()
        pings = asyncio.create_task(self._ping(made), name="dingtalk pings")
        try:
            while True:
                self._acknowledged(await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            pings.cancel()
            self._drop(made)

    def takes(self, push: Push) -> bool:
        """Say whether there is a connection for a push."""
        return any(each.takes(push) for each in self._connections)

    async def send(self, push: Push) -> Json | Failure:
        """Push over one of the connections; answer what its acknowledgement carries."""
        taker = secrets.choice([each for each in self._connections if each.takes(push)])
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[push.id] = answer
        try:
            if not self._silent:
                await taker.socket.send_text(json.dumps(push.frame(taker.id), ensure_ascii=False))
            return read_answer(await asyncio.wait_for(answer, PATIENCE))
        except (TimeoutError, RuntimeError, WebSocketDisconnect):
            return Failure("nobody answered in time")
        finally:
            self._waiting.pop(push.id, None)

    async def disconnect(self, times: int) -> None:
        """Drop connections without a word, as a broken network does."""
        for each in self._connections[:times]:
            self._drop(each)
            await each.socket.close(code=1011)

    async def refresh(self, reason: str, seconds: float = NOTICE) -> None:
        """Say of every connection that it ends, push nothing more over it, and end it some time later."""
        loop = asyncio.get_running_loop()
        for each in tuple(self._connections):
            each.leaving = True
            await each.socket.send_text(json.dumps(_system("disconnect", {"reason": reason})))
            self._endings.add(loop.call_later(seconds, self._end, each))

    def silence(self, seconds: float) -> None:
        """Neither push nor ping for a while, with the connections open."""
        self._silent_until = asyncio.get_running_loop().time() + seconds

    async def close(self) -> None:
        """End all connections."""
        for ending in self._endings:
            ending.cancel()
        for each in tuple(self._connections):
            await each.socket.close(code=1001)

    @property
    def _silent(self) -> bool:
        return asyncio.get_running_loop().time() < self._silent_until

    async def _ping(self, connection: _Connection) -> None:
        while True:
            await asyncio.sleep(PING)
            if self._silent or connection.leaving:
                continue
            try:
                await connection.socket.send_text(
                    json.dumps(_system("ping", {"opaque": secrets.token_hex(8)}))
                )
            except (RuntimeError, WebSocketDisconnect):
                return

    def _end(self, connection: _Connection) -> None:
        if connection in self._connections:
            self._drop(connection)
            task = asyncio.create_task(connection.socket.close(code=1000))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _drop(self, connection: _Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._changed()

    def _acknowledged(self, text: str) -> None:
        try:
            frame = json.loads(text)
            waiting = self._waiting.get(frame["headers"]["messageId"])
        except (ValueError, KeyError, TypeError):
            return  # no acknowledgement, and nobody waits for it
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)


def read_answer(frame: Json) -> Json | Failure:
    """Read an acknowledgement: the object in its `data`, or the code that says that it failed."""
    if frame.get("code") != 200:
        return Failure(f"the app answered with code {frame.get('code')}")
    try:
        data = json.loads(frame.get("data") or "{}")
    except (TypeError, ValueError):
        return Failure("the app answered what is no JSON")
    return data if isinstance(data, dict) else {}


def _system(topic: str, data: Json) -> Json:
    return {
        "specVersion": "1.0",
        "type": "SYSTEM",
        "headers": {
            "topic": topic,
            "messageId": secrets.token_hex(12),
            "contentType": "application/json",
            "time": str(int(time.time() * 1000)),
        },
        "data": json.dumps(data),
    }
