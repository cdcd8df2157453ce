"""Makes and ends tokens beside a Shipmate that runs: one short transaction, and no table is brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, delete, insert, make_url, or_, select, update
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.errors import UserError
from bot.store.database import DRIVERS
from bot.store.reading import check_tables
from bot.store.tables import tokens
from bot.store.web import token_of
from bot.web.ports import Token, TokenKind

PATIENCE = 10
"""Seconds to wait for a SQLite file in which the bot writes just now."""
REMEMBERED = 30 * 86400.0
"""Seconds for which a token that holds no more is listed."""


def add_token(url: str, token: Token, *, ending: float | None) -> list[Token]:
    """Add a token; those of the same owner end at the Unix time `ending`, or go on where that is None.

    Answers those that held before. Raises UserError when there is no such database, or one of another version.
    """
    with _changing(url) as connection:
        before = _holding(connection, token.kind, token.owner, token.created)
        if ending is not None:
            _end(connection, token.kind, token.owner, ending)
        connection.execute(
            insert(tokens).values(
                digest=token.digest,
                kind=token.kind.value,
                owner=token.owner,
                created=token.created,
                expires=token.expires,
            )
        )
        connection.execute(delete(tokens).where(tokens.c.expires < token.created - REMEMBERED))
    return before


def end_tokens(url: str, kind: TokenKind, owner: str, now: float) -> list[Token]:
    """End all tokens of an owner; answer those that held. Raises UserError as `add_token`."""
    with _changing(url) as connection:
        before = _holding(connection, kind, owner, now)
        _end(connection, kind, owner, now)
    return before


def tokens_there_are(url: str, kind: TokenKind) -> list[Token]:
    """List the tokens of a kind, by owner, the oldest first. Raises UserError as `add_token`."""
    query = select(tokens).where(tokens.c.kind == kind.value)
    with _changing(url) as connection:
        found = connection.execute(query.order_by(tokens.c.owner, tokens.c.created)).all()
    return [token_of(each) for each in found]


def _holding(connection: Connection, kind: TokenKind, owner: str, now: float) -> list[Token]:
    found = connection.execute(
        select(tokens).where(tokens.c.kind == kind.value, tokens.c.owner == owner)
    )
    return [each for each in map(token_of, found.all()) if each.holds(now)]


def _end(connection: Connection, kind: TokenKind, owner: str, at: float) -> None:
    """End the tokens of an owner at a moment, unless they end before."""
    connection.execute(
        update(tokens)
        .where(
            tokens.c.kind == kind.value,
            tokens.c.owner == owner,
            or_(tokens.c.expires.is_(None), tokens.c.expires > at),
        )
        .values(expires=at)
    )


@contextmanager
def _changing(url: str) -> Iterator[Connection]:
    """Give a transaction on a database whose tables are those that we know."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UserError(
            "DATABASE_URL is no database URL (expected sqlite:///… or postgresql://…)"
        ) from error
    parsed = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
    alone = parsed.get_backend_name() == "sqlite"
    if alone and not Path(parsed.database or "").is_file():
        raise UserError(
            f"there is no database at {parsed.database}: has `shipmate run` been started here?"
        )
    engine = None
    try:
        engine = create_engine(parsed, connect_args={"timeout": PATIENCE} if alone else {})
        with engine.begin() as connection:
            check_tables(connection)
            yield connection
    except SQLAlchemyError as error:
        raise UserError(f"the database cannot be used: {getattr(error, 'orig', error)}") from error
    finally:
        if engine is not None:
            engine.dispose()
