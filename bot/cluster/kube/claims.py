"""Whether a claim's volume comes by itself, or when a pod asks for it: what its StorageClass says, asked once."""

from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.paths import Paths
from bot.cluster.port import Manifest
from bot.errors import Permanent, Temporary
from bot.run.inventory import Ref


class Classes:
    """What is known of storage classes. What cannot be asked counts as on demand: it keeps nobody waiting."""

    def __init__(self, api: ClusterApi, paths: Paths) -> None:
        self._api = api
        self._paths = paths
        self._on_demand: dict[str, bool] = {}

    async def learn(self, claim: Manifest | None) -> None:
        """Ask for the class of a claim that is not bound."""
        name = _class_of(claim)
        if name and name not in self._on_demand:
            self._on_demand[name] = await self._asked(name)

    def is_on_demand(self, claim: Manifest | None) -> bool:
        """Say whether a claim's volume comes when a pod asks for it, as far as is known."""
        return self._on_demand.get(_class_of(claim), True)

    async def _asked(self, name: str) -> bool:
        ref = Ref("storage.k8s.io/v1", "StorageClass", "", name)
        try:
            found = await self._api.call("GET", await self._paths.of_ref(ref))
        except (Permanent, Temporary):
            return True
        return bool(found.get("volumeBindingMode") == "WaitForFirstConsumer")


def _class_of(claim: Manifest | None) -> str:
    if claim is None or (claim.get("status") or {}).get("phase") == "Bound":
        return ""
    return str((claim.get("spec") or {}).get("storageClassName") or "")
