"""`shipmate db prune`: what is kept no more goes by hand, too, also while the bot runs and writes."""

import asyncio
from pathlib import Path
from threading import Event

import psycopg
import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from bot.cli import app
from bot.clock import SystemClock
from bot.errors import UserError
from bot.operations.replicas import Replica
from bot.store import tidying
from bot.store.database import Store, migrate, open_store
from tests.postgres import Postgres
from tests.store.history import begun, day, days, keeping, lived
from tests.store.test_inventory import an_item

RULES = keeping(runs=days(30), revisions=days(30))


async def says(url: str, *words: str, **settings: str) -> tuple[int, str]:
    """Call `shipmate db prune`, beside the loop as another process is; answer its exit code and what it printed."""

    def call() -> tuple[int, str]:
        found = CliRunner().invoke(
            app, ["db", "prune", *words], env={"DATABASE_URL": url} | settings
        )
        return found.exit_code, found.output

    return await asyncio.to_thread(call)


async def a_history(store: Store) -> None:
    """Add runs of which the first ones are old by any clock."""
    for number in range(14):
        await lived(store, f"r{number:02}", number - 2000, revision=number + 1)


async def test_what_would_go_is_said_and_goes(url: str, tmp_path: Path) -> None:
    store = open_store(url, SystemClock())
    await a_history(store)
    settings = {"SHIPMATE_KEEP_REVISIONS": "365d", "SHIPMATE_KEEP_RUNS": "365d, 2"}
    table = """\
  revisions          4
  events             8
  messages           4
  deliveries         4
  runs               4
"""
    by = "runs are kept 365d and the newest 2, revisions 365d, the audit log forever, requests 30d"

    assert await says(url, "--dry-run", **settings) == (0, f"Would go, for {by}:\n{table}")
    assert len(await store.runs.recent(limit=100)) == 14
    folder = str(tmp_path)
    assert await says(url, "--export", folder, **settings) == (
        0,
        f"Gone, for {by}:\n{table}They are in {folder}.\n",
    )
    assert len(await store.runs.recent(limit=100)) == 10
    assert await says(url, **settings) == (0, f"There is nothing to remove: {by}.\n")
    await store.close()


async def test_by_default_nothing_of_a_small_history_goes(url: str) -> None:
    store = open_store(url, SystemClock())
    await a_history(store)

    assert (await says(url))[1].startswith("There is nothing to remove")
    assert (await says(url, "--older-than", "90d"))[1].startswith("There is nothing to remove")
    code, said = await says(url, "--older-than", "soon")

    assert (code, "expected a time such as 90d" in said) == (1, True)
    await store.close()


async def test_nothing_goes_that_cannot_be_exported(url: str, tmp_path: Path) -> None:
    store = open_store(url, SystemClock())
    await a_history(store)
    missing = str(tmp_path / "missing")

    code, said = await says(
        url,
        "--older-than",
        "30d",
        SHIPMATE_KEEP_REVISIONS="365d",
        SHIPMATE_KEEP_RUNS="1d",
        SHIPMATE_EXPORT=missing,
    )

    assert (code, "there is no folder" in said) == (1, True)
    assert len(await store.runs.recent(limit=100)) == 14
    await store.close()


async def test_the_bot_goes_on_while_a_person_prunes(url: str) -> None:
    store = open_store(url, SystemClock())
    for number in range(60):
        await lived(store, f"r{number:02}", number)
    done = Event()

    def prune() -> int:
        try:
            return tidying.prune(url, RULES, day(400))["runs"]
        finally:
            done.set()

    pruning = asyncio.create_task(asyncio.to_thread(prune))
    await begun(store, "new", 401)
    while not done.is_set():
        # Reads before it writes, as a request does: the other process may write in between.
        await store.inventory.note("shop", "prod", [an_item()])

    assert await pruning >= 58
    assert [each.id for each in await store.runs.unfinished()] == ["new"]
    await store.close()


async def test_beside_one_that_leads_a_batch_waits_for_what_it_writes(postgres: Postgres) -> None:
    url = postgres.fresh()
    store = open_store(url, SystemClock(), shared=True)
    assert await store.replicas.beat(Replica(id="me", name="me", version="1", started=day(0)))
    await lived(store, "old", 0)
    await lived(store, "new", 1)
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain) as leader:
        leader.execute("SELECT token FROM leases FOR SHARE")  # as each of its transactions does
        pruning = asyncio.create_task(asyncio.to_thread(tidying.prune, url, RULES, day(400)))
        await waits_for_a_lock(plain)
        assert await store.runs.get((await store.runs.recent())[-1].id) is not None
        leader.commit()

    assert (await pruning)["runs"] == 1
    await store.close()


async def waits_for_a_lock(url: str) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with psycopg.connect(url, autocommit=True) as looking:
        while looking.execute(query).fetchone() == (0,):  # noqa: ASYNC110 - only the server knows
            await asyncio.sleep(0.01)


async def test_a_database_that_is_not_there_or_of_another_version_is_left_alone(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'shipmate.db'}"
    with pytest.raises(UserError, match="there is no database"):
        tidying.prune(url, RULES, day(400))
    engine = create_engine(url)
    migrate(engine, "0014")
    engine.dispose()

    with pytest.raises(UserError, match="another Shipmate"):
        tidying.prune(url, RULES, day(400))


async def test_a_file_gives_its_free_space_back_while_no_bot_has_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shipmate.db'}"
    store = open_store(url, SystemClock())
    for number in range(40):
        await lived(store, f"r{number:02}", number)
    await asyncio.to_thread(tidying.prune, url, RULES, day(400))
    with pytest.raises(UserError, match="stop it"):
        tidying.vacuum(url)
    await store.close()

    before, after = tidying.vacuum(url)

    assert after < before
    again = open_store(url, SystemClock())
    assert [each.id for each in await again.runs.recent()] == ["r39"]
    await again.close()


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT id FROM inbox WHERE done = 1 AND received_at < 9 ORDER BY received_at, id",
            "inbox_answered",
        ),
        (
            "SELECT id FROM runs WHERE application = 'a' AND environment = 'b' AND ended = 0",
            "unfinished_runs",
        ),
        ("SELECT 1 FROM revisions WHERE run = 'a'", "revisions_of_run"),
    ],
)
async def test_what_is_to_go_is_found_by_an_index(tmp_path: Path, query: str, index: str) -> None:
    url = f"sqlite:///{tmp_path / 'shipmate.db'}"
    await open_store(url, SystemClock()).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        plan = " ".join(each[3] for each in connection.execute(text(f"EXPLAIN QUERY PLAN {query}")))
    engine.dispose()

    assert index in plan
