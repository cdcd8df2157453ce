"""`shipmate db`: which tables there are, bringing them up to date, and a copy that somebody can go back to."""

import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine
from typer.testing import CliRunner

from bot.cli import app
from bot.clock import SystemClock
from bot.errors import UserError
from bot.store import upkeep
from bot.store.database import migrate, newest_tables, open_store
from tests.postgres import Postgres
from tests.store.test_runs import added


def says(url: str, *words: str) -> tuple[int, str]:
    """Call `shipmate db`; answer its exit code and what it printed."""
    found = CliRunner().invoke(app, ["db", *words], env={"DATABASE_URL": url})
    return found.exit_code, found.output


def test_what_the_tables_are_is_said_before_and_after_an_upgrade(url: str) -> None:
    known = newest_tables()
    assert says(url, "current") == (
        0,
        f"The database has no tables yet; this Shipmate makes those of version {known}.\n",
    )
    engine = create_engine(url)
    migrate(engine, "0005")
    engine.dispose()

    assert "version 0005 and this Shipmate's of" in says(url, "current")[1]
    assert says(url, "upgrade") == (
        0,
        f"The tables are of version {known} now; they were of 0005.\n",
    )
    assert says(url, "current") == (0, f"The tables are of version {known}: up to date.\n")
    assert says(url, "upgrade") == (0, f"The tables are of version {known} already.\n")


async def test_a_file_that_a_shipmate_has_open_is_not_upgraded(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shipmate.db'}"
    store = open_store(url, SystemClock())

    with pytest.raises(UserError, match="another Shipmate"):
        upkeep.upgrade(url)

    await store.close()


async def test_a_copy_of_a_file_has_what_was_stored_while_the_bot_runs(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'shipmate.db'}", SystemClock())
    run = await added(store)

    code, said = says(f"sqlite:///{tmp_path / 'shipmate.db'}", "backup", str(tmp_path / "copy.db"))

    assert code == 0, said
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}", SystemClock())
    assert await copy.runs.get(run.id) == run
    await copy.close()
    await store.close()


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="needs pg_dump")
def test_a_dump_of_a_database_can_be_restored(postgres: Postgres, tmp_path: Path) -> None:
    url, other = postgres.fresh(), postgres.fresh().replace("+psycopg", "")
    says(url, "upgrade")

    code, said = says(url.replace("@", ":no%3Aone@"), "backup", str(tmp_path / "copy.dump"))
    assert code == 0, said
    subprocess.run(
        ["pg_restore", f"--dbname={other}", "--no-owner", str(tmp_path / "copy.dump")], check=True
    )

    with psycopg.connect(other) as connection:
        assert connection.execute("SELECT name FROM leases").fetchall() == [("leader",)]


def test_without_the_program_it_is_said_what_to_run(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UserError, match=r"pg_dump is not installed here; .* --format=custom"):
        upkeep.backup(postgres.fresh(), tmp_path / "copy.dump")


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    there = tmp_path / "copy.db"
    there.write_text("mine", encoding="utf-8")

    code, said = says(f"sqlite:///{tmp_path / 'shipmate.db'}", "backup", str(there))

    assert (code, there.read_text(encoding="utf-8")) == (1, "mine")
    assert "is there already; name another file" in said
