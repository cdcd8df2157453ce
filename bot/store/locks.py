"""Locks and what became of them: the `Locks` port, and their side of the ledger of messages.

A change is stored in the transaction that makes it true, and announced from there, as what happens in runs is.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.run.locks import Lock, LockChange, RecordedChange
from bot.store import codec
from bot.store.tables import lock_changes, locks
from bot.store.writer import Database


class StoredLocks:
    """The `Locks` port on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def there_are(self, environment: str = "") -> list[Lock]:
        """Load the locks that nobody has lifted; without a name those of all environments."""
        return await self._database.read(lambda connection: list(locks_of(connection, environment)))

    async def change(
        self,
        environment: str,
        application: str,
        decide: Callable[[Lock | None], LockChange | None],
        *,
        request: str,
    ) -> tuple[LockChange | None, Lock | None]:
        """Make the change that `decide` answers for the lock of a place, or none when it answers None."""

        def write(connection: Connection) -> tuple[LockChange | None, Lock | None]:
            present = _lock(connection, environment, application)
            known = _made_by(connection, request)
            if known is not None:
                return known, present
            change = decide(present)
            if change is not None:
                _put(connection, environment, application, change.after)
                body = codec.write(codec.LOCK_CHANGE, change)
                row = {"request": request or None, "body": body}
                connection.execute(insert(lock_changes).values(row))
            return change, present

        return await self._database.write(write)


def locks_of(connection: Connection, environment: str) -> tuple[Lock, ...]:
    """Load the locks of an environment, or (empty) of all, expired ones among them."""
    query = select(locks.c.body).order_by(locks.c.environment, locks.c.application)
    if environment:
        query = query.where(locks.c.environment == environment)
    return tuple(codec.read(codec.LOCK, each.body) for each in connection.execute(query))


def unannounced(connection: Connection) -> list[RecordedChange]:
    """Load the changes that no message was made of yet, in order."""
    query = (
        select(lock_changes.c.number, lock_changes.c.body)
        .where(lock_changes.c.announced == 0)
        .order_by(lock_changes.c.number)
    )
    return [_recorded(each) for each in connection.execute(query)]


def mark_announced(connection: Connection, number: int) -> None:
    """Remember that a message was made of a change."""
    connection.execute(
        update(lock_changes).where(lock_changes.c.number == number).values(announced=1)
    )


def change_of(connection: Connection, number: int) -> RecordedChange | None:
    """Load one change."""
    query = select(lock_changes.c.number, lock_changes.c.body).where(
        lock_changes.c.number == number
    )
    found = connection.execute(query).first()
    return None if found is None else _recorded(found)


def _made_by(connection: Connection, request: str) -> LockChange | None:
    if not request:
        return None
    query = select(lock_changes.c.body).where(lock_changes.c.request == request)
    found = connection.execute(query).first()
    return None if found is None else codec.read(codec.LOCK_CHANGE, found.body)


def _lock(connection: Connection, environment: str, application: str) -> Lock | None:
    query = select(locks.c.body).where(
        locks.c.environment == environment, locks.c.application == application
    )
    found = connection.execute(query).first()
    return None if found is None else codec.read(codec.LOCK, found.body)


def _put(connection: Connection, environment: str, application: str, lock: Lock | None) -> None:
    """Let `lock` be the one of its place, or none."""
    connection.execute(
        delete(locks).where(locks.c.environment == environment, locks.c.application == application)
    )
    if lock is not None:
        row = {"environment": environment, "application": application}
        connection.execute(insert(locks).values(**row, body=codec.write(codec.LOCK, lock)))


def _recorded(row: Row[Any, Any]) -> RecordedChange:
    return RecordedChange(number=row.number, change=codec.read(codec.LOCK_CHANGE, row.body))
