"""Durable steps a second: many runs of steps that do nothing at once, one run alone, and the bare limit.

The bare limit is a loop that writes rows of the same size to the same file system with group commit, and does
nothing else.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.world import Workshop

RUNS = 300
STEPS = 5
ALONE = 200
GROUP = 300


async def at_once(folder: Path) -> float:
    """Answer the steps a second of many runs at once."""
    workshop = Workshop(folder)
    runs = [await workshop.add(f"app-{at}", ["nothing"] * STEPS) for at in range(RUNS)]
    begun = time.perf_counter()
    await asyncio.gather(*(workshop.engine.begin(each) for each in runs))
    await all_ended(workshop, RUNS)
    seconds = time.perf_counter() - begun
    await workshop.close()
    return RUNS * STEPS / seconds


async def alone(folder: Path) -> float:
    """Answer the steps a second of one run that nothing goes on beside."""
    workshop = Workshop(folder)
    run = await workshop.add("alone", ["nothing"] * ALONE)
    begun = time.perf_counter()
    await workshop.engine.begin(run)
    await all_ended(workshop, 1)
    seconds = time.perf_counter() - begun
    await workshop.close()
    return ALONE / seconds


async def all_ended(workshop: Workshop, count: int) -> None:
    """Wait until so many runs have ended."""
    while sum(each.phase.ended for each in workshop.watcher.latest.values()) < count:
        await asyncio.sleep(0.001)


def bare_limit(folder: Path) -> float:
    """Answer the steps a second of a loop that only writes: a state and an event each, committed in groups."""
    state, event = "s" * 1500, "e" * 150
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(
            "CREATE TABLE runs (id INTEGER PRIMARY KEY, version INTEGER, state TEXT)"
        )
        connection.execute("CREATE TABLE events (run INTEGER, number INTEGER, body TEXT)")
        connection.executemany(
            "INSERT INTO runs VALUES (?, 0, ?)", ((at, state) for at in range(RUNS))
        )
        begun = time.perf_counter()
        for step in range(STEPS):
            for first in range(0, RUNS, GROUP):
                group = range(first, min(first + GROUP, RUNS))
                connection.execute("BEGIN")
                connection.executemany(
                    "UPDATE runs SET version = ?, state = ? WHERE id = ?",
                    ((step, state, at) for at in group),
                )
                connection.executemany(
                    "INSERT INTO events VALUES (?, ?, ?)", rows(group, step, event)
                )
                connection.execute("COMMIT")
        return RUNS * STEPS / (time.perf_counter() - begun)


def rows(group: range, step: int, event: str) -> Iterator[tuple[int, int, str]]:
    """Yield the events of a group."""
    for at in group:
        yield at, step, event


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="shipmate-bench-") as name:
        folder = Path(name)
        many = await at_once(folder)
        one = await alone(folder)
        bare = bare_limit(folder)
    print("\nDurable steps a second on SQLite")
    print(f"  {RUNS} runs of {STEPS} steps at once   {many:10,.0f}")
    print(f"  one run alone                {one:10,.0f}")
    print(
        f"  the bare limit               {bare:10,.0f}   (Shipmate takes 1/{bare / many:.1f} of it)"
    )


if __name__ == "__main__":
    asyncio.run(main())
