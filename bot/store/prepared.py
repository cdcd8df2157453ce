"""Statements that are made once: at thousands of changes a second, making one costs more than doing it.

SQLAlchemy puts the values of each row in their places anew, with all that a statement of its could need; ours need nothing
but the names in their order.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Insert, Update
from sqlalchemy.engine.interfaces import Dialect


class Prepared:
    """A statement for many rows at once, as the driver of a database wants it."""

    def __init__(self, statement: Insert | Update) -> None:
        """The values of `statement` are bound parameters, of types that drivers take as they are."""
        # Nobody asks for the keys that the database gives to rows.
        self._statement = statement.inline() if isinstance(statement, Insert) else statement
        self._made: dict[str, tuple[str, tuple[str, ...] | None]] = {}

    def __call__(
        self, connection: Connection, rows: Sequence[Mapping[str, Any]]
    ) -> CursorResult[Any]:
        """Do it for each of the rows, which have a value for each parameter."""
        words, order = self._for(connection.dialect)
        if order is None:
            return connection.exec_driver_sql(words, list(rows))
        return connection.exec_driver_sql(
            words, [tuple(row[name] for name in order) for row in rows]
        )

    def _for(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
        """Answer the words, and the order of the parameters where they have no names."""
        known = self._made.get(dialect.name)
        if known is None:
            compiled = self._statement.compile(dialect=dialect)
            order = tuple(compiled.positiontup or ()) if compiled.positional else None
            known = self._made[dialect.name] = (compiled.string, order)
        return known
