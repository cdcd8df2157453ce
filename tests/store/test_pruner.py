"""Whoever leads removes what is kept no more in the background, and nothing that could not be exported."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest
from typing_extensions import override

from bot.clock import Clock
from bot.errors import Temporary
from bot.store.database import Store
from bot.store.exporting import Export
from bot.store.pruner import Pruner
from tests.patience import PATIENCE
from tests.store.history import day, days, keeping, lived


class Then(Clock):
    """A clock that stands still."""

    @override
    def now(self) -> datetime:
        return day(400)


class Told:
    """Hears of what was removed, and of what was not."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.failures = 0

    def pruned(self, counts: Mapping[str, int]) -> None:
        self.counts.update(counts)

    def failed(self) -> None:
        self.failures += 1


class Line(logging.Handler):
    """Waits for one line of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.said = ""
        self.heard = asyncio.Event()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.said = record.getMessage()
        self.heard.set()


@pytest.fixture
def line(caplog: pytest.LogCaptureFixture) -> Iterator[Line]:
    caplog.set_level(logging.INFO, "bot.store.pruner")
    made = Line()
    logging.getLogger("bot.store.pruner").addHandler(made)
    yield made
    logging.getLogger("bot.store.pruner").removeHandler(made)


def tables_in(folder: Path) -> set[str]:
    return {each.name.split("-")[0] for each in folder.glob("*.jsonl")}


def a_pruner(store: Store, told: Told, export: Export | None = None) -> Pruner:
    return Pruner(
        history=store.history,
        rules=keeping(runs=days(30)),
        clock=Then(),
        export=export,
        pruned=told.pruned,
        failed=told.failed,
        pause=0.0,
    )


async def test_it_begins_at_once_and_says_what_it_has_done(store: Store, line: Line) -> None:
    await lived(store, "old", 0)
    await lived(store, "new", 1)
    told = Told()
    pruner = a_pruner(store, told)

    pruner.start()
    await asyncio.wait_for(line.heard.wait(), PATIENCE)
    await pruner.stop()

    assert told.counts == {"runs": 1, "events": 2, "messages": 1, "deliveries": 1}
    assert line.said == "removed what is kept no more: 2 events, 1 messages, 1 deliveries, 1 runs"


async def test_what_cannot_be_exported_stays_and_that_is_said(
    store: Store, tmp_path: Path, line: Line
) -> None:
    old = await lived(store, "old", 0)
    await lived(store, "new", 1)
    told = Told()
    pruner = a_pruner(store, told, Export(tmp_path / "not mounted"))

    pruner.start()
    await asyncio.wait_for(line.heard.wait(), PATIENCE)
    await pruner.stop()

    assert told.failures == 1
    assert not told.counts
    assert await store.runs.get(old.id) is not None
    assert "no folder" in line.said


async def test_what_goes_was_exported_before(store: Store, tmp_path: Path) -> None:
    await lived(store, "old", 0)
    await lived(store, "new", 1)

    gone = await a_pruner(store, Told(), Export(tmp_path)).prune()

    assert gone["runs"] == 1
    assert tables_in(tmp_path) == set(gone)


async def test_a_death_between_export_and_removal_loses_nothing(
    store: Store, tmp_path: Path
) -> None:
    old = await lived(store, "old", 0)
    await lived(store, "new", 1)

    class Dying(Export):
        @override
        def write(self, rows: object, now: datetime) -> None:
            super().write(rows, now)  # type: ignore[arg-type] # as it was handed over
            raise Temporary("the process dies here")

    with pytest.raises(Temporary):
        await a_pruner(store, Told(), Dying(tmp_path)).prune()
    assert await store.runs.get(old.id) is not None

    await a_pruner(store, Told(), Export(tmp_path)).prune()
    assert await store.runs.get(old.id) is None
    written = (tmp_path / "runs-2027-12-28.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(written) == 2
    assert written[0] == written[1]
