"""What steps and operations ask of a cluster. `bot.cluster.kube` is the implementation and the only one that knows the client.

Manifests are plain JSON objects. Errors are `bot.errors.Temporary` (unreachable, throttled, 5xx, credentials that
are no longer taken) and `bot.errors.Permanent` (refused: forbidden, invalid, denied by admission, over a quota; the
text names the object and what the API server said). A conflict of field managers is `Contested`.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.errors import Permanent, Temporary
from bot.run.inventory import Manifest as Manifest
from bot.run.inventory import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A field that another manager owns with another value."""

    field: str
    """`.spec.replicas`, as the API server writes it."""
    manager: str
    """`kubectl-edit`."""


class Away(Temporary):
    """The cluster cannot be asked just now: nobody answers there, it is down, or it does not take the credentials (yet)."""


class Contested(Permanent):
    """An object was not applied because other managers own some of its fields."""

    def __init__(self, message: str, claims: Sequence[Claim]) -> None:
        super().__init__(message, code="409")
        self.claims = tuple(claims)


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

    @property
    def ref(self) -> Ref:
        """Which object it is."""
        return Ref(self.api_version, self.kind, self.namespace, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How far an object is. `failed` is a verdict: it will not get ready by waiting (with the reason)."""

    ready: int
    wanted: int
    done: bool
    note: str = ""
    """Why not yet, short: `ImagePullBackOff`, `0/1 nodes are available`."""
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why objects are not ready, or what a Job said: for a person, without secrets."""

    lines: tuple[str, ...] = ()
    """At most 20, worst first: container states, events, last log lines."""
    log: str = ""
    """More log lines than fit among `lines`, the last 200 KB of them; empty when all of them stand there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What applying one object would do, as the API server says after a dry run."""

    ref: Ref
    live: Manifest | None
    """As it is now; None: not there."""
    becomes: Manifest | None
    """As it would be; None: it would be refused. Where others own fields, as if those were taken over."""
    claims: tuple[Claim, ...] = ()
    refused: str = ""
    """Why it would be refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How objects are applied, as their author's policies say."""

    force: Collection[Ref] = field(default_factory=frozenset)
    """Objects whose fields are taken over from other managers."""
    once: Collection[Ref] = field(default_factory=frozenset)
    """Objects that are left alone where they are there already."""
    read_only: Collection[Ref] = field(default_factory=frozenset)
    """Objects that are never written, only waited for."""


class Clusters(Protocol):
    """All clusters, by their names in the catalog."""

    async def apply(
        self, cluster: str, manifests: Sequence[Manifest], options: Options | None = None
    ) -> list[Applied]:
        """Apply the objects by server-side apply, in an order that works, as field manager `shipmate`.

        Namespaces, CRDs (until they are served), configuration, workloads. Makes a namespace that is missing. One
        request an object; the same call again changes nothing. Raises Contested where others own fields.
        """
        ...

    def follow(
        self, cluster: str, applied: Sequence[Applied], *, patience: float = 600.0
    ) -> AsyncIterator[dict[Applied, Health]]:
        """Yield the health of all of `applied` now and after each change, until the caller stops asking.

        Fed by one watch a (cluster, kind, namespace) that all runs share; no polling. Survives dropped and silent
        watches, 410 Gone, credentials that expire and API servers that are down; raises only Permanent. Whatever gets
        no further for `patience` seconds has failed (a Deployment's own progressDeadlineSeconds may be shorter); the
        time in which a cluster cannot be reached does not count.
        """
        ...

    async def preview(
        self, cluster: str, manifests: Sequence[Manifest], options: Options | None = None
    ) -> list[Preview]:
        """Say what `apply` would do to each object, by a dry run on the server; nothing is changed.

        What would come into a namespace, or be of a kind, that only another object of the same call makes is new. Raises
        Temporary and, for a cluster that cannot be asked at all, Permanent.
        """
        ...

    async def explain(self, cluster: str, applied: Sequence[Applied]) -> Explanation:
        """Say why objects are not ready; nothing when the cluster cannot be asked."""
        ...

    async def words(self, cluster: str, applied: Sequence[Applied]) -> Explanation:
        """Answer the last log lines of the pods of Jobs, whatever became of them; nothing when there are none."""
        ...

    async def digests(self, cluster: str, applied: Sequence[Applied]) -> Mapping[str, str]:
        """Answer which content the images of workloads turned out to be: `registry/web:v1` → `sha256:…`.

        As the pods' container runtimes say; an image of which pods run different contents, or that no pod names, is
        left out. Nothing when the cluster cannot be asked.
        """
        ...

    async def remove(self, cluster: str, ref: Ref, *, uid: str = "", orphan: bool = False) -> bool:
        """Delete an object and what it owns (`orphan`: leave that); answer whether it is gone already.

        One that is not there is fine, and so is one of another `uid`. False: something keeps it from going away yet.
        """
        ...

    async def live(self, cluster: str, refs: Sequence[Ref]) -> list[Manifest | None]:
        """Read objects as they are now; None for one that does not exist, also when its kind does not."""
        ...

    async def find(
        self, cluster: str, api_version: str, kind: str, namespace: str, *, labels: str = ""
    ) -> list[Manifest]:
        """Read all objects of a kind in a namespace that `labels` selects (`a=b,c=d`)."""
        ...
