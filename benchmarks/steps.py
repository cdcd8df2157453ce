"""Durable steps a second: many runs of steps that do nothing at once and one run alone, against DBOS and the bare limit.

The bare limit is a loop that writes rows of the same size to the same database with group commit, and does
nothing else. On SQLite, and on PostgreSQL where its server is installed.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url, text

from benchmarks.report import row
from benchmarks.world import Workshop
from bot.store.database import make_engine
from tests.postgres import Postgres, binaries

RUNS = 300
STEPS = 5
ALONE = 200
GROUP = 300


async def at_once(url: str) -> float:
    """Answer the steps a second of many runs at once."""
    workshop = Workshop(Path(), url)
    runs = [await workshop.add(f"app-{at}", ["nothing"] * STEPS) for at in range(RUNS)]
    begun = time.perf_counter()
    await asyncio.gather(*(workshop.engine.begin(each) for each in runs))
    await all_ended(workshop, RUNS)
    seconds = time.perf_counter() - begun
    await workshop.close()
    return RUNS * STEPS / seconds


async def alone(url: str) -> float:
    """Answer the steps a second of one run that nothing goes on beside."""
    workshop = Workshop(Path(), url)
    run = await workshop.add("alone", ["nothing"] * ALONE)
    begun = time.perf_counter()
    await workshop.engine.begin(run)
    await all_ended(workshop, 1)
    seconds = time.perf_counter() - begun
    await workshop.close()
    return ALONE / seconds


async def all_ended(workshop: Workshop, count: int) -> None:
    """Wait until so many runs have ended."""
    while len(workshop.watcher.over) < count:
        await asyncio.sleep(0.001)


def bare_limit(url: str) -> float:
    """Answer the steps a second of a loop that only writes: a state and an event each, committed in groups."""
    state, said = "s" * 1500, "e" * 150
    engine = make_engine(make_url(url), alone=url.startswith("sqlite"))
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE runs (id INTEGER PRIMARY KEY, version INTEGER, state TEXT)")
        )
        connection.execute(text("CREATE TABLE events (run INTEGER, number INTEGER, body TEXT)"))
        connection.execute(
            text("INSERT INTO runs VALUES (:id, 0, :state)"),
            [{"id": at, "state": state} for at in range(RUNS)],
        )
    begun = time.perf_counter()
    for step in range(STEPS):
        for first in range(0, RUNS, GROUP):
            group = range(first, min(first + GROUP, RUNS))
            with engine.begin() as connection:
                connection.exec_driver_sql(*update(engine.dialect.name, group, step, state))
                connection.exec_driver_sql(*insert(engine.dialect.name, group, step, said))
    seconds = time.perf_counter() - begun
    engine.dispose()
    return RUNS * STEPS / seconds


def update(
    dialect: str, group: range, step: int, state: str
) -> tuple[str, list[tuple[int, str, int]]]:
    """Answer the statement that writes the states of a group, as its driver wants it."""
    mark = "?" if dialect == "sqlite" else "%s"
    words = f"UPDATE runs SET version = {mark}, state = {mark} WHERE id = {mark}"
    return words, [(step, state, at) for at in group]


def insert(
    dialect: str, group: range, step: int, said: str
) -> tuple[str, list[tuple[int, int, str]]]:
    """Answer the statement that writes the events of a group."""
    mark = "?" if dialect == "sqlite" else "%s"
    words = f"INSERT INTO events VALUES ({mark}, {mark}, {mark})"
    return words, [(at, step, said) for at in group]


def by_dbos(url: str) -> tuple[float, float]:
    """Answer what DBOS does on a database: many at once, and one alone."""
    words = [sys.executable, "-m", "benchmarks.dbos_peer", url, str(RUNS), str(STEPS), str(ALONE)]
    done = subprocess.run(words, capture_output=True, check=True, text=True, timeout=600)
    many, one = done.stdout.split()[-2:]
    return float(many), float(one)


async def compare(name: str, urls: Iterator[str]) -> None:
    """Measure and print one kind of database; each measurement has one of its own."""
    many, one = await at_once(next(urls)), await alone(next(urls))
    bare = bare_limit(next(urls))
    peer, peer_alone = by_dbos(next(urls))
    row(
        f"{name}: {RUNS} runs of {STEPS} steps at once",
        f"{many:,.0f} steps/s",
        goal="25 × DBOS",
        peer=f"{peer:,.0f} steps/s",
        ratio=f"{many / peer:.1f} × DBOS",
    )
    row(
        f"{name}: the same against a loop that only writes such rows",
        f"{many:,.0f} steps/s",
        goal="1/4 of it",
        peer=f"(it did {bare:,.0f})",
        ratio=f"1/{bare / many:.1f}",
    )
    row(
        f"{name}: one run of {ALONE} steps alone",
        f"{one:,.0f} steps/s",
        goal="2 × DBOS",
        peer=f"{peer_alone:,.0f} steps/s",
        ratio=f"{one / peer_alone:.1f} × DBOS",
    )


def files(folder: Path) -> Iterator[str]:
    """Yield URLs of fresh SQLite files."""
    at = 0
    while True:
        at += 1
        yield f"sqlite:///{folder / f'{at}.db'}"


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="shipmate-bench-") as name:
        await compare("SQLite", files(Path(name)))
    found = binaries()
    if found is None:
        row("PostgreSQL", "not measured: it is not installed")
        return
    server = Postgres(found, durable=True)
    server.start()
    try:
        await compare("PostgreSQL", iter(server.fresh, ""))
    finally:
        server.stop()


if __name__ == "__main__":
    asyncio.run(main())
