"""Opening the store: a fresh file, an old one, one from the future, one that somebody has, one that is none."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from bot.clock import SystemClock
from bot.errors import Temporary, UserError
from bot.store.database import Store, migrate, open_store
from bot.store.tables import metadata
from tests.postgres import Postgres, binaries
from tests.store.test_runs import added

ROOT = Path(__file__).parents[2]

HOLDER = """
import sys, time
from bot.clock import SystemClock
from bot.store.database import open_store
store = open_store(sys.argv[1], SystemClock())
print("open", flush=True)
time.sleep(600)
"""


def a_holder(url: str) -> subprocess.Popen[str]:
    """Start another process that has the store open."""
    held = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert held.stdout is not None
    assert held.stdout.readline() == "open\n"
    return held


@pytest.fixture
def a_server_of_ones_own(postgres: Postgres) -> Iterator[Postgres]:
    """Bring up a server that may fall without taking other tests along."""
    found = binaries()
    assert found is not None
    made = Postgres(found)
    made.start()
    yield made
    made.stop()


def end(held: "subprocess.Popen[str]") -> None:
    held.send_signal(signal.SIGKILL)
    held.wait()
    assert held.stdout is not None
    held.stdout.close()


def test_the_migrations_make_the_tables_that_the_code_uses(url: str) -> None:
    engine = create_engine(url)
    migrate(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


async def test_what_was_stored_is_there_after_opening_again(url: str, store: Store) -> None:
    run = await added(store)
    await store.close()

    again = open_store(url, SystemClock())
    assert await again.runs.get(run.id) == run
    await again.close()


def test_of_the_runs_of_a_shipmate_without_a_line_those_that_ran_have_begun(url: str) -> None:
    engine = create_engine(url)
    migrate(engine, "0002")
    row = text(
        "INSERT INTO runs (id, application, environment, number, phase, ended, created, version, plan, state)"
        " VALUES (:id, 'shop', :environment, 1, :phase, :ended, 0, 1, '', '')"
    )
    rows = [("done", "succeeded", 1), ("busy", "suspending", 0), ("dead", "initializing", 0)]
    with engine.begin() as connection:
        for name, phase, ended in rows:
            values = {"id": name, "environment": name, "phase": phase, "ended": ended}
            connection.execute(row, values)

    migrate(engine)

    with engine.connect() as connection:
        found = connection.execute(text("SELECT id, begun FROM runs"))
        assert {each.id: each.begun for each in found} == {"done": 1, "busy": 1, "dead": 0}
    engine.dispose()


def test_a_database_of_a_newer_shipmate_is_refused_and_left_alone(url: str) -> None:
    engine = create_engine(url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(UserError, match=r"written by a newer Shipmate.*up to [0-9]{4}"):
        open_store(url, SystemClock())

    with engine.connect() as connection:
        assert (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
        )
    engine.dispose()


async def test_a_second_process_is_kept_out_until_the_first_is_gone(url: str) -> None:
    held = a_holder(url)
    said = rf"another Shipmate (\(process {held.pid}\) uses .*shipmate.db|uses this database)"
    with pytest.raises(UserError, match=said):
        open_store(url, SystemClock())

    end(held)  # no chance to unlock anything

    store = open_store(url, SystemClock())
    assert await store.runs.unfinished() == []
    await store.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
async def test_a_url_of_postgresql_needs_no_driver_in_it(postgres: Postgres, scheme: str) -> None:
    url = postgres.fresh().replace("postgresql+psycopg", scheme)

    store = open_store(url, SystemClock())

    assert await store.runs.unfinished() == []
    await store.close()


async def test_a_server_that_fell_is_written_to_again_under_the_same_lock(
    a_server_of_ones_own: Postgres,
) -> None:
    url = a_server_of_ones_own.fresh()
    store = open_store(url, SystemClock())
    a_server_of_ones_own.fall()
    with pytest.raises(Temporary, match="the database refused"):
        await added(store)
    a_server_of_ones_own.serve()

    run = await added(store)

    assert await store.runs.get(run.id) == run
    with pytest.raises(UserError, match="another Shipmate uses this database; stop it first"):
        open_store(url, SystemClock())
    await store.close()


async def test_who_lost_the_lock_to_another_process_writes_nothing(
    a_server_of_ones_own: Postgres,
) -> None:
    url = a_server_of_ones_own.fresh()
    store = open_store(url, SystemClock())
    a_server_of_ones_own.fall()
    a_server_of_ones_own.serve()
    other = a_holder(url)

    with pytest.raises(Temporary, match="another Shipmate uses this database"):
        await added(store)

    end(other)
    run = await added(store)
    assert await store.runs.unfinished() == [run]
    await store.close()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("no url at all", "DATABASE_URL is no database URL"),
        ("mysql+nosuchdriver://host/db", "this DATABASE_URL cannot be used"),
        ("postgresql+asyncpg://host/db", "needs the package asyncpg"),
        ("postgresql+psycopg://127.0.0.1:1/db", "the database cannot be opened: connection failed"),
    ],
)
def test_a_url_that_cannot_be_used_is_explained(given: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        open_store(given, SystemClock())


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("remember the milk\n" * 100, encoding="utf-8")

    with pytest.raises(UserError, match="the database cannot be opened: file is not a database"):
        open_store(f"sqlite:///{path}", SystemClock())


def test_a_folder_that_is_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("", encoding="utf-8")

    with pytest.raises(
        UserError, match=r"shipmate.db cannot be used: (File exists|Not a directory)"
    ):
        open_store(f"sqlite:///{tmp_path / 'state' / 'shipmate.db'}", SystemClock())
