"""How the cost of a step grows: with runs at once, with steps of a run, and with a history of a million events.

The history is copied row by row from runs that were really made, which takes seconds instead of minutes; what is measured
beside it is real.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, insert, make_url, select

from benchmarks.steps import all_ended
from benchmarks.world import Workshop
from bot.store import tables
from bot.store.database import make_engine

AT_ONCE = (100, 1_000, 10_000)
LENGTHS = (5, 100)
STEPS = 5
FROM_LONG_RUNS = 3_000
"""Steps of all runs together where their length is measured."""
HISTORY = 1_000_000
ROWS = 5_000
"""Rows that are copied in one transaction."""
BESIDE = 300
LOOKS = 50


async def steps_a_second(url: str, runs: int, length: int, name: str) -> float:
    """Answer the steps a second of so many runs at once, of so many steps each."""
    workshop = Workshop(Path(), url)
    made = [await workshop.add(f"{name}-{at}", ["nothing"] * length) for at in range(runs)]
    begun = time.perf_counter()
    await asyncio.gather(*(workshop.engine.begin(each) for each in made))
    await all_ended(workshop, runs)
    seconds = time.perf_counter() - begun
    await workshop.close()
    return runs * length / seconds


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
    await steps_a_second(url, 100, STEPS, "old")
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


def files(folder: Path) -> Iterator[str]:
    """Yield URLs of fresh SQLite files."""
    for at in range(1_000):
        yield f"sqlite:///{folder / f'{at}.db'}"


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="shipmate-bench-") as name:
        urls = files(Path(name))
        print("\nHow the cost grows (SQLite, durable steps a second)")
        for runs in AT_ONCE:
            rate = await steps_a_second(next(urls), runs, STEPS, "app")
            print(f"  {runs:6,} runs at once of {STEPS} steps    {rate:10,.0f}")
        for length in LENGTHS:
            rate = await steps_a_second(next(urls), FROM_LONG_RUNS // length, length, "long")
            print(
                f"  {FROM_LONG_RUNS // length:6,} runs at once of {length:3} steps  {rate:10,.0f}"
            )
        url = next(urls)
        young = await milliseconds_to_look(url)
        count = await age(url)
        old = await milliseconds_to_look(url)
        rate = await steps_a_second(url, BESIDE, STEPS, "new")
        fresh = await steps_a_second(next(urls), BESIDE, STEPS, "new")
        print(f"  {BESIDE:6,} runs of {STEPS} steps, no history  {fresh:10,.0f}")
        print(f"  the same after {count:,} events {rate:10,.0f}")
        print(f"\n  {'':34} {'no history':>12} {count:>10,} events")
        for said, before, after in zip(
            ("open and recover", "the newest runs of a place", "its revisions"),
            young,
            old,
            strict=True,
        ):
            print(f"  {said:34} {before:9.1f} ms {after:14.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
