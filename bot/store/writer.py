"""One thread that writes, and commits for everyone who came meanwhile: group commit.

While a commit is under way further writes gather; the next transaction takes them, first what people wait for. Each write is a
function of the connection that decides before it writes, so that a Conflict of one leaves nothing behind for
the others to trip over; should the database refuse one, or one break, the group is done again one by one.
Whoever writes learns whether it was stored: when a server is lost in the middle of a commit, it is asked afterwards.
Where several processes share a database only the one that leads may write, but for what `write_anyway` is for: each
transaction looks at the fence first (`bot.store.fence`).
"""

import asyncio
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.errors import Permanent, ShipmateError, TakenOver, Temporary
from bot.store.fence import Fence

log = logging.getLogger(__name__)

T = TypeVar("T")
Write = Callable[[Connection], T]

Committed = Callable[[int, float], None]
"""Is told a commit: how many writes were in it, and how many seconds it took."""

READERS = 2
MOST, FEW = 64, 16
"""Writes of steps and of the clock that share a commit, and those that share one with what people wait for: that is not
kept up by hundreds of steps for longer than these take, nor are they by it."""
WRITES = "shipmate_writes"
"""An option of connections: whether their transactions write."""
NUMBER = text("SELECT pg_current_xact_id_if_assigned()::text")
STATUS = text("SELECT pg_xact_status(CAST(:number AS xid8))")
"""PostgreSQL 13 and newer: https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT"""
BETWEEN_QUESTIONS = 0.5
"""Seconds."""
PASSING = frozenset({"08", "40", "53", "55", "57", "58"})
"""Classes of PostgreSQL's SQLSTATE that may pass: connections, serialization, resources, states, operators, the system.
Source: https://www.postgresql.org/docs/current/errcodes-appendix.html"""


class Batched(ABC):
    """A write that can be done together with others of its kind."""

    urgent = False
    """Whether somebody waits for it: it goes before those of its kind that nobody has asked for."""

    @abstractmethod
    def __call__(self, connection: Connection) -> None:
        """Do it alone."""

    @staticmethod
    @abstractmethod
    def together(connection: Connection, writes: Sequence[Any]) -> bool:
        """Do all of them; answer False when one does not fit what is stored."""


class _DoneAlone(Exception):  # noqa: N818 - it says what happens next
    """The group has to be done one by one, to find the one that does not fit."""


class _Wish(Generic[T]):
    """One write and who waits for it."""

    __slots__ = ("answer", "error", "future", "token", "urgent", "write")

    def __init__(
        self, write: Write[T], future: "asyncio.Future[T]", token: int | None = None
    ) -> None:
        """`token` is that of the term in which it was wished for; None: whoever leads, it is to be done."""
        self.write = write
        self.urgent = not isinstance(write, Batched) or write.urgent
        self.future = future
        self.token = token
        self.answer: T | None = None
        self.error: Exception | None = None

    def settle(self) -> None:
        if self.future.done():
            return  # whoever waited has gone; what was written stays written
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.answer)  # type: ignore[arg-type] # set by attempt, or there is an error


class Database:
    """Reads and writes, on one SQLAlchemy engine or on one for each. All SQLAlchemy errors become ours here."""

    def __init__(
        self, engine: Engine, readers: Engine | None = None, fence: Fence | None = None
    ) -> None:
        """`fence` says who may write, where several processes share the database."""
        self._engine = engine
        self.fence = fence
        self._read_engine = readers or engine
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._waiting: list[_Wish[Any]] = []
        self._closing = threading.Event()
        self._busy = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._committed: Committed = lambda _writes, _seconds: None

    def listen(self, committed: Committed) -> None:
        """Tell someone each commit; in the thread that writes, so it has to be quick."""
        self._committed = committed

    @property
    def on_server(self) -> bool:
        """Whether it is PostgreSQL, which others use at the same time."""
        return self._engine.dialect.name == "postgresql"

    async def write(self, write: Write[T]) -> T:
        """Do `write` in a transaction and answer what it did once that is durable.

        Raises TakenOver when the process does not lead, or not any more: nothing was written then.
        """
        token = None if self.fence is None else self.fence.token
        return await self._wished(write, token)

    async def write_anyway(self, write: Write[T]) -> T:
        """Do a `write` that is every process's own: what it has taken in, and that it is there."""
        return await self._wished(write, None)

    async def _wished(self, write: Write[T], token: int | None) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Wish(write, future, token))
        if not self._busy:
            self._busy = True
            self._idle.clear()
            loop.call_soon(self._next_group)
        return await future

    async def read(self, read: Write[T]) -> T:
        """Do `read` on a snapshot of everything that is durable now."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._read, read)

    async def close(self) -> None:
        """Finish what is under way and close all connections."""
        self._closing.set()
        await self._idle.wait()
        self._writer.shutdown()
        self._readers.shutdown()
        self._read_engine.dispose()
        self._engine.dispose()

    def _next_group(self) -> None:
        urgent = [each for each in self._waiting if each.urgent]
        others = [each for each in self._waiting if not each.urgent]
        most = FEW if urgent else MOST
        group, self._waiting = urgent + others[:most], others[most:]
        if not group:
            self._busy = False
            self._idle.set()
            return
        work = asyncio.get_running_loop().run_in_executor(self._writer, self._commit, group)
        work.add_done_callback(lambda _: self._settle(group))

    def _settle(self, group: list[_Wish[Any]]) -> None:
        for wish in group:
            if isinstance(wish.error, TakenOver) and self.fence is not None:
                self.fence.was_refused()
            wish.settle()
        self._next_group()

    def _commit(self, group: list[_Wish[Any]]) -> None:
        """Do a group in one transaction; when one of it breaks, each in its own. Runs in the thread."""
        try:
            self._attempt(group)
        except Exception:  # noqa: BLE001 - the thread's boundary: nobody may be left waiting
            for wish in group:
                wish.answer = wish.error = None
                self._alone(wish)

    def _alone(self, wish: _Wish[Any]) -> None:
        try:
            self._attempt([wish])
        except SQLAlchemyError as error:
            wish.error = _translated(error)
        except Exception as error:  # noqa: BLE001 - whoever waits is told what broke
            wish.error = error

    def _attempt(self, group: list[_Wish[Any]]) -> None:
        began = time.perf_counter()
        with self._transaction() as connection:
            group = self._admitted(connection, group)
            alike: dict[type[Batched], list[Batched]] = {}
            if len(group) > 1:
                for wish in group:
                    if isinstance(wish.write, Batched):
                        alike.setdefault(type(wish.write), []).append(wish.write)
            for wish in group:
                if type(wish.write) in alike:
                    continue
                try:
                    wish.answer = wish.write(connection)
                except ShipmateError as error:
                    wish.error = error
            for kind, writes in alike.items():
                if not kind.together(connection, writes):
                    raise _DoneAlone
        self._committed(len(group), time.perf_counter() - began)

    def _admitted(self, connection: Connection, group: list[_Wish[Any]]) -> list[_Wish[Any]]:
        """Answer the writes that may be done; nobody else can begin to lead before this transaction has ended."""
        if self.fence is None or all(each.token is None for each in group):
            return group
        present = self.fence.held(connection)
        for wish in group:
            if wish.token not in {None, present}:
                wish.error = TakenOver("another replica has taken over")
        return [each for each in group if each.error is None]

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Commit what is done in it, and know in the end whether that was done."""
        with self._engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            transaction = connection.begin()
            try:
                yield connection
                number = self._number(connection)
            except BaseException:
                transaction.rollback()
                raise
            try:
                transaction.commit()
            except DBAPIError as error:
                if not (number and error.connection_invalidated and self._was_committed(number)):
                    raise

    def _number(self, connection: Connection) -> str:
        """Answer the number by which a server knows a transaction that has written; a file is asked nothing."""
        if not self.on_server:
            return ""
        return str(connection.execute(NUMBER).scalar() or "")

    def _was_committed(self, number: str) -> bool:
        """Ask a server that was lost in the middle of a commit what became of it, however long it is away."""
        while not self._closing.wait(BETWEEN_QUESTIONS):
            try:
                with self._engine.connect() as connection:
                    status = connection.execute(STATUS, {"number": number}).scalar()
            except (SQLAlchemyError, Temporary) as error:
                log.warning("the database was lost in the middle of a commit: %s", error)
                continue
            if status != "in progress":
                return bool(status == "committed")
        return False

    def _read(self, read: Write[T]) -> T:
        try:
            with self._read_engine.connect() as connection:
                return read(connection)
        except SQLAlchemyError as error:
            raise _translated(error) from error


def _translated(error: SQLAlchemyError) -> Temporary | Permanent:
    """Say whether a database error may pass: a lost connection, a locked or full file; or will not."""
    said = f"the database refused: {getattr(error, 'orig', error)}"
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    made: Temporary | Permanent
    if (
        lost
        or state[:2] in PASSING
        or any(word in said for word in ("locked", "disk", "full", "connection", "I/O"))
    ):
        made = Temporary(said)
    else:
        made = Permanent(said)
    made.__cause__ = error
    return made
