"""Locks: one for each place, changed once a request, told once; and what the audit log is searched by."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from bot.catalog.model import Freeze, Permission
from bot.chat.ports import Kind, Shown, State
from bot.clock import SystemClock
from bot.errors import UserError
from bot.events import RunId
from bot.operations.results import Audited
from bot.run.locks import Lock, LockChange
from bot.run.ports import Latest
from bot.store import codec
from bot.store.database import MIGRATIONS, Store, open_store
from bot.store.reading import audit_lines
from tests.builders import NOON, a_plan
from tests.store.test_conversation import an_audit_line

LOCK = Lock(environment="prod", by="dev", reason="the database moves", since=NOON)


def locking(lock: Lock = LOCK) -> Callable[[Lock | None], LockChange | None]:
    return lambda present: LockChange(at=NOON, by="dev", channel="C1", before=present, after=lock)


def lifting(present: Lock | None) -> LockChange | None:
    if present is None:
        return None
    return LockChange(at=NOON, by="sre", channel="C1", before=present, after=None)


async def test_a_lock_is_kept_changed_and_lifted(store: Store) -> None:
    changed = replace(LOCK, reason="it moves still", until=NOON + timedelta(hours=1))
    await store.locks.change("prod", "", locking(), request="r1")
    assert await store.locks.there_are() == [LOCK]

    made, before = await store.locks.change("prod", "", locking(changed), request="r2")
    assert before == LOCK
    assert made == LockChange(at=NOON, by="dev", channel="C1", before=LOCK, after=changed)
    assert await store.locks.there_are("prod") == [changed]

    await store.locks.change("prod", "", lifting, request="r3")
    assert await store.locks.there_are() == []


async def test_an_environment_and_an_application_in_it_have_locks_of_their_own(
    store: Store,
) -> None:
    shop = replace(LOCK, application="shop")
    dev = replace(LOCK, environment="dev")
    for each in (LOCK, shop, dev):
        await store.locks.change(
            each.environment, each.application, locking(each), request=each.place
        )

    assert await store.locks.there_are("prod") == [LOCK, shop]
    assert await store.locks.there_are() == [dev, LOCK, shop]
    await store.locks.change("prod", "", lifting, request="r")
    assert await store.locks.there_are("prod") == [shop]


async def test_a_request_changes_a_lock_once(store: Store) -> None:
    first, _ = await store.locks.change("prod", "", locking(), request="r1")
    await store.locks.change("prod", "", lifting, request="r2")

    again, before = await store.locks.change("prod", "", locking(), request="r1")

    assert (again, before) == (first, None)
    assert await store.locks.there_are() == []
    assert len(await store.ledger.unannounced_locks()) == 2


async def test_what_is_decided_against_changes_nothing(store: Store) -> None:
    await store.locks.change("prod", "", locking(), request="r1")

    assert await store.locks.change("prod", "", lambda _: None, request="r2") == (None, LOCK)
    assert await store.locks.there_are() == [LOCK]
    assert len(await store.ledger.unannounced_locks()) == 1


async def test_of_two_at_once_one_has_the_lock(store: Store) -> None:
    def take(name: str) -> Callable[[Lock | None], LockChange | None]:
        lock = replace(LOCK, by=name)
        return lambda present: None if present else locking(lock)(present)

    answers = await asyncio.gather(
        *(store.locks.change("prod", "", take(name), request=name) for name in ("dev", "dev2"))
    )

    winner = next(change.by for change, _ in answers if change)
    assert [change is None for change, _ in answers].count(True) == 1
    assert [each.reason for each in await store.locks.there_are()] == [LOCK.reason]
    assert winner


async def test_a_run_is_decided_on_with_the_locks_of_its_environment(store: Store) -> None:
    await store.locks.change("prod", "", locking(), request="r1")
    seen: list[Latest] = []

    for environment in ("prod", "dev"):
        await store.runs.add("shop", environment, seen.append)

    assert [each.locks for each in seen] == [(LOCK,), ()]


async def test_a_change_is_told_once(store: Store) -> None:
    await store.locks.change("prod", "", locking(), request="r1")
    (recorded,) = await store.ledger.unannounced_locks()
    message = Shown(
        key=f"lock/{recorded.number}",
        run=RunId(""),
        kind=Kind.LOCK,
        chat="slack",
        channel="C1",
        in_thread=False,
        number=recorded.number,
    )

    await store.ledger.announce_lock(recorded.number, message)
    await store.ledger.update(replace(message, state=State.SHOWN, ts="1.1"))
    await store.ledger.announce_lock(recorded.number, message)

    assert await store.ledger.unannounced_locks() == []
    assert await store.ledger.pending() == []
    assert await store.ledger.lock_change(recorded.number) == recorded
    assert await store.ledger.lock_change(99) is None


def test_a_plan_keeps_the_rules_of_its_environment() -> None:
    freeze = Freeze(name="fair", start=NOON, end=NOON + timedelta(hours=1), passed_by=("sre",))
    rule = Permission(applications=("shop",), deployers=(), approvers=None)
    plan = replace(a_plan(), passed=("freeze:fair",))
    ruled = replace(plan.environment, freezes=(freeze,), permissions=(rule,), auditors=("sre",))
    plan = replace(plan, environment=ruled)

    assert codec.read(codec.PLAN, codec.write(codec.PLAN, plan)) == plan


LINES = [
    ("dev", "shop", "prod", 1),
    ("dev2", "shop", "dev", 2),
    ("dev", "orders", "prod", 3),
    ("guest", "", "", 4),
]


async def audited(store: Store) -> None:
    for person, application, environment, hours in LINES:
        line = replace(
            an_audit_line(f"r{hours}"),
            at=NOON + timedelta(hours=hours),
            person=person,
            application=application,
            environment=environment,
            passed=("freeze:weekend",),
        )
        await store.inbox.done(f"r{hours}", line)


async def test_the_audit_log_is_searched(store: Store) -> None:
    await audited(store)

    async def found(**wanted: object) -> list[str]:
        lines = await store.audit.lines(**wanted)  # type: ignore[arg-type] # the test says by what
        return [each.request for each in lines]

    assert await found() == ["r4", "r3", "r2", "r1"]
    assert await found(person="dev") == ["r3", "r1"]
    assert await found(application="shop") == ["r2", "r1"]
    assert await found(environments=("prod",)) == ["r3", "r1"]
    assert await found(environments=()) == []
    assert await found(since=NOON + timedelta(hours=3)) == ["r4", "r3"]
    assert await found(limit=1, application="shop", environments=("prod", "dev")) == ["r2"]


async def test_the_audit_log_is_read_beside_a_shipmate_that_runs(url: str, store: Store) -> None:
    await audited(store)

    lines = [*audit_lines(url)]

    assert [each.request for each in lines] == ["r1", "r2", "r3", "r4"]
    assert lines == (await store.audit.lines())[::-1]
    assert [each.request for each in audit_lines(url, environment="prod", person="dev")] == [
        "r1",
        "r3",
    ]
    assert [each.request for each in audit_lines(url, since=NOON + timedelta(hours=4))] == ["r4"]


async def test_a_log_of_another_version_is_not_read(url: str) -> None:
    at_version(url, "0002")

    with pytest.raises(UserError, match=r"another Shipmate \(0002; this one knows [0-9]{4}\)"):
        [*audit_lines(url)]


async def test_lines_of_before_are_searched_by_what_they_say(url: str) -> None:
    at_version(url, "0002")
    old = {
        "at": "2026-11-23T12:00:00Z",
        "person": "sre",
        "chat": "slack",
        "channel": "C1",
        "via": "button",
        "request": "approve run:1",
        "outcome": "allowed",
        "run": "shop/prod#1",
    }
    engine = create_engine(url)
    with engine.begin() as connection:
        body = json.dumps(old)  # as it was written then
        connection.execute(text("INSERT INTO audit (body) VALUES (:body)"), {"body": body})
    engine.dispose()

    store = open_store(url, SystemClock())
    found = await store.audit.lines(
        application="shop", environments=("prod",), person="sre", since=NOON
    )
    await store.close()

    assert [(each.request, each.application, each.passed) for each in found] == [
        ("approve run:1", "", ())
    ]
    assert isinstance(found[0], Audited)


def at_version(url: str, version: str) -> None:
    """Make a database as an older Shipmate left it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()
