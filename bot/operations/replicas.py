"""The processes that share one database: who is there, and which of them leads.

One leads: it moves all runs, speaks and answers. The others take requests in and stand by. Kept by `bot.store`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

LASTS = 5.0
"""Seconds for which the lead is lent: when its holder says nothing for so long, another one takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """One process, as it presents itself. `id` is new with each start."""

    id: str
    name: str
    version: str
    started: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSeen:
    """One process, as the store knows it."""

    name: str
    version: str
    started: datetime
    silent: float
    """Seconds since it last said that it is there."""
    runs: int | None = None
    """How many runs under way it moves; None: it does not lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaList:
    """The processes, the one that leads first."""

    replicas: tuple[ReplicaSeen, ...]
    shared: bool
    """Whether there can be several: not on a SQLite file."""


Seen = Callable[[], Awaitable[ReplicaList]]


async def nobody() -> ReplicaList:
    """Answer that nothing is known of any process."""
    return ReplicaList(replicas=(), shared=False)


class Replicas(Protocol):
    """Keeps which processes are there, and lends the lead to one of them at a time."""

    @property
    def shared(self) -> bool:
        """Whether there can be others."""
        ...

    async def beat(self, me: Replica, *, take: bool = True) -> bool:
        """Say that `me` is there, keep the lead or `take` it if it is free; answer whether `me` leads.

        It does so for `LASTS` seconds from this call on, and in the store until somebody else leads. Raises Temporary.
        """
        ...

    async def leave(self, me: Replica) -> None:
        """Let go of the lead, if it is held, and be there no more. Raises Temporary."""
        ...

    def give_up(self) -> None:
        """Lead no more: what this process still wants to write is refused."""
        ...

    async def there_are(self) -> ReplicaList:
        """List the processes that have said something lately. Raises Temporary."""
        ...
