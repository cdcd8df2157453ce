"""What was delivered where: the account by which garbage is found, drift is told and a rollback repeats a delivery.

Written before an object is applied, so that no crash leaves something behind that nobody knows of. It says what
Shipmate has sent and never what is there: whoever deletes by it looks at the live object first. Nothing is found by
guess: what does not stand here was not delivered by Shipmate.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from bot.events import RunId
from bot.wording import Sentence

Manifest = dict[str, Any]
"""A Kubernetes object as plain JSON."""


class Ref(NamedTuple):
    """Which object, on its cluster. `namespace` is empty for what has none."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def group(self) -> str:
        """The API group: an object stays the same one when its kind gets a new version."""
        return self.api_version.rpartition("/")[0]

    @property
    def title(self) -> str:
        """What people call it: `Deployment web`."""
        return f"{self.kind} {self.name}"


class Key(NamedTuple):
    """What makes an object the same one over versions of its kind, on all clusters."""

    cluster: str
    group: str
    kind: str
    namespace: str
    name: str


def key_of(cluster: str, ref: Ref) -> Key:
    """Name an object over versions of its kind."""
    return Key(cluster, ref.group, ref.kind, ref.namespace, ref.name)


def ref_of(manifest: Manifest) -> Ref:
    """Name the object that a manifest is of."""
    meta = manifest["metadata"]
    return Ref(
        manifest["apiVersion"], manifest["kind"], meta.get("namespace") or "", str(meta["name"])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One object as it was last sent for an (application, environment)."""

    cluster: str
    ref: Ref
    target: str
    """The name of the target that it was delivered to; empty: the control cluster, which is none."""
    namespace: str = ""
    """The namespace that this target had then; empty for the control cluster."""
    component: str = ""
    """The component that it belongs to; empty: it belongs to a step."""
    step: str = ""
    """The step that sent it."""
    run: RunId
    """The run that sent it last."""
    manifest: Manifest
    """As it was sent; of a Secret without its values."""
    arriving: bool = False
    """Whether it is about to be sent: nobody has said yet that the API server took it."""
    before: Manifest | None = None
    """Of one that is arriving: what the API server took last before it (None: nothing)."""

    @property
    def key(self) -> Key:
        """What makes it the same object."""
        return key_of(self.cluster, self.ref)


def belonging(key: Key, owner: str) -> str:
    """Say that an object is another one's (`pay in prod`), so that it cannot be delivered."""
    return f"{key.kind} {key.name} {whose(key, owner)}"


def whose(key: Key, owner: str) -> Sentence:
    """Say where an object lies and whose it is, as it goes on after what it is called."""
    if not key.namespace:
        return Sentence(
            "on {cluster} belongs to {owner}; a shared-resource policy lets several deliver it",
            cluster=key.cluster,
            owner=owner,
        )
    return Sentence(
        "in {namespace} on {cluster} belongs to {owner}; "
        "a shared-resource policy lets several deliver it",
        namespace=key.namespace,
        cluster=key.cluster,
        owner=owner,
    )


class Inventory(Protocol):
    """Keeps the account. Every method is a transaction of its own; what it answers is durable.

    Implemented by `bot.store`. Methods raise bot.errors.Temporary while the store is away.
    """

    async def note(
        self,
        application: str,
        environment: str,
        items: Sequence[Item],
        *,
        shared: Collection[Key] = (),
    ) -> None:
        """Take down objects that are about to be sent, in place of what stood there of them, which is kept as `before`.

        Raises bot.errors.Permanent when one belongs to another (application, environment), unless it is `shared`.
        """
        ...

    async def arrived(self, application: str, environment: str, keys: Collection[Key]) -> None:
        """Take down that the API server took objects as they were noted."""
        ...

    async def owners(
        self, application: str, environment: str, keys: Collection[Key]
    ) -> Mapping[Key, str]:
        """Answer which objects stand in another account, and whose: `pay in prod`."""
        ...

    async def items(self, application: str, environment: str) -> list[Item]:
        """List all that was delivered and not removed since."""
        ...

    async def forget(self, application: str, environment: str, keys: Collection[Key]) -> None:
        """Strike out objects that are gone."""
        ...

    async def succeeded(self, application: str, environment: str, keys: Collection[Key]) -> None:
        """Take down for good that Jobs have succeeded: they are not done again when their objects are gone."""
        ...

    async def done(self, application: str, environment: str) -> frozenset[Key]:
        """Answer the Jobs that have ever succeeded."""
        ...

    async def keep(
        self, run: RunId, target: str, delivered: Mapping[str, Sequence[Manifest]]
    ) -> None:
        """Keep what a run has delivered to a target, as it was rendered, by component."""
        ...

    async def kept(self, run: RunId) -> Mapping[tuple[str, str], Sequence[Manifest]]:
        """Answer what a run has delivered, by target and component; empty for a run of an older Shipmate."""
        ...
