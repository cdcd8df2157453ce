"""Looks after a database beside the bot: which tables it has, bringing them up to date, and a copy of all of it.

A copy can be made while the bot runs: it holds what was committed when it began, and nothing of what came after.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import UserError
from bot.store.database import bring_up_to_date, make_engine, newest_tables, parse_url
from bot.store.reading import to_read

DUMP = "pg_dump"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Versions of the tables: of the database (empty: it has none) and of this Shipmate."""

    there: str
    known: str


def tables(url: str) -> Tables:
    """Look which tables a database has; changes nothing. Raises UserError when it cannot be read."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return Tables(there="", known=newest_tables())
    engine = make_engine(to_read(parsed), alone=False)
    try:
        with engine.connect() as connection:
            there = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise UserError(f"the database cannot be read: {getattr(error, 'orig', error)}") from error
    finally:
        engine.dispose()
    return Tables(there=there or "", known=newest_tables())


def upgrade(url: str) -> Tables:
    """Bring the tables up to date; answer which there were before. Raises UserError.

    A SQLite file that a Shipmate has open is left alone; on a server it is done beside those that run.
    """
    before = tables(url)
    bring_up_to_date(parse_url(url))
    return before


def backup(url: str, file: Path) -> None:
    """Copy a database into a file that is not there yet, for nobody else to read. Raises UserError."""
    parsed = parse_url(url)
    if file.exists():
        raise UserError(f"{file} is there already; name another file")
    if not file.parent.is_dir():
        raise UserError(f"there is no folder {file.parent}")
    if parsed.get_backend_name() == "sqlite":
        _copy(Path(parsed.database or ""), file)
    else:
        _dump(parsed, file)


def _copy(database: Path, file: Path) -> None:
    """Copy a SQLite file with what is still in its log, page by page, beside whoever writes it."""
    if not database.is_file():
        raise UserError(f"there is no database at {database.absolute()}")
    file.touch(mode=0o600)
    try:
        with (
            closing(sqlite3.connect(f"file:{database.absolute()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(file)) as copy,
        ):
            source.backup(copy)
    except sqlite3.Error as error:
        file.unlink()
        raise UserError(f"the database could not be copied: {error}") from error


def _dump(url: URL, file: Path) -> None:
    """Let PostgreSQL's own program make an archive, which pg_restore reads."""
    plain = url.set(drivername="postgresql", password=None)
    program = shutil.which(DUMP)
    if program is None:
        shown = plain.render_as_string()
        raise UserError(
            f"{DUMP} is not installed here; where it is, run: {DUMP} --format=custom --file={file} '{shown}'"
        )
    file.touch(mode=0o600)
    with _password_file(url) as known:
        address = plain.update_query_dict({"passfile": known} if known else {})
        words = ["--format=custom", f"--file={file}", "--no-password", address.render_as_string()]
        done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, by the setting of whoever calls
            [program, *words], capture_output=True, text=True, check=False
        )
    if done.returncode:
        file.unlink()
        raise UserError(f"{DUMP} failed: {done.stderr.strip() or f'exit code {done.returncode}'}")


@contextmanager
def _password_file(url: URL) -> Iterator[str]:
    """Give a file with the password, for among the words of a command everyone on the machine would read it."""
    if not url.password:
        yield ""
        return
    escaped = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
    with tempfile.TemporaryDirectory(prefix="shipmate-") as folder:
        path = Path(folder) / "password"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as opened:
            opened.write(f"*:*:*:*:{escaped}\n")
        yield str(path)
