"""Where the replica that leads takes what others have left to it: calls that a standby, or a dead process, has stored.

What whoever called has long stopped waiting for is not done any more, but for what is done however late: a delivery.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Protocol

from bot.clock import Clock
from bot.errors import Permanent, TakenOver, Temporary
from bot.web.elsewhere import DONE, Answer
from bot.web.once import Audit, Once
from bot.web.ports import Known, Requests
from bot.web.problems import Problem

log = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds between two looks for what other replicas have left; mostly they say so at once."""
LATE = 2 * DONE
"""Seconds after which nobody waits any more."""


class Doer(Protocol):
    """Does again, or for another replica, what was stored."""

    def lasts(self, known: Known) -> bool:
        """Say whether it is done however late."""
        ...

    def is_named(self, known: Known) -> bool:
        """Say whether whoever sent it gave it a name."""
        ...

    async def do_again(self, known: Known, request: str, audited: Audit) -> Answer:
        """Do it once under the id `request`. Raises Problem."""
        ...


class Hatch:
    """Does what was left, while this replica leads."""

    def __init__(
        self,
        *,
        requests: Requests,
        once: Once,
        doers: Mapping[str, Doer],
        clock: Clock,
        shared: bool,
    ) -> None:
        """`doers` are by what keys begin with; `shared`: other replicas may leave something at any time."""
        self._requests = requests
        self._once = once
        self._doers = doers
        self._clock = clock
        self._pause = PAUSE if shared else None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failed = False
        self._woken = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin, first with what a dead process has left."""
        self._woken.set()
        self._loop = asyncio.create_task(self._look_after(), name="hatch of HTTP")

    async def close(self) -> None:
        """Do nothing more; what is left stays in the store."""
        tasks = [*self._tasks.values(), *([self._loop] if self._loop is not None else [])]
        self._loop = None
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def look(self) -> None:
        """Take notice that something may have been left."""
        self._woken.set()

    async def _look_after(self) -> None:
        first = True
        while True:
            self._woken.clear()
            try:
                await self._round(one_by_one=first)
                first = False
            except (Temporary, Permanent) as error:
                log.warning("what was left over HTTP waits: %s", error)
                self._failed = True
            pause = PAUSE if self._failed or self._tasks else self._pause
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._woken.wait()

    async def _round(self, *, one_by_one: bool) -> None:
        """Do what is left; at first one after the other, for those may be old and build on each other."""
        self._failed = False
        left = [each for each in await self._requests.unanswered() if each.key not in self._tasks]
        if left and one_by_one:
            log.info("doing %d calls over HTTP that were left", len(left))
        for each in left:
            task = asyncio.create_task(self._do(each))
            self._tasks[each.key] = task
            task.add_done_callback(partial(self._forget, each.key))
            if one_by_one:
                await task

    def _forget(self, key: str, _: asyncio.Task[None]) -> None:
        self._tasks.pop(key, None)

    async def _do(self, known: Known) -> None:
        """Do one. Never raises."""
        doer = self._doers.get(known.key.partition(":")[0])
        try:
            lasts, named = (False, False) if doer is None else _about(doer, known)
            if doer is None or (self._is_late(known) and not lasts):
                log.warning("a call over HTTP is not done any more: nobody waits for it")
                await self._requests.give_up(known)
                return
            work = partial(_guarded, doer, known)
            await self._once.resume(known, work, named=named)
        except TakenOver:
            log.debug("another replica does it")
        except (Temporary, Permanent) as error:
            log.warning("a call over HTTP that was left waits: %s", error)
            self._failed = True

    def _is_late(self, known: Known) -> bool:
        return self._clock.now().timestamp() - known.received > LATE


def _about(doer: Doer, known: Known) -> tuple[bool, bool]:
    """Say whether a call is done however late, and whether it has a name: neither of one that cannot be read.

    Such a one breaks when it is done and is answered so, or is given up when it is late.
    """
    try:
        return doer.lasts(known), doer.is_named(known)
    except Exception:  # the named boundary of what was left: another version may have written it
        log.exception("a call over HTTP that was left cannot be read")
        return False, False


async def _guarded(doer: Doer, known: Known, request: str, audited: Audit) -> Answer:
    """Do one; what breaks is answered so, and does not come again."""
    try:
        return await doer.do_again(known, request, audited)
    except (Problem, Temporary):
        raise
    except Exception as error:  # the named boundary of what was left: it would break each time
        log.exception("a call over HTTP that was left broke")
        said = "Something broke in Shipmate. Its log says what."
        raise Problem(500, "broken", said) from error
