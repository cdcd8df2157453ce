"""Removes what is kept no more beside a Shipmate that runs, or looks what that would be; and gives a file's free space back.

The bot goes on meanwhile: each batch is a transaction of its own that shuts out all other writers while it lasts, on a
server by the row that says who leads, and nothing goes that the bot has changed since it was looked at.
"""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import UserError
from bot.retention import Retention
from bot.store.database import alone_with, make_engine, parse_url
from bot.store.exporting import Export
from bot.store.fence import LEADER
from bot.store.pruning import Batch, Sweep
from bot.store.reading import check_tables
from bot.store.tables import leases
from bot.store.writer import WRITES

PAUSE = 0.05
"""Seconds after each batch, in which the bot writes what has come meanwhile."""
NOBODY_LEADS = select(leases.c.token).where(leases.c.name == LEADER).with_for_update()


def prune(
    url: str,
    rules: Retention,
    now: datetime,
    *,
    export: Export | None = None,
    dry_run: bool = False,
) -> Mapping[str, int]:
    """Remove what `rules` keep no more, exported first; answer how many rows of which table. With `dry_run` only count.

    Raises UserError when there is no such database or one of another version, Temporary when it cannot be exported.
    """
    counted: Counter[str] = Counter()
    sweep = Sweep(rules, now)
    with _opened(url) as engine:
        while (batch := _look(engine, sweep)) is not None:
            if dry_run or not batch.counts:
                counted.update(batch.counts)
                continue
            if export is not None:
                export.write(batch.rows, now)
            counted.update(_remove(engine, batch))
            time.sleep(PAUSE)  # noqa: TID251 - the command line has no event loop here
    return +counted


def vacuum(url: str) -> tuple[int, int]:
    """Write a SQLite file anew without its free pages; answer its bytes before and after.

    Raises UserError while a Shipmate has the file: nobody could be answered until that is done.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise UserError("PostgreSQL uses freed space again by itself (autovacuum)")
    path = Path(parsed.database or "")
    if not path.is_file():
        raise UserError(f"there is no database at {path.absolute()}")
    before = path.stat().st_size
    try:
        with (
            alone_with(path),
            closing(sqlite3.connect(path, isolation_level=None)) as connection,
        ):
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise UserError(f"the file could not be written anew: {error}") from error
    return before, path.stat().st_size


def _look(engine: Engine, sweep: Sweep) -> Batch | None:
    with engine.connect() as connection:
        return sweep.next(connection)


def _remove(engine: Engine, batch: Batch) -> Mapping[str, int]:
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            connection.execute(NOBODY_LEADS)
            return batch.remove(connection)


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    """Give an engine on a database whose tables are those that we know."""
    parsed = parse_url(url)
    alone = parsed.get_backend_name() == "sqlite"
    if alone and not Path(parsed.database or "").is_file():
        raise UserError(
            f"there is no database at {parsed.database}: has `shipmate run` been started here?"
        )
    engine = make_engine(parsed, alone=alone)
    try:
        with engine.connect() as connection:
            check_tables(connection)
        yield engine
    except SQLAlchemyError as error:
        raise UserError(f"the database cannot be used: {getattr(error, 'orig', error)}") from error
    finally:
        engine.dispose()
