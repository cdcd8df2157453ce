"""Does a request once, however often it comes: the answer of the first time is given again."""

import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.errors import ShipmateError
from bot.operations.results import Audited
from bot.web.ports import Incoming, Known, Requests
from bot.web.problems import ErrorAnswer, Problem

log = logging.getLogger(__name__)

BRIEFLY = 60.0
"""Seconds for which a request is kept that is never known again."""
REPLAYED = "Idempotency-Replayed"
"""The header that says that an answer was given before."""


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


Audit = list[Audited]
Work = Callable[[str, Audit], Awaitable[Answer]]
"""Does what is asked, with the id by which it is done once; adds what the audit log is to say. Raises Problem."""


class Once:
    """Keeps apart what is new and what was there before. One for a process."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._under_way: set[str] = set()

    async def do(self, incoming: Incoming, work: Work) -> Answer:
        """Do it, or answer what was answered. Raises Problem when it is under way, or another request has its key.

        A process that died in the middle leaves a request without an answer, which is done again with the same id.
        """
        if incoming.key in self._under_way:
            raise _under_way()
        self._under_way.add(incoming.key)
        try:
            known = await self._requests.begin(incoming)
            if known.digest != incoming.digest:
                said = "This Idempotency-Key belongs to another request. Take a new one for a new request."
                raise Problem(422, "key_reused", said)
            if known.status:
                return Answer(status=known.status, body=json.loads(known.answer), replayed=True)
            return await self._finish(known, work, named=incoming.named)
        finally:
            self._under_way.discard(incoming.key)

    async def always(self, work: Work) -> Answer:
        """Do what nobody can tell from the next one of its kind; each time it comes. Raises as `work`."""
        key = f"once:{uuid.uuid4().hex}"
        return await self.do(Incoming(key=key, digest="", lasting=BRIEFLY, named=False), work)

    async def resume(self, known: Known, work: Work) -> None:
        """Do what a dead process had taken in. Raises as `work`."""
        if known.key in self._under_way:
            return
        self._under_way.add(known.key)
        try:
            await self._finish(known, work, named=False)
        finally:
            self._under_way.discard(known.key)

    async def _finish(self, known: Known, work: Work, *, named: bool) -> Answer:
        """Do it, and store what was answered; of what failed in a way that may pass nothing is remembered."""
        audited: Audit = []
        try:
            answer = await work(known.request, audited)
        except Problem as problem:
            answer = Answer(
                status=problem.status, body=ErrorAnswer(error=problem.error).model_dump()
            )
        written = json.dumps(answer.body)
        try:
            keep = named or answer.status < 400
            await self._requests.finish(known.key, answer.status, written, audited, keep=keep)
        except ShipmateError as error:
            # It is done, and done again under the same id when it comes again.
            log.warning("an answer could not be stored: %s", error)
        return answer


def _under_way() -> Problem:
    said = "This request is being done just now. Ask again in a moment for its answer."
    return Problem(409, "under_way", said, headers={"Retry-After": "1"})
