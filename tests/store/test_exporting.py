"""What goes is written down first: every row of it, readable, once it is on the disk; and what is not written stays."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.chat.ports import State
from bot.errors import Temporary
from bot.store.database import Store
from bot.store.exporting import Export
from bot.store.pruning import Batch, Sweep
from tests.store.history import day, days, keeping, lived

RULES = keeping(runs=days(30), revisions=days(30))


def lines(folder: Path, table: str, on: str = "2027-12-28") -> list[dict[str, Any]]:
    text = (folder / f"{table}-{on}.jsonl").read_text(encoding="utf-8")
    return [json.loads(each) for each in text.splitlines()]


def modes(folder: Path) -> set[int]:
    return {each.stat().st_mode & 0o777 for each in folder.glob("*.jsonl")}


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


async def a_batch(store: Store) -> Batch:
    """Make a history with something that goes; answer the batch of runs."""
    await lived(store, "old", 0)
    await lived(store, "older", 1)
    await lived(store, "new", 2)
    sweep = Sweep(RULES, day(400))
    while (batch := await store.history.next(sweep)) is not None:
        if batch.counts:
            return batch
    raise AssertionError("there is nothing that goes")


async def test_each_row_is_a_line_with_what_it_is_known_by(store: Store, tmp_path: Path) -> None:
    batch = await a_batch(store)

    Export(tmp_path).write(batch.rows, day(400))

    one, two = lines(tmp_path, "runs")
    assert (one["table"], one["key"], two["key"]) == ("runs", ["old"], ["older"])
    assert one["row"]["plan"]["version"] == "v1.4.2"
    assert one["row"]["state"]["phase"] == "succeeded"
    assert [each["key"] for each in lines(tmp_path, "events")] == [
        ["old", 1],
        ["old", 2],
        ["older", 1],
        ["older", 2],
    ]
    assert lines(tmp_path, "events")[1]["row"]["body"]["kind"] == "run_succeeded"
    assert [each["key"] for each in lines(tmp_path, "messages")] == [["old/card"], ["older/card"]]
    assert lines(tmp_path, "messages")[0]["row"]["state"] == State.SHOWN.value
    kept = lines(tmp_path, "deliveries")[0]
    assert kept["key"] == ["old", "hangzhou", "web"]
    assert kept["row"]["body"][0]["kind"] == "Deployment"


async def test_only_its_owner_may_read_an_export(store: Store, tmp_path: Path) -> None:
    Export(tmp_path).write((await a_batch(store)).rows, day(400))

    assert modes(tmp_path) == {0o600}


async def test_what_is_written_again_after_a_crash_has_the_same_keys(
    store: Store, tmp_path: Path
) -> None:
    batch = await a_batch(store)
    Export(tmp_path).write(batch.rows, day(400))  # and then it dies, before anything is removed

    again = await a_batch_anew(store)
    Export(tmp_path).write(again.rows, day(400))
    await store.history.remove(again)

    keys = [tuple(each["key"]) for each in lines(tmp_path, "runs")]
    assert keys == [("old",), ("older",)] * 2


async def a_batch_anew(store: Store) -> Batch:
    sweep = Sweep(RULES, day(400))
    while not (batch := await store.history.next(sweep) or Batch()).counts:
        pass
    return batch


async def test_a_line_that_is_half_written_is_taken_away(store: Store, tmp_path: Path) -> None:
    batch = await a_batch(store)
    file = tmp_path / "runs-2027-12-28.jsonl"
    file.write_text('{"table":"runs","key":["before"],"row":{}}\n{"table":"ru', encoding="utf-8")

    Export(tmp_path).write(batch.rows, day(400))

    assert [each["key"] for each in lines(tmp_path, "runs")] == [["before"], ["old"], ["older"]]


async def test_a_folder_that_is_not_there_is_not_made(store: Store, tmp_path: Path) -> None:
    batch = await a_batch(store)

    with pytest.raises(Temporary, match="no folder"):
        Export(tmp_path / "not mounted").write(batch.rows, day(400))

    assert not (tmp_path / "not mounted").exists()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system refuse to make files longer than `size` bytes, as a full disk does."""
    import signal  # noqa: PLC0415 - for here alone

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


async def test_a_disk_that_is_full_leaves_whole_lines_behind(store: Store, tmp_path: Path) -> None:
    batch = await a_batch(store)
    folder = tmp_path / "export"
    folder.mkdir()
    Export(folder).write(batch.rows, day(400))
    before = contents(folder)

    with (
        files_of_at_most(len(before["deliveries-2027-12-28.jsonl"]) + 10),
        pytest.raises(Temporary, match="nothing can be exported"),
    ):
        Export(folder).write(batch.rows, day(400))

    assert all(each.endswith(b"}\n") for each in contents(folder).values())
