"""How the cost of a step grows: with runs at once, with steps of a run, and with a history of a million events.

The history is copied row by row from runs that were really made, which takes seconds instead of minutes; what is measured
beside it is real.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, insert, make_url, select

from benchmarks.report import row
from benchmarks.steps import all_ended, files
from benchmarks.world import Workshop
from bot.store import tables
from bot.store.database import make_engine

AT_ONCE = (100, 1_000, 10_000)
STEPS = 5
SHORT, LONG = 5, 100
FROM_LONG_RUNS = 3_000
"""Steps of all runs together where their length is measured."""
HISTORY = 1_000_000
ROWS = 5_000
"""Rows that are copied in one transaction."""
BESIDE = 300
LOOKS = 50
LOOKED_AT = ("open and recover", "the newest runs of a place", "its revisions")


class Cost(NamedTuple):
    """What a step costs."""

    rate: float
    """Steps a second."""
    processor: float
    """Microseconds of processor time for each, which says more than the clock while others use the machine."""

    def __str__(self) -> str:
        return f"{self.rate:,.0f} steps/s, {self.processor:,.0f} µs of processor each"


async def cost(url: str, runs: int, length: int, name: str) -> Cost:
    """Answer what a step costs of so many runs at once, of so many steps each."""
    workshop = Workshop(Path(), url)
    made = await workshop.add_all([f"{name}-{at}" for at in range(runs)], ["nothing"] * length)
    begun, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(workshop.engine.begin(each) for each in made))
    await all_ended(workshop, runs)
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    await workshop.close()
    steps = runs * length
    return Cost(steps / seconds, used * 1e6 / steps)


async def milliseconds_to_look(url: str) -> tuple[float, float, float]:
    """Answer how long it takes to open the store and recover, to list the newest runs of a place, and its revisions."""
    begun = time.perf_counter()
    workshop = Workshop(Path(), url)
    await workshop.engine.recover()
    ready = time.perf_counter() - begun
    begun = time.perf_counter()
    for _ in range(LOOKS):
        await workshop.store.runs.recent("old-0", "prod", limit=10)
    recent = (time.perf_counter() - begun) / LOOKS
    begun = time.perf_counter()
    for _ in range(LOOKS):
        await workshop.store.runs.revisions("old-0", "prod", limit=10)
    revisions = (time.perf_counter() - begun) / LOOKS
    await workshop.close()
    return ready * 1000, recent * 1000, revisions * 1000


async def age(url: str) -> int:
    """Make a history of a million events of runs that have ended; answer how many there are."""
    await cost(url, 100, STEPS, "old")
    engine = make_engine(make_url(url), alone=True)
    try:
        with engine.connect() as connection:
            runs = [dict(each._mapping) for each in connection.execute(select(tables.runs))]
            said = [
                dict(each._mapping)
                for each in connection.execute(select(tables.events).order_by("sequence"))
            ]
        copies = -(-HISTORY // len(said)) - 1
        together = ROWS // len(said) + 1
        for first in range(0, copies, together):
            with engine.begin() as connection:
                for copy in range(first, min(first + together, copies)):
                    _copy(connection, runs, said, copy)
    finally:
        engine.dispose()
    return len(said) * (copies + 1)


def _copy(
    connection: Connection, runs: list[dict[str, object]], said: list[dict[str, object]], copy: int
) -> None:
    """Add the same runs once more, as later ones of the same places."""
    later = [
        {**each, "id": f"{each['id']}-{copy}", "number": copy + 2, "request": ""} for each in runs
    ]
    connection.execute(insert(tables.runs), later)
    events = [
        {name: value for name, value in each.items() if name != "sequence"}
        | {"run": f"{each['run']}-{copy}", "announced": 1}
        for each in said
    ]
    connection.execute(insert(tables.events), events)


async def at_once(urls: Iterator[str]) -> None:
    """Measure how a step's cost grows with the runs beside it and with the steps of its run."""
    few = await cost(next(urls), AT_ONCE[0], STEPS, "app")
    row(f"growth: {AT_ONCE[0]:,} runs of {STEPS} steps at once", str(few))
    for runs in AT_ONCE[1:]:
        many = await cost(next(urls), runs, STEPS, "app")
        tell(f"{runs:,} runs of {STEPS} steps at once", many, few, f"of {AT_ONCE[0]} runs")
    few = await cost(next(urls), FROM_LONG_RUNS // SHORT, SHORT, "short")
    row(f"growth: {FROM_LONG_RUNS // SHORT:,} runs of {SHORT} steps at once", str(few))
    many = await cost(next(urls), FROM_LONG_RUNS // LONG, LONG, "long")
    what = f"{FROM_LONG_RUNS // LONG:,} runs of {LONG} steps at once"
    tell(what, many, few, f"of runs of {SHORT} steps")


def tell(what: str, more: Cost, less: Cost, than: str) -> None:
    """Print a line of how the cost grows."""
    grown = f"{more.processor / less.processor:.2f} × the cost {than}"
    row(f"growth: {what}", str(more), goal="the same cost", ratio=grown)


async def with_history(urls: Iterator[str]) -> None:
    """Measure what a long history costs."""
    url = next(urls)
    young = await milliseconds_to_look(url)
    count = await age(url)
    old = await milliseconds_to_look(url)
    fresh = await cost(next(urls), BESIDE, STEPS, "new")
    beside = await cost(url, BESIDE, STEPS, "new")
    tell(f"{BESIDE} runs of {STEPS} steps after {count:,} events", beside, fresh, "without them")
    for said, before, after in zip(LOOKED_AT, young, old, strict=True):
        row(
            f"growth: {said} after {count:,} events",
            f"{after:.1f} ms",
            goal="the same as without",
            ratio=f"without: {before:.1f} ms",
        )


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="shipmate-bench-") as name:
        urls = files(Path(name))
        await at_once(urls)
        await with_history(urls)


if __name__ == "__main__":
    asyncio.run(main())
