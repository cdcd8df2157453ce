"""How long this process surely leads, by its own clock: looked at before anything is done that others can see.

The store's fence keeps out what a process writes that has slept through its lease. What goes to chats and clusters passes
no fence: it waits here until the lead is certain, and a process that leads no more ends those who wait.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable

Certain = Callable[[], Awaitable[None]]
"""Waits until it is certain that this process leads."""


async def always() -> None:
    """Be certain: the `Certain` of a process that has no others beside it."""


class Lease:
    """Until when this process leads, in the time of its event loop."""

    def __init__(self) -> None:
        self._until = -math.inf
        self._changed = asyncio.Event()

    def lent(self, until: float) -> None:
        """Take notice that it leads until then at least."""
        self._until = until
        self._changed.set()

    def ended(self) -> None:
        """Take notice that it leads no more."""
        self._until = -math.inf

    @property
    def is_certain(self) -> bool:
        """Whether it certainly leads now."""
        return asyncio.get_running_loop().time() < self._until

    async def certain(self) -> None:
        """Wait until it certainly leads."""
        while not self.is_certain:
            self._changed.clear()
            await self._changed.wait()
