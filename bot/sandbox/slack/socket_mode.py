"""Socket Mode: connections, envelopes and their acknowledgements, as docs.slack.dev describes them.

An envelope goes to one of the open connections. Faults: `disconnect`, `refresh`, `silence`.
"""

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox import company
from bot.sandbox.slack.delivery import PATIENCE, Envelope, Failure

Json = dict[str, Any]

MOST = 10
"""Connections that an app may have open at once."""
NOTICE = 10.0
"""Seconds from the word that a connection ends to its end."""
REASONS = ("warning", "refresh_requested", "link_disabled")
"""Why a connection ends, beside `too_many_websockets`."""


class SocketMode:
    """All open connections of the app."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._tickets: set[str] = set()
        self._connections: list[WebSocket] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turn = itertools.count()
        self._silent_until = 0.0
        self._endings: set[asyncio.TimerHandle] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self.opened = 0
        """How many connections there have been."""

    @property
    def open(self) -> bool:
        """Whether anyone would get an envelope."""
        return bool(self._connections)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def new_ticket(self) -> str:
        """Make what opens one connection, once."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Hold one connection until it ends."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(code=4401)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        if len(self._connections) >= MOST:
            await _say_that_it_ends(socket, "too_many_websockets")
            await socket.close(code=1000)
            return
        self.opened += 1
        self._connections.append(socket)
        await socket.send_text(
            json.dumps(
                {
                    "type": "hello",
                    "num_connections": len(self._connections),
                    "connection_info": {"app_id": company.APP},
                }
            )
        )
        self._changed()
        try:
            while True:
                self._acknowledged(json.loads(await socket.receive_text()))
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            if socket in self._connections:
                self._connections.remove(socket)
            self._changed()

    async def disconnect(self, times: int) -> None:
        """Drop connections without a word, as a broken network does."""
        for socket in self._connections[:times]:
            self._connections.remove(socket)
            await socket.close(code=1011)

    async def refresh(self, reason: str, seconds: float = NOTICE) -> None:
        """Say of every connection that it ends, as the platform does every few hours, and end it some time later."""
        loop = asyncio.get_running_loop()
        for socket in tuple(self._connections):
            await _say_that_it_ends(socket, reason)
            self._endings.add(loop.call_later(seconds, self._end, socket))

    def silence(self, seconds: float) -> None:
        """Neither deliver nor answer for a while, with the connections open."""
        self._silent_until = asyncio.get_running_loop().time() + seconds

    async def close(self) -> None:
        """End all connections."""
        for each in self._endings:
            each.cancel()
        for socket in tuple(self._connections):
            await socket.close(code=1001)

    def _end(self, socket: WebSocket) -> None:
        if socket in self._connections:
            self._connections.remove(socket)
            task = asyncio.create_task(socket.close(code=1000))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def send(self, envelope: Envelope) -> Json | Failure:
        """Send an envelope over one of the connections; answer what its acknowledgement carries."""
        socket = self._connections[next(self._turn) % len(self._connections)]
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope.id] = answer
        try:
            if asyncio.get_running_loop().time() >= self._silent_until:
                await socket.send_text(json.dumps(_frame(envelope)))
            return await asyncio.wait_for(answer, PATIENCE)
        except (TimeoutError, RuntimeError, WebSocketDisconnect):
            return Failure(reason="timeout")
        finally:
            self._waiting.pop(envelope.id, None)

    def _acknowledged(self, frame: Json) -> None:
        waiting = self._waiting.get(frame.get("envelope_id", ""))
        if waiting is not None and not waiting.done():
            waiting.set_result(frame.get("payload") or {})


def _frame(envelope: Envelope) -> Json:
    frame = {
        "envelope_id": envelope.id,
        "type": envelope.kind,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.kind != "events_api",
    }
    if envelope.attempt:
        frame |= {"retry_attempt": envelope.attempt, "retry_reason": envelope.reason}
    return frame


async def _say_that_it_ends(socket: WebSocket, reason: str) -> None:
    frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
    await socket.send_text(json.dumps(frame))
