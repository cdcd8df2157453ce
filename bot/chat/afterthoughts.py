"""Puts right what a process has said in public that finds, while or after it says it, that another replica leads.

It had looked whether it leads right before, and then slept: nobody can keep it from that. What it posted may stand twice
then, and what it edited may be old. Whose post is in the ledger stays, the other one is taken away; an edit is told to
the replica that leads, which shows what is true again. This goes on when the process stands by, and until it ends.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from bot.chat.gateway import Gateway
from bot.chat.ports import Ledger, Shown
from bot.errors import Permanent, Temporary

log = logging.getLogger(__name__)

LOOKS = 30
BETWEEN_LOOKS = 1.0
"""Seconds between two looks whether another one has posted the same: after so many it has looked itself, and found it."""
FAREWELL = 3.0
"""Seconds that a process which ends waits for it."""


class Afterthoughts:
    """The afterthoughts of one process, in one chat."""

    def __init__(self, *, gateway: Gateway, ledger: Ledger) -> None:
        self._gateway = gateway
        self._ledger = ledger
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def busy(self) -> bool:
        """Whether something is being said, or put right."""
        return bool(self._tasks)

    async def edit(self, entry: Shown, editing: Coroutine[Any, Any, None]) -> None:
        """Let a message be edited, as `post` lets one be posted."""

        async def known() -> str:
            await editing
            return entry.ts

        await self.post(entry, known())

    async def post(self, entry: Shown, posting: Coroutine[Any, Any, str]) -> str:
        """Let a message be posted; answer its id.

        Whoever is cancelled meanwhile leads no more: what becomes of it is waited for all the same, and put right.
        """
        said = self._beside(posting)
        try:
            return await asyncio.shield(said)
        except asyncio.CancelledError:
            self._beside(self._put_right_when_said(entry, said))
            raise

    def put_right(self, entry: Shown, ts: str) -> None:
        """Take notice that another replica led when `entry` was said, as the message `ts`."""
        self._beside(self._patiently(entry, ts))

    async def stop(self) -> None:
        """Finish what is under way, unless that takes long."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FAREWELL)
        tasks = tuple(self._tasks)
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _put_right_when_said(self, entry: Shown, said: "asyncio.Task[str]") -> None:
        await asyncio.wait([said])
        if not said.cancelled() and said.exception() is None:
            await self._patiently(entry, said.result())

    async def _patiently(self, entry: Shown, ts: str) -> None:
        for _ in range(LOOKS):
            try:
                if await self._is_right(entry, ts):
                    return
            except Temporary as error:
                log.info("what was said as %s is looked after later: %s", entry.key, error)
            except Permanent as error:
                log.warning("what was said as %s cannot be put right: %s", entry.key, error)
                return
            await asyncio.sleep(BETWEEN_LOOKS)

    async def _is_right(self, entry: Shown, ts: str) -> bool:
        """Put right what can be now; say whether there is nothing left to do."""
        if entry.ts:
            await self._ledger.doubt(entry.key)
            return True
        stored = await self._ledger.get(entry.key)
        if stored is None or stored.ts == ts:
            return True
        if not stored.ts:
            return False  # whoever leads may still look for it, or be about to post it
        log.warning("%s was posted by another replica, too: ours is taken away", entry.key)
        await self._gateway.take_away(entry.channel, ts)
        return True

    def _beside(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, ended: "asyncio.Task[Any]") -> None:
        self._tasks.discard(ended)
        if not ended.cancelled():
            ended.exception()  # whoever waits for it has it, too
