"""Socket Mode: connections, envelopes and their acknowledgements, as docs.slack.dev describes them.

An envelope goes to one of the open connections. One that nobody acknowledges in three seconds is lost, as on
the platform, except for events, which are sent again. Faults: `duplicate`, `disconnect`, `silence`.
"""

import asyncio
import itertools
import json
import logging
import secrets
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox import company
from bot.sandbox.faults import Faults

log = logging.getLogger(__name__)

Json = dict[str, Any]

PATIENCE = 3.0
RETRIES = (0.0, 1.0, 5.0)
"""Seconds before an event that was not acknowledged is sent again (the platform's are 0, 60 and 300)."""


class SocketMode:
    """All open connections of the app."""

    def __init__(self, faults: Faults, changed: Callable[[], None]) -> None:
        self._faults = faults
        self._changed = changed
        self._tickets: set[str] = set()
        self._connections: list[WebSocket] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turn = itertools.count()
        self._silent_until = 0.0

    @property
    def connected(self) -> bool:
        """Whether anyone would get an envelope."""
        return bool(self._connections)

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

    async def deliver(self, kind: str, payload: Json) -> Json | None:
        """Send an envelope and answer what its acknowledgement carries; None when there was none."""
        envelope = {
            "envelope_id": secrets.token_hex(16),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        twice = self._faults.take("slack", "duplicate") is not None
        answer = await self._send(envelope)
        if twice:
            await self._send(envelope)
        if answer is None and kind == "events_api":
            answer = await self._again(envelope)
        return answer

    async def disconnect(self, times: int) -> None:
        """Drop connections without a word, as a broken network does."""
        for socket in self._connections[:times]:
            self._connections.remove(socket)
            await socket.close(code=1011)

    async def refresh(self) -> None:
        """Ask for new connections, as the platform does every few hours."""
        for socket in tuple(self._connections):
            await socket.send_text(
                json.dumps({"type": "disconnect", "reason": "refresh_requested"})
            )

    def silence(self, seconds: float) -> None:
        """Neither deliver nor answer for a while, with the connections open."""
        self._silent_until = asyncio.get_running_loop().time() + seconds

    async def close(self) -> None:
        """End all connections."""
        for socket in tuple(self._connections):
            await socket.close(code=1001)

    async def _again(self, envelope: Json) -> Json | None:
        for attempt, pause in enumerate(RETRIES, 1):
            await asyncio.sleep(pause)
            reason = {"retry_attempt": attempt, "retry_reason": "timeout"}
            answer = await self._send({**envelope, **reason})
            if answer is not None:
                return answer
        return None

    async def _send(self, envelope: Json) -> Json | None:
        if not self._connections:
            return None
        socket = self._connections[next(self._turn) % len(self._connections)]
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = answer
        try:
            if asyncio.get_running_loop().time() >= self._silent_until:
                await socket.send_text(json.dumps(envelope))
            return await asyncio.wait_for(answer, PATIENCE)
        except (TimeoutError, RuntimeError, WebSocketDisconnect):
            return None
        finally:
            self._waiting.pop(envelope["envelope_id"], None)

    def _acknowledged(self, frame: Json) -> None:
        waiting = self._waiting.get(frame.get("envelope_id", ""))
        if waiting is not None and not waiting.done():
            waiting.set_result(frame.get("payload") or {})
