"""Words between the processes on one database, by PostgreSQL's LISTEN and NOTIFY.

A word says that there is something to look for in the store, and never what: it may be lost with a connection, so that
whoever listens looks now and then by themselves, and always after a connection was made. On a SQLite file there is
nobody to talk to.
"""

import asyncio
import logging
from collections.abc import Callable
from enum import StrEnum

import psycopg
from sqlalchemy import Connection, text

from bot.store.writer import Database

log = logging.getLogger(__name__)

CHANNEL = "shipmate"
PAUSE = 1.0
"""Seconds before a connection that was lost is made again."""
NOTIFY = text("SELECT pg_notify(:channel, :word)")


class Word(StrEnum):
    """What there is to look for."""

    INBOX = "inbox"
    """A request was taken in."""
    HOME = "home"
    """Somebody looks at the app's home."""
    GROUPS = "groups"
    """The groups of a chat have changed."""
    MESSAGES = "messages"
    """A message may show something old."""
    LEASE = "lease"
    """Nobody leads any more."""
    CALLS = "calls"
    """A call over HTTP was left to whoever leads."""
    ANSWERS = "answers"
    """A call over HTTP was answered."""
    RUNS = "runs"
    """Something has happened in a run."""


def say(connection: Connection, word: Word) -> None:
    """Say a word to all processes, this one among them, when the transaction is committed."""
    if connection.dialect.name == "postgresql":
        connection.execute(NOTIFY, {"channel": CHANNEL, "word": word.value})


class Signals:
    """What is said among the processes on one database."""

    def __init__(self, database: Database, address: str) -> None:
        """`address` is what psycopg connects to; empty: there is nobody else."""
        self._database = database
        self._address = address
        self._listeners: dict[Word, list[Callable[[], None]]] = {each: [] for each in Word}
        self._task: asyncio.Task[None] | None = None

    def listen(self, word: Word, listener: Callable[[], None]) -> None:
        """Call `listener` on the event loop when `word` was said, or may have been."""
        self._listeners[word].append(listener)

    async def say(self, word: Word) -> None:
        """Say a word. Raises Temporary when the store is away."""
        await self._database.write_anyway(lambda connection: say(connection, word))

    def start(self) -> None:
        """Begin to listen."""
        if self._address:
            self._task = asyncio.create_task(self._loop(), name="signals")

    async def stop(self) -> None:
        """Hear nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _loop(self) -> None:
        while True:
            try:
                await self._hear()
            except psycopg.Error as error:
                log.warning("the other replicas are not heard for a moment: %s", error)
            await asyncio.sleep(PAUSE)

    async def _hear(self) -> None:
        """Pass on what is said until the connection breaks."""
        connection = await psycopg.AsyncConnection.connect(self._address, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            for word in Word:
                self._pass_on(word)
            async for said in connection.notifies():
                if said.payload in set(Word):
                    self._pass_on(Word(said.payload))

    def _pass_on(self, word: Word) -> None:
        for each in self._listeners[word]:
            each()
