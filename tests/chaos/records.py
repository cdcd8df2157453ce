"""What the database says, read past the bot: only what is stored counts in the end."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One run."""

    id: str
    application: str
    environment: str
    number: int
    phase: str
    ended: bool
    version: str

    @property
    def name(self) -> str:
        """`a/dev#1`."""
        return f"{self.application}/{self.environment}#{self.number}"


class Records:
    """The tables of one database."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("+psycopg", "")

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask until there is an answer: the server may be away."""
        while True:
            try:
                return await asyncio.to_thread(self._ask, query, values)
            except psycopg.Error:
                await asyncio.sleep(0.3)

    async def runs(self) -> list[Record]:
        """Load all runs."""
        query = (
            "SELECT id, application, environment, number, phase, ended, plan FROM runs"
            " ORDER BY application, environment, number"
        )
        return [
            Record(
                id=each[0],
                application=each[1],
                environment=each[2],
                number=each[3],
                phase=each[4],
                ended=bool(each[5]),
                version=json.loads(each[6])["version"],
            )
            for each in await self.rows(query)
        ]

    async def documents(self, table: str) -> list[dict[str, Any]]:
        """Load the bodies of a table's rows."""
        return [json.loads(each[0]) for each in await self.rows(f"SELECT body FROM {table}")]

    async def is_quiet(self) -> bool:
        """Say whether nothing is left to do: no run, no request, no event and no message."""
        query = (
            "SELECT (SELECT count(*) FROM runs WHERE ended = 0)"
            " + (SELECT count(*) FROM inbox WHERE done = 0)"
            " + (SELECT count(*) FROM events WHERE announced = 0)"
            " + (SELECT count(*) FROM messages WHERE state IN ('waiting', 'posting'))"
        )
        ((left,),) = await self.rows(query)
        return bool(left == 0)

    async def cut(self) -> None:
        """End all connections of others to the database, in the middle of whatever they do."""
        await self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    async def leader(self) -> str:
        """Name the replica that leads, or led last."""
        found = await self.rows(
            "SELECT replicas.name FROM replicas JOIN leases ON replicas.id = leases.holder"
        )
        return str(found[0][0]) if found else ""

    def _ask(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url, autocommit=True, connect_timeout=3) as connection:
            return connection.execute(query, values).fetchall()
