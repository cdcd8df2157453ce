"""Opens the store: the engine with its pragmas, the lock that keeps a second process out, the migrations.

A SQLite file has a lock file beside it. On a PostgreSQL server the lock is the session's of the one connection that
writes: when it breaks, the next one takes the lock again before it writes anything, or does not write.
"""

import fcntl
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.clock import Clock
from bot.errors import Temporary, UserError
from bot.store.conversation import StoredAudit, StoredInbox, StoredLedger
from bot.store.homes import StoredHomes
from bot.store.inventory import StoredInventory
from bot.store.locks import StoredLocks
from bot.store.runs import StoredRuns, Told
from bot.store.web import StoredRequests, StoredTokens
from bot.store.writer import Committed, Database

MIGRATIONS = Path(__file__).parent / "migrations"

ADVISORY_LOCK = 0x53686970
"""The number of our lock on a PostgreSQL server: `Ship`."""
TRIES = 12
"""To get it, a quarter of a second apart: a process that was killed is gone from the server a moment later."""
DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
"""What a URL that names no driver, as hosts of databases hand them out, is opened with."""


class Store:
    """Everything that is remembered, one part for each port."""

    def __init__(self, database: Database, clock: Clock, lock: TextIO | None) -> None:
        self.runs = StoredRuns(database)
        self.inbox = StoredInbox(database, clock)
        self.ledger = StoredLedger(database)
        self.audit = StoredAudit(database)
        self.homes = StoredHomes(database)
        self.inventory = StoredInventory(database)
        self.locks = StoredLocks(database)
        self.tokens = StoredTokens(database)
        self.requests = StoredRequests(database, clock)
        self._database = database
        self._lock = lock

    def listen(self, told: Told, committed: Committed) -> None:
        """Tell someone each stored change of a run, and each commit."""
        self.runs.listen(told)
        self._database.listen(committed)

    async def look(self) -> None:
        """Ask the database something. Raises Temporary or Permanent when it does not answer."""
        await self._database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())

    async def close(self) -> None:
        """Finish what is under way and let the database go."""
        await self._database.close()
        if self._lock is not None:
            self._lock.close()


def open_store(url: str, clock: Clock) -> Store:
    """Open the database at `url`, bring its tables up to date and answer the store.

    Raises UserError when the URL cannot be used, another process has the database, or a newer Shipmate wrote it.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UserError(
            "DATABASE_URL is no database URL (expected sqlite:///… or postgresql://…)"
        ) from error
    parsed = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
    with ExitStack() as on_failure:
        alone = parsed.get_backend_name() == "sqlite"
        lock = on_failure.enter_context(_lock(Path(parsed.database or ""))) if alone else None
        readers = make_engine(parsed, alone=alone)
        on_failure.callback(readers.dispose)
        writer = readers if alone else _make_writer(parsed)
        on_failure.callback(writer.dispose)
        try:
            migrate(writer)
        except SQLAlchemyError as error:
            said = getattr(error, "orig", error)
            raise UserError(f"the database cannot be opened: {said}") from error
        except Temporary as error:
            raise UserError(f"{error}; stop it first") from error
        on_failure.pop_all()
    return Store(Database(writer, readers), clock, lock)


def make_engine(url: URL, *, alone: bool) -> Engine:
    """Make the engine; `alone`: this process is the only one, on a SQLite file."""
    try:
        engine = create_engine(url, pool_pre_ping=not alone)
    except ModuleNotFoundError as error:
        raise UserError(
            f"this DATABASE_URL needs the package {error.name}, which is not installed"
        ) from error
    except SQLAlchemyError as error:
        raise UserError(f"this DATABASE_URL cannot be used: {error}") from error
    if alone:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def migrate(engine: Engine, to: str = "head") -> None:
    """Bring the tables up to date, or `to` an older revision. Raises UserError when a newer Shipmate has been here."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, to)
        except CommandError as error:
            known = ScriptDirectory.from_config(config).get_current_head()
            raise UserError(
                f"the database was written by a newer Shipmate; this one knows its tables up to {known}"
            ) from error


def _make_writer(url: URL) -> Engine:
    """Make an engine of one connection, which holds the lock of its database for as long as it lives.

    It is not tried out before each use: the writer does again what a lost connection took with it.
    """
    engine = create_engine(url, pool_size=1, max_overflow=0)
    event.listen(engine, "connect", _lock_out)
    return engine


def _lock_out(connection: Any, _: object) -> None:
    """Keep other processes out of a database on a server. Raises Temporary while there is one."""
    ours = False
    with connection.cursor() as cursor:
        for _ in range(TRIES):
            ((ours,),) = cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
            if ours:
                break
            cursor.execute("SELECT pg_sleep(0.25)")
    connection.commit()
    if not ours:
        connection.close()
        raise Temporary("another Shipmate uses this database")


def _lock(path: Path) -> TextIO:
    """Keep other processes out for as long as this one lives, however it ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock").open("a+")
    except OSError as error:
        raise UserError(f"{path} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        other = lock.read().strip()
        lock.close()
        raise UserError(
            f"another Shipmate (process {other or 'unknown'}) uses {path}; stop it or set another SHIPMATE_STATE"
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _prepare(connection: Any, _: object) -> None:
    # Python's sqlite3 would begin by itself, but only before it writes rows: half a migration would stay.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # What was answered must outlive a power cut; group commit makes the sync cheap.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
