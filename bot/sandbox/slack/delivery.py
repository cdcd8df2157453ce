"""How the platform tells an app what has happened: over a socket, or by HTTP once the app has a request URL.

What nobody acknowledges in three seconds is lost, as on the platform, except for events, which are sent again.
Fault: `duplicate`.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.sandbox.faults import Faults

Json = dict[str, Any]

PATIENCE = 3.0
"""Seconds for an acknowledgement."""
RETRIES = (0.0, 1.0, 5.0)
"""Seconds before an event that was not acknowledged is sent again (the platform's are 0, 60 and 300)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One thing to be told. `kind` is `slash_commands`, `interactive` or `events_api`, as Socket Mode names them."""

    id: str
    kind: str
    payload: Json
    attempt: int = 0
    reason: str = ""
    """Why it is sent again: `timeout`, `http_timeout` or `http_error`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Nobody has acknowledged an envelope. `final`: the app does not want it again."""

    reason: str
    final: bool = False


class Way(Protocol):
    """One way to an app."""

    @property
    def open(self) -> bool:
        """Whether anyone would get an envelope."""
        ...

    async def send(self, envelope: Envelope) -> Json | Failure:
        """Send an envelope; answer what its acknowledgement carries."""
        ...


class Delivery:
    """All ways to the app, of which the first that is open is taken."""

    def __init__(self, ways: Sequence[Way], faults: Faults) -> None:
        self._ways = ways
        self._faults = faults

    @property
    def open(self) -> bool:
        """Whether anyone would get an envelope."""
        return any(each.open for each in self._ways)

    async def deliver(self, kind: str, payload: Json) -> Json | None:
        """Send an envelope and answer what its acknowledgement carries; None when there was none."""
        envelope = Envelope(id=secrets.token_hex(16), kind=kind, payload=payload)
        twice = self._faults.take("slack", "duplicate") is not None
        answer = await self._send(envelope)
        if twice:
            await self._send(replace(envelope, attempt=1, reason="timeout"))
        if isinstance(answer, Failure) and not answer.final and kind == "events_api":
            answer = await self._again(envelope, answer)
        return None if isinstance(answer, Failure) else answer

    async def _again(self, envelope: Envelope, failure: Failure) -> Json | Failure:
        answer: Json | Failure = failure
        for attempt, pause in enumerate(RETRIES, 1):
            if not isinstance(answer, Failure) or answer.final:
                break
            await asyncio.sleep(pause)
            answer = await self._send(replace(envelope, attempt=attempt, reason=answer.reason))
        return answer

    async def _send(self, envelope: Envelope) -> Json | Failure:
        way = next((each for each in self._ways if each.open), None)
        return Failure(reason="timeout") if way is None else await way.send(envelope)
