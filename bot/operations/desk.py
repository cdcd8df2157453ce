"""What every operation works with, and who stands before it.

A desk is made once, by the composition root. A visitor is made for each request, from an identity that the
chat has verified and the catalog knows: operations never see anyone else.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.catalog.model import Catalog, Person
from bot.clock import Clock
from bot.cluster.port import Clusters
from bot.events import RunId
from bot.findings import Finding
from bot.operations.ports import AuditLog, Engine, Locks
from bot.operations.replicas import Seen, nobody
from bot.retention import Retention
from bot.run.inventory import Inventory
from bot.run.model import Origin
from bot.run.ports import Hold, Runs, nothing_holds

Examine = Callable[[], Awaitable[Sequence[Finding]]]


async def nothing_to_examine() -> Sequence[Finding]:
    """Answer that nothing is configured: the `Examine` where there is nothing to try out."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The collaborators of operations. `catalog` answers the one in force, which a changed file replaces."""

    catalog: Callable[[], Catalog]
    runs: Runs
    inventory: Inventory
    clusters: Clusters
    """Only looked at: what changes a cluster is a run's step."""
    engine: Engine
    clock: Clock
    new_id: Callable[[], RunId]
    locks: Locks
    audit: AuditLog
    announce: Callable[[], None] = field(default=lambda: None)
    """Told that a lock was changed: everyone in its channel is to learn of it."""
    examine: Examine = nothing_to_examine
    """Tries out everything that is configured."""
    hold: Hold = nothing_holds
    """What keeps a run waiting whose turn has come."""
    replicas: Seen = nobody
    """Which processes there are."""
    keep: Retention = field(default_factory=Retention)
    """How long what has happened is kept: why something is not there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Someone known who asks. `request` is the id of the stored request: what is done for it is done once."""

    person: Person
    origin: Origin
    request: str
    zone: str = ""
    """The time zone that the chat gives them, an IANA name; empty: it gives none."""
