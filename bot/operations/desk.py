"""What every operation works with, and who stands before it.

A desk is made once, by the composition root. A visitor is made for each request, from an identity that the
chat has verified and the catalog knows: operations never see anyone else.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.catalog.model import Catalog, Person
from bot.clock import Clock
from bot.cluster.port import Clusters
from bot.events import RunId
from bot.operations.ports import Engine
from bot.run.inventory import Inventory
from bot.run.model import Origin
from bot.run.ports import Runs


async def not_locked(environment: str) -> str:  # noqa: ARG001 - the form of those that look
    """Answer that nothing locks an environment."""
    return ""


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
    locked: Callable[[str], Awaitable[str]] = not_locked
    """Says by what an environment is locked now; empty: by nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Someone known who asks. `request` is the id of the stored request: what is done for it is done once."""

    person: Person
    origin: Origin
    request: str
