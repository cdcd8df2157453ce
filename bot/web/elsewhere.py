"""Leaves a request to the replica that leads, and waits for its answer, so that whoever calls may call any replica.

It is stored before anything else. When nobody has begun it after a while, it is taken back, and whoever called is told
that nothing was done; what is done however late (a delivery) is accepted instead. Nothing is taken back that somebody
may be doing.
"""

import asyncio
import json
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.errors import Temporary
from bot.web.ports import Incoming, Known, Requests
from bot.web.problems import Problem

log = logging.getLogger(__name__)

SOON = 5.0
"""Seconds that an answer is waited for of what is done in any case: registries and Git hosts give up after ten."""
BEGUN = 15.0
"""Seconds within which somebody has to begin; another replica takes over within ten."""
DONE = 30.0
"""Seconds that an answer is waited for; proxies give up after sixty."""
PAUSE = 1.0
"""Seconds between two looks for the answer; mostly it is told at once."""
REPLAYED = "Idempotency-Replayed"
"""The header that says that an answer was given before."""

UNANSWERED = "unanswered"
"""The code of what may have been done."""
NO_LEADER = "no_leader"
"""The code of what was not done and will not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status and a body, and whether they were given before."""

    status: int
    body: dict[str, Any]
    replayed: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """What says so."""
        return {REPLAYED: "true"} if self.replayed else {}


def checked(known: Known, incoming: Incoming) -> Known:
    """Answer what is stored under the key of a request. Raises Problem (422) when it is another request."""
    if known.digest != incoming.digest:
        said = "This Idempotency-Key belongs to another request. Take a new one for a new request."
        raise Problem(422, "key_reused", said)
    return known


class Elsewhere:
    """Those who wait, on this replica, for what another one does."""

    def __init__(
        self, requests: Requests, *, soon: float = SOON, begun: float = BEGUN, done: float = DONE
    ) -> None:
        """`soon`, `begun` and `done` are the seconds that are waited for each."""
        self._requests = requests
        self._soon, self._begun, self._done = soon, begun, done
        self._told = asyncio.Event()
        self._closed = False

    def look(self) -> None:
        """Take notice that something was answered."""
        told, self._told = self._told, asyncio.Event()
        told.set()

    def close(self) -> None:
        """Let everyone go who waits: the process ends, and what they asked for stays stored."""
        self._closed = True
        self.look()

    async def ask(self, incoming: Incoming) -> Answer:
        """Leave a request to whoever leads and answer as they do.

        Raises Problem, and Temporary where the store is away before it is left; later it may be done, and nobody can say.
        """
        known = checked(await self._requests.leave(incoming), incoming)
        try:
            return await self._outcome(known, incoming)
        except Temporary as error:
            log.warning("what became of a call over HTTP cannot be seen now: %s", error)
            if incoming.durable:
                return _accepted(known)
            raise _unknown() from error

    async def _outcome(self, known: Known, incoming: Incoming) -> Answer:
        """Answer what came of a request that was left. Raises Problem and Temporary."""
        again = not known.fresh
        if incoming.durable:
            found = await self._answer(known, self._soon)
            return _read(found, again=again) if found.status else _accepted(found)
        found = await self._answer(known, self._begun)
        if not found.status:
            if await self._requests.take_back(found):
                raise _nobody()
            found = await self._answer(known, self._done - self._begun)
        if not found.status:
            raise _unknown()
        return _read(found, again=again)

    async def _answer(self, known: Known, seconds: float) -> Known:
        """Wait for an answer for so long."""
        until = asyncio.get_running_loop().time() + seconds
        while True:
            told = self._told
            found = await self._requests.look(known)
            left = until - asyncio.get_running_loop().time()
            if found.status or left <= 0 or self._closed:
                return found
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, PAUSE)):
                    await told.wait()


def _read(known: Known, *, again: bool) -> Answer:
    return Answer(status=known.status, body=json.loads(known.answer), replayed=again)


def _accepted(known: Known) -> Answer:
    said = "It is stored, and is done as soon as a replica leads. The same call is answered with what came of it."
    body = {"state": "accepted", "description": said, "request": known.request, "run": None}
    return Answer(status=202, body=body)


def _nobody() -> Problem:
    said = "No replica leads just now: nothing was done. Ask again in a moment."
    return Problem(503, NO_LEADER, said, headers={"Retry-After": "5"})


def _unknown() -> Problem:
    said = (
        "The replica that leads may have begun this, and its answer is not there yet. Ask again with the same Idempotency-Key for its "
        "answer; asked without one, look first what was done."
    )
    return Problem(503, UNANSWERED, said, headers={"Retry-After": "5"})
