"""`shipmate audit`, as a person and a program read it, beside a bot that runs."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.bootstrap.auditing import audited
from bot.clock import SystemClock
from bot.settings import read
from bot.store.database import open_store
from tests.command_line.shipmate import run
from tests.store.test_conversation import an_audit_line


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[str]:
    """Keep a store open that has two lines, as a bot that runs does."""
    folder = tmp_path / "state"
    store = open_store(f"sqlite:///{folder / 'shipmate.db'}", SystemClock())
    now = SystemClock().now()
    old = replace(
        an_audit_line("deploy shop prod v1"),
        at=now - timedelta(days=3),
        application="shop",
        environment="prod",
        run="shop/prod#1",
        passed=("freeze:fair",),
    )
    new = replace(an_audit_line("deploy shop prod v2"), at=now, person="guest", outcome="locked")
    for name, line in (("one", old), ("two", new)):
        await store.inbox.done(name, line)
    yield str(folder)
    await store.close()


async def test_every_answer_is_a_line_of_json(tmp_path: Path, state: str) -> None:
    said = await run(tmp_path, "audit", "--output", "jsonl", SHIPMATE_STATE=state)

    assert (said.code, said.err) == (0, "")
    lines = [json.loads(each) for each in said.out.splitlines()]
    assert [each["request"] for each in lines] == ["deploy shop prod v1", "deploy shop prod v2"]
    assert {key: value for key, value in lines[0].items() if key != "at"} == {
        "person": "dev",
        "chat": "slack",
        "channel": "C01",
        "via": "command",
        "request": "deploy shop prod v1",
        "outcome": "allowed",
        "run": "shop/prod#1",
        "application": "shop",
        "environment": "prod",
        "passed": ["freeze:fair"],
    }
    assert (lines[1]["person"], lines[1]["outcome"]) == ("guest", "locked")


async def test_the_table_keeps_to_what_is_asked_for(state: str) -> None:
    settings = read({"SHIPMATE_STATE": state})
    since = SystemClock().now() - timedelta(days=2)

    (line,) = audited(
        settings, output="table", since=since, application="", environment="", person="guest"
    )

    for part in ("guest", "locked", "deploy shop prod v2", "slack command in C01"):
        assert part in line


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("--since", "monday"), 2, "“monday” is no time: say how long ago"),
        ((), 1, "has `shipmate run` been started here?"),
    ],
)
async def test_what_cannot_be_read_is_said(
    tmp_path: Path, arguments: tuple[str, ...], code: int, text: str
) -> None:
    said = await run(tmp_path, "audit", *arguments)

    assert (said.code, said.out) == (code, "")
    assert text in said.err
    assert not (tmp_path / ".shipmate").exists()
