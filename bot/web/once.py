"""Does a request once, however often it comes and to whichever replica: the answer of the first time is given again.

The replica that leads does it. On another one it is stored for the one that leads, and waited for (`bot.web.elsewhere`).
"""

import json
import logging
from collections.abc import Awaitable, Callable

from bot.errors import ShipmateError, TakenOver
from bot.operations.results import Audited
from bot.web.elsewhere import Answer, Elsewhere, checked
from bot.web.ports import Incoming, Known, Requests
from bot.web.problems import ErrorAnswer, Problem

log = logging.getLogger(__name__)

Audit = list[Audited]
Work = Callable[[str, Audit], Awaitable[Answer]]
"""Does what is asked, with the id by which it is done once; adds what the audit log is to say. Raises Problem."""


class Once:
    """Keeps apart what is new and what was there before. One for a process."""

    def __init__(self, requests: Requests, elsewhere: Elsewhere) -> None:
        self._requests = requests
        self._elsewhere = elsewhere
        self._under_way: set[str] = set()

    async def do(self, incoming: Incoming, work: Work) -> Answer:
        """Do it, or answer what was answered. Raises Problem when it is under way, or another request has its key.

        A process that died in the middle leaves a request without an answer, which is done again with the same id.
        """
        if incoming.key in self._under_way:
            raise _under_way()
        self._under_way.add(incoming.key)
        try:
            return await self._here(incoming, work)
        except TakenOver:
            log.debug("another replica leads, and does it")
        finally:
            self._under_way.discard(incoming.key)
        return await self._elsewhere.ask(incoming)

    async def _here(self, incoming: Incoming, work: Work) -> Answer:
        known = checked(await self._requests.begin(incoming), incoming)
        if known.status:
            return Answer(status=known.status, body=json.loads(known.answer), replayed=True)
        return await self._finish(known, work, named=incoming.named)

    async def resume(self, known: Known, work: Work, *, named: bool) -> None:
        """Do what a dead process or another replica had taken in. Raises as `work`."""
        if known.key in self._under_way:
            return
        self._under_way.add(known.key)
        try:
            if await self._requests.claim(known):
                await self._finish(known, work, named=named)
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
