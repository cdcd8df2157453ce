"""Alarms ring once, late ones too, and the last wish counts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from bot.clock import SystemClock
from bot.events import RunId
from bot.schedule.alarms import ClockAlarms
from tests.patience import PATIENCE

ONE, TWO = RunId("one"), RunId("two")


def soon(seconds: float = 0.05) -> datetime:
    return SystemClock().now() + timedelta(seconds=seconds)


class Rung:
    """What has rung."""

    def __init__(self) -> None:
        self.runs: list[RunId] = []
        self._rang = asyncio.Event()
        self.then: Callable[[RunId], Awaitable[None]] | None = None

    async def wake(self, run: RunId) -> None:
        self.runs.append(run)
        self._rang.set()
        if self.then is not None:
            await self.then(run)

    async def times(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.runs) < count:
                self._rang.clear()
                await self._rang.wait()


@asynccontextmanager
async def alarms(rung: Rung) -> AsyncIterator[ClockAlarms]:
    made = ClockAlarms()
    made.start(rung.wake)
    yield made
    made.stop()


async def test_each_run_is_woken_at_its_time() -> None:
    rung = Rung()
    async with alarms(rung) as made:
        made.set(TWO, soon(0.2))
        made.set(ONE, soon(0.05))
        await rung.times(2)

    assert rung.runs == [ONE, TWO]


async def test_a_moment_that_is_over_rings_at_once() -> None:
    rung = Rung()
    async with alarms(rung) as made:
        made.set(ONE, datetime(2020, 1, 1, tzinfo=UTC))
        await rung.times(1)


async def test_the_last_wish_counts_and_none_is_one() -> None:
    rung = Rung()
    async with alarms(rung) as made:
        made.set(ONE, soon(0.1))
        made.set(ONE, None)
        made.set(ONE, None)
        made.set(TWO, soon(0.05))
        made.set(TWO, soon(0.2))
        await rung.times(1)
        await asyncio.sleep(0.2)

    assert rung.runs == [TWO]


async def test_a_wish_made_while_it_rings_is_granted_even_when_it_is_due_already() -> None:
    rung = Rung()
    async with alarms(rung) as made:

        async def once_more(run: RunId) -> None:
            if len(rung.runs) < 3:
                made.set(run, soon(-1))
            await asyncio.sleep(0.1)  # as a store that is away would keep it

        rung.then = once_more
        made.set(ONE, soon())
        await rung.times(3)

    assert rung.runs == [ONE, ONE, ONE]


async def test_nothing_rings_after_the_end() -> None:
    rung = Rung()
    async with alarms(rung) as made:
        made.set(ONE, soon(0.1))
    await asyncio.sleep(0.3)

    assert rung.runs == []
