"""From every version of the tables that there has been, with rows in each table: everything is there after the upgrade."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Integer, MetaData, create_engine, select

from bot.chat.ports import OpenHome
from bot.clock import SystemClock
from bot.events import RunId, RunStarted
from bot.run.inventory import Key
from bot.run.model import Run
from bot.store.database import MIGRATIONS, Store, migrate, open_store
from tests.builders import at
from tests.store.test_conversation import a_card, a_request, an_audit_line
from tests.store.test_inventory import an_item
from tests.store.test_locks import LOCK, locking
from tests.store.test_runs import a_revision, added, ended, next_of

RELEASED = [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
JOB = Key("east", "batch", "Job", "shop", "migrate")
HOME = OpenHome(chat="slack", identity="U03SRE", email="sre@shop.example", opened=1.0)


async def with_everything(folder: Path) -> Engine:
    """Make a database with something in every table; answer what reads it."""
    url = f"sqlite:///{folder / 'full.db'}"
    store = open_store(url, SystemClock())
    await ended(store, await added(store, "one"), revision=1)
    busy = await added(store, "two")
    happened = [RunStarted(at=at(1))]
    await store.runs.save(next_of(busy, *happened), happened)
    await store.inbox.receive(a_request("answered"))
    await store.inbox.done("answered", an_audit_line("deploy shop prod v1"))
    await store.inbox.receive(a_request("left"))
    await store.ledger.add(a_card("two"))
    await store.inventory.note("shop", "prod", [an_item()])
    await store.inventory.arrived("shop", "prod", [an_item().key])
    await store.inventory.succeeded("shop", "prod", [JOB])
    await store.inventory.keep(RunId("one"), "hangzhou", {"web": [an_item().manifest]})
    await store.locks.change("prod", "", locking(), request="lock-1")
    await store.homes.opened(HOME)
    await store.close()
    return create_engine(url)


def copied(source: Engine, target: Engine) -> set[str]:
    """Copy the rows of all tables and columns that `target` has; name the tables that got some."""
    old, new = MetaData(), MetaData()
    old.reflect(target)
    new.reflect(source)
    filled = set()
    with source.connect() as reading, target.begin() as writing:
        for name, table in old.tables.items():
            if name in {"alembic_version", "leases"}:
                continue
            counted = [each.name for each in table.primary_key if isinstance(each.type, Integer)]
            if len(table.primary_key) > 1:
                counted = []  # only a key of its own is given by the database
            columns = [each.name for each in table.columns if each.name not in counted]
            rows = reading.execute(select(*(new.tables[name].c[each] for each in columns)))
            found = [dict(zip(columns, row, strict=True)) for row in rows]
            if found:
                writing.execute(table.insert(), found)
                filled.add(name)
    return filled


@pytest.mark.parametrize("version", sorted(RELEASED))
async def test_what_was_stored_by_any_version_is_there_after_the_upgrade(
    version: str, url: str, tmp_path: Path
) -> None:
    source = await with_everything(tmp_path)
    engine = create_engine(url)
    migrate(engine, version)
    filled = copied(source, engine)
    source.dispose()
    engine.dispose()

    store = open_store(url, SystemClock())
    one, two = await runs_of(store)

    assert one.phase.ended
    assert two.begun
    assert await store.runs.unfinished() == [two]
    assert await store.runs.revision("shop", "prod") == a_revision(one)
    assert [each.event for each in await store.runs.events(two.id)][-1] == RunStarted(at=at(1))
    assert [each.received for each in await store.inbox.unanswered()] == [a_request("left")]
    assert await store.audit.lines() == [an_audit_line("deploy shop prod v1")]
    assert await store.ledger.pending() == [a_card("two")]
    if "inventory" in filled:
        assert await store.inventory.items("shop", "prod") == [an_item()]
        assert await store.inventory.done("shop", "prod") == {JOB}
    if "locks" in filled:
        assert await store.locks.there_are() == [LOCK]
        assert len(await store.ledger.unannounced_locks()) == 1
    if "homes" in filled:
        assert await store.homes.lately("slack", 0.0, 10) == [HOME]
    three = await added(store, "three")
    assert three.number == 3
    await store.close()


async def runs_of(store: Store) -> tuple[Run, Run]:
    one, two = await store.runs.get(RunId("one")), await store.runs.get(RunId("two"))
    assert one is not None
    assert two is not None
    return one, two
