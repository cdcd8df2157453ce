"""The fence around a database that several processes share: only who leads gets through, and each transaction looks.

To lead is to hold the row `leader` of the table of leases, and each time it changes hands its token grows. A write
carries the token of the term in which it was wished for, however late it comes. While a transaction that got through is
under way, nobody can take the lease: it holds a share of the row until it ends.
"""

from collections.abc import Callable

from sqlalchemy import Connection, select

from bot.store.tables import leases

LEADER = "leader"
NOBODY = 0
"""A token that nobody ever holds."""

HELD = select(leases.c.token).where(leases.c.name == LEADER).with_for_update(read=True)


class Fence:
    """What this process knows of who leads."""

    def __init__(self) -> None:
        self.token = NOBODY
        """Of the term in which this process leads."""
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` on the event loop when a write was refused."""
        self._listeners.append(listener)

    def was_refused(self) -> None:
        """Take notice that a write was refused: somebody else leads."""
        for each in self._listeners:
            each()

    def held(self, connection: Connection) -> int:
        """Answer the token of whoever leads, and let nobody else take over until the transaction has ended."""
        found = connection.execute(HELD).scalar()
        # Before anybody has led the token is that of nobody, and nobody gets through.
        return -1 if found in {None, NOBODY} else int(found)
