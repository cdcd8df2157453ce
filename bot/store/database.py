"""Opens the store: the engine with its pragmas, the lock that keeps a second process out, the migrations.

A SQLite file has a lock file beside it. A database on a PostgreSQL server is shared by any number of processes, of which
one leads (`bot.store.fence`). Who opens it alone locks the others out, by a lock of the session of the one connection
that writes: when it breaks, the next one takes the lock again before it writes anything, or does not write.
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
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from bot.clock import Clock
from bot.errors import Temporary, UserError
from bot.operations.replicas import Replicas
from bot.run.sealed import Sealed
from bot.store.codec import Open
from bot.store.conversation import StoredAudit, StoredInbox, StoredLedger
from bot.store.fence import Fence
from bot.store.history import StoredHistory
from bot.store.homes import StoredHomes
from bot.store.inventory import StoredInventory
from bot.store.locks import StoredLocks
from bot.store.replicas import Alone, SharedReplicas
from bot.store.robots import StoredRobots
from bot.store.runs import StoredRuns, Told
from bot.store.signals import Signals
from bot.store.web import StoredRequests, StoredTokens
from bot.store.writer import WRITES, Committed, Database

MIGRATIONS = Path(__file__).parent / "migrations"

ADVISORY_LOCK = 0x53686970
"""The number of our lock on a PostgreSQL server: `Ship`."""
TRIES = 12
"""To get it, a quarter of a second apart: a process that was killed is gone from the server a moment later."""
MIGRATING = ADVISORY_LOCK + 1
"""Of whoever brings the tables up to date: those that start at the same time wait for it."""
DEADLOCK = "40P01"
IDLE = 3000
"""Milliseconds after which the server takes a transaction back whose process says nothing: it has stopped in the middle."""
ALIVE: dict[str, str | int] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10000,
}
"""How a server is noticed that is gone without a word; DATABASE_URL may say otherwise.
Source: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"""
DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
"""What a URL that names no driver, as hosts of databases hand them out, is opened with."""


class Store:
    """Everything that is remembered, one part for each port."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        lock: TextIO | None,
        replicas: Replicas,
        signals: Signals,
        open_: Open = Sealed,
    ) -> None:
        self.runs = StoredRuns(database, open_)
        self.inbox = StoredInbox(database, clock)
        self.ledger = StoredLedger(database)
        self.audit = StoredAudit(database)
        self.homes = StoredHomes(database)
        self.inventory = StoredInventory(database)
        self.locks = StoredLocks(database)
        self.robots = StoredRobots(database, clock)
        self.history = StoredHistory(database)
        self.replicas = replicas
        self.signals = signals
        self.fence = database.fence
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


def open_store(url: str, clock: Clock, *, shared: bool = False, open_: Open = Sealed) -> Store:
    """Open the database at `url`, bring its tables up to date and answer the store.

    `open_` opens what is sealed in runs that go on. `shared`: on a server others may do the same, and only who leads may write (`Store.replicas`). Raises UserError when
    the URL cannot be used, another process has the database, or a newer Shipmate wrote it.
    """
    parsed = parse_url(url)
    with ExitStack() as on_failure:
        alone = parsed.get_backend_name() == "sqlite"
        lock = on_failure.enter_context(alone_with(Path(parsed.database or ""))) if alone else None
        readers = make_engine(parsed, alone=alone)
        on_failure.callback(readers.dispose)
        writer = readers if alone else _make_writer(parsed, shared=shared)
        on_failure.callback(writer.dispose)
        _migrate_or_say_why(writer)
        on_failure.pop_all()
    if alone or not shared:
        database = Database(writer, readers)
        return Store(database, clock, lock, Alone(database), Signals(database, ""), open_)
    fence = Fence()
    database = Database(writer, readers, fence)
    replicas = SharedReplicas(database, fence, lock=ADVISORY_LOCK, tables=newest_tables())
    return Store(database, clock, lock, replicas, Signals(database, address(parsed)), open_)


def bring_up_to_date(url: URL) -> None:
    """Bring the tables of a database up to date and leave it. Raises UserError as `open_store` does."""
    with ExitStack() as finally_:
        alone = url.get_backend_name() == "sqlite"
        if alone:
            finally_.enter_context(alone_with(Path(url.database or "")))
        engine = make_engine(url, alone=alone)
        finally_.callback(engine.dispose)
        _migrate_or_say_why(engine)


def _migrate_or_say_why(engine: Engine) -> None:
    try:
        migrate(engine)
    except SQLAlchemyError as error:
        said = getattr(error, "orig", error)
        raise UserError(f"the database cannot be opened: {said}") from error
    except Temporary as error:
        raise UserError(f"{error}; stop it first") from error


def parse_url(url: str) -> URL:
    """Read a URL of a database, with the driver that we use. Raises UserError."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UserError(
            "DATABASE_URL is no database URL (expected sqlite:///… or postgresql://…)"
        ) from error
    return parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))


def address(url: URL) -> str:
    """Answer what PostgreSQL's own programs and libraries connect to, the password included."""
    lively = {key: str(value) for key, value in ALIVE.items() if key not in url.query}
    plain = url.set(drivername="postgresql").update_query_dict(lively)
    return plain.render_as_string(hide_password=False)


def newest_tables() -> str:
    """Name the newest version of the tables that this Shipmate knows."""
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def make_engine(url: URL, *, alone: bool) -> Engine:
    """Make the engine; `alone`: this process is the only one, on a SQLite file."""
    try:
        if alone:
            engine = create_engine(url)
        else:
            engine = create_engine(url, pool_pre_ping=True, connect_args=_lively(url))
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
    """Bring the tables up to date, or `to` an older revision. Raises UserError when a newer Shipmate has been here.

    Of several that start at the same time one does it, and the others wait. Beside one that runs it may have to begin anew.
    """
    for turn in range(TRIES):
        try:
            _migrate(engine, to)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != DEADLOCK or turn == TRIES - 1:
                raise
        else:
            return


def _migrate(engine: Engine, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATING})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, to)
        except CommandError as error:
            known = ScriptDirectory.from_config(config).get_current_head()
            raise UserError(
                f"the database was written by a newer Shipmate; this one knows its tables up to {known}"
            ) from error


def _make_writer(url: URL, *, shared: bool) -> Engine:
    """Make an engine of one connection; unless it is `shared` that holds the lock of its database while it lives.

    It is not tried out before each use: the writer does again what a lost connection took with it.
    """
    engine = create_engine(url, pool_size=1, max_overflow=0, connect_args=_lively(url))
    event.listen(engine, "connect", _hurry if shared else _lock_out)
    return engine


def _lively(url: URL) -> dict[str, str | int]:
    """Answer what notices that a server is gone, but for what the URL says itself."""
    if url.get_backend_name() != "postgresql":
        return {}
    return {key: value for key, value in ALIVE.items() if key not in url.query}


def _hurry(connection: Any, _: object) -> None:
    """Let the server take a transaction back whose process has stopped in the middle: others wait for what it holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE}")
    connection.commit()


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


def alone_with(path: Path) -> TextIO:
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
    """Begin a transaction. One that writes waits for whoever writes beside us, and does not break when it comes to that."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
