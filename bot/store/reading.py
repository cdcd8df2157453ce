"""Reads the audit log beside a Shipmate that runs: takes no lock, changes nothing, brings no table up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, create_engine, select
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import UserError
from bot.operations.results import Audited
from bot.store import codec
from bot.store.database import newest_tables, parse_url
from bot.store.tables import audit

AT_ONCE = 1000
"""Lines that are loaded together."""


def audit_lines(
    url: str,
    *,
    since: datetime | None = None,
    application: str = "",
    environment: str = "",
    person: str = "",
) -> Iterator[Audited]:
    """Yield the lines of the audit log in the database at `url`, oldest first; of what is named only.

    Raises UserError when there is no such database, or one of another version of Shipmate.
    """
    query = select(audit.c.sequence, audit.c.body).order_by(audit.c.sequence).limit(AT_ONCE)
    if since is not None:
        query = query.where(audit.c.at >= since.timestamp())
    for column, wanted in (
        (audit.c.application, application),
        (audit.c.environment, environment),
        (audit.c.person, person),
    ):
        if wanted:
            query = query.where(column == wanted)
    last = 0
    with _connected(url) as connection:
        while True:
            rows = connection.execute(query.where(audit.c.sequence > last)).all()
            yield from (codec.read(codec.AUDITED, each.body) for each in rows)
            if len(rows) < AT_ONCE:
                return
            last = rows[-1].sequence


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """Connect to a database to read it, and look whether its tables are those that we know."""
    parsed = parse_url(url)
    engine = None
    try:
        engine = create_engine(to_read(parsed))
        with engine.connect() as connection:
            check_tables(connection)
            yield connection
    except ModuleNotFoundError as error:
        raise UserError(
            f"this DATABASE_URL needs the package {error.name}, which is not installed"
        ) from error
    except SQLAlchemyError as error:
        raise UserError(f"the database cannot be read: {getattr(error, 'orig', error)}") from error
    finally:
        if engine is not None:
            engine.dispose()


def to_read(url: URL) -> URL:
    """Answer a URL by which nothing can be written where that can be said, and nothing is made that is not there."""
    if url.get_backend_name() != "sqlite":
        return url
    path = Path(url.database or "").absolute()
    if not path.is_file():
        raise UserError(f"there is no database at {path}: has `shipmate run` been started here?")
    return url.set(database=f"file:{path}").update_query_dict({"mode": "ro", "uri": "true"})


def check_tables(connection: Connection) -> None:
    """Raise UserError when the tables are not those that we know."""
    there = MigrationContext.configure(connection).get_current_revision()
    known = newest_tables()
    if there != known:
        raise UserError(
            f"the tables of the database are those of another Shipmate ({there or 'none'}; this one knows {known}); "
            "start `shipmate run` of this version once"
        )
