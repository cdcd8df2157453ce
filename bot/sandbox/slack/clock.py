"""Time for the workspace: what it is now, and waiting for later.

Everything that expires (acknowledgements, triggers, response URLs, rate limits, retries) asks here, so that a test
can let an hour pass at once. It does not measure how long a person waits for an answer on the page.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import Protocol, TypeVar

Answer = TypeVar("Answer")


class Clock(Protocol):
    """What time it is."""

    def now(self) -> float:
        """Answer seconds since 1970."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""
        ...


class SystemClock:
    """The real time."""

    def now(self) -> float:
        """Answer seconds since 1970."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""
        await asyncio.sleep(seconds)


async def within(clock: Clock, seconds: float, awaited: Awaitable[Answer]) -> Answer:
    """Answer what `awaited` answers. Raises TimeoutError when `seconds` pass first, and cancels it."""
    work = asyncio.ensure_future(awaited)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({work, timer}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise TimeoutError(f"nothing came within {seconds:g} s")
        return work.result()
    finally:
        work.cancel()
        timer.cancel()
