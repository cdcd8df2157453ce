"""Which replica leads: says that this one is there, takes the lead when it is free, and starts and ends what leading means.

Who leads moves runs, speaks and answers. A replica that finds that another one leads ends all that at once; what it had
not stored is found in the store by the other. One that ends cleanly lets go, and the next one begins.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

from bot.errors import Permanent, Temporary
from bot.lease import Lease
from bot.operations.replicas import LASTS, Replica, Replicas

log = logging.getLogger(__name__)

BEAT = 1.0
"""Seconds between two signs of life."""
MARGIN = 0.5
"""Seconds before the end of the lease from which it is not certain any more: clocks do not run alike."""
REST = 10.0
"""Seconds for which a replica leaves the lead to others that could not begin."""

Work = Callable[[], Awaitable[None]]


class Led(Protocol):
    """Is told whether this replica leads, each time that changes."""

    def __call__(self, *, leads: bool) -> None:
        """Take notice of it."""
        ...


class Election:
    """The part of one replica."""

    def __init__(
        self,
        *,
        me: Replica,
        replicas: Replicas,
        lease: Lease,
        begin: Work,
        end: Work,
        led: Led = lambda *, leads: None,  # noqa: ARG005 - nobody is told
    ) -> None:
        """`begin` starts what leading means, and may raise Temporary; `end` ends it, however far it had begun.

        `led` is told when the lead is taken and when it is lost.
        """
        self._led = led
        self._me = me
        self._replicas = replicas
        self._lease = lease
        self._begin = begin
        self._end = end
        self._leads = False
        self._begun = False
        """Whether anything of what leading means has begun, and has not ended."""
        self._changed = asyncio.Event()
        self._woken = asyncio.Event()
        self._rests_until = -math.inf
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def leads(self) -> bool:
        """Whether this replica leads now."""
        return self._leads and self._begun

    async def start(self) -> None:
        """Take part; if the lead is free, lead when this returns. Raises what leading raises when it begins."""
        await self._beat()
        if self._replicas.shared:
            self._tasks.append(asyncio.create_task(self._beat_on(), name="signs of life"))
        if self._leads:
            self._begun = True
            await self._begin()
        if self._replicas.shared:
            self._tasks.append(asyncio.create_task(self._loop(), name="election"))

    async def stop(self) -> None:
        """Take part no more: end what leading means, then let go."""
        await _ended(self._tasks[1:])
        await self._let_end()
        await _ended(self._tasks)
        self._leads = False
        self._led(leads=False)
        self._lease.ended()
        try:
            await self._replicas.leave(self._me)
        except (Temporary, Permanent) as error:
            log.warning(
                "the other replicas find out by themselves that this one is gone: %s", error
            )

    def look(self) -> None:
        """Take notice that the lead may be free."""
        self._woken.set()

    def was_refused(self) -> None:
        """Take notice that a write was refused: somebody else leads."""
        if self._leads:
            self._lose()

    async def _beat_on(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await self._woken.wait()
            self._woken.clear()
            try:
                await self._beat()
            except (Temporary, Permanent) as error:
                log.warning("the other replicas may not know that this one is there: %s", error)
                await asyncio.sleep(BEAT)
            except Exception:  # the named boundary: who says nothing more leads no more
                log.exception("this replica, %s, could not say that it is there", self._me.name)
                await asyncio.sleep(BEAT)

    async def _beat(self) -> None:
        """Say that this replica is there, and learn whether it leads.

        It takes no lead while something of an earlier one goes on: that would be let through the fence again.
        """
        now = asyncio.get_running_loop().time()
        take = not self._begun and now >= self._rests_until
        if await self._replicas.beat(self._me, take=take):
            self._lease.lent(now + LASTS - MARGIN if self._replicas.shared else math.inf)
            if not self._leads:
                log.info("this replica, %s, leads", self._me.name)
                self._leads = True
                self._led(leads=True)
                self._changed.set()
        elif self._leads:
            self._lose()

    def _lose(self) -> None:
        log.warning("this replica, %s, leads no more", self._me.name)
        self._leads = False
        self._led(leads=False)
        self._lease.ended()
        self._replicas.give_up()
        self._changed.set()

    async def _loop(self) -> None:
        """Begin and end to lead as it is found out."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._begun and not self._leads:
                await self._end_for_another()
            elif self._leads and not self._begun:
                await self._try_to_begin()

    async def _try_to_begin(self) -> None:
        self._begun = True
        try:
            await self._begin()
        except Temporary as error:
            log.warning("what leading means could not begin yet: %s", error)
            await self._let_end()
            await asyncio.sleep(BEAT)
            self._changed.set()
        except Exception:  # the named boundary: a replica that cannot lead lets another one try
            log.exception("this replica, %s, cannot lead", self._me.name)
            await self._let_end()
            self._rests_until = asyncio.get_running_loop().time() + REST
            with suppress(Temporary, Permanent):
                await self._replicas.leave(self._me)
            self._lose()

    async def _end_for_another(self) -> None:
        try:
            await self._let_end()
        except (
            Exception
        ):  # the named boundary: what could not end is tried again, and leads nothing meanwhile
            log.exception("this replica, %s, could not end what it led", self._me.name)
            await asyncio.sleep(BEAT)
            self._changed.set()
        self._woken.set()

    async def _let_end(self) -> None:
        if self._begun:
            await self._end()
            self._begun = False


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
