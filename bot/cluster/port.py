"""What steps ask of a cluster. `bot.cluster.kube` is the implementation and the only one that knows the client.

Manifests are plain JSON objects. Errors are `bot.errors.Temporary` (unreachable, throttled, 5xx) and
`bot.errors.Permanent` (refused: forbidden, invalid, conflict of field managers; the text names the object
and what the API server said).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One object that the API server has accepted. `generation` is the one to wait for."""

    api_version: str
    kind: str
    namespace: str
    name: str
    generation: int
    component: str
    """The component it belongs to (label `app.oam.dev/component`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How far an object is. `failed` is a verdict: it will not get ready by waiting (with the reason)."""

    ready: int
    wanted: int
    done: bool
    note: str = ""
    """Why not yet, short: `ImagePullBackOff`, `0/1 nodes are available`."""
    failed: str = ""


class Clusters(Protocol):
    """All clusters, by their names in the catalog."""

    async def apply(self, cluster: str, manifests: Sequence[Manifest]) -> list[Applied]:
        """Apply the objects by server-side apply, in an order that works, as field manager `shipmate`.

        Makes a namespace that is missing. One request an object; the same call again changes nothing.
        """
        ...

    def follow(
        self, cluster: str, applied: Sequence[Applied]
    ) -> AsyncIterator[dict[Applied, Health]]:
        """Yield the health of all of `applied` now and after each change, until the caller stops asking.

        Fed by one watch a (cluster, kind, namespace) that all runs share; no polling. Survives dropped
        watches, 410 Gone and API servers that are down; raises only Permanent.
        """
        ...

    async def explain(self, cluster: str, applied: Sequence[Applied]) -> tuple[str, ...]:
        """Say why objects are not ready, for a person: events, container states, last log lines.

        At most 20 lines, without secrets; empty when the cluster cannot be asked.
        """
        ...

    async def remove(self, cluster: str, manifest: Manifest) -> None:
        """Delete an object and what it owns; one that is not there is fine.

        Raises Temporary while something keeps it from going away.
        """
        ...

    async def live(self, cluster: str, manifests: Sequence[Manifest]) -> list[Manifest | None]:
        """Read the objects as they are now; None for one that does not exist."""
        ...
