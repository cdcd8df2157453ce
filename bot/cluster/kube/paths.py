"""Where an API server serves a kind: asked once by discovery, then remembered."""

from bot.cluster.kube.api import ClusterApi
from bot.cluster.port import Manifest
from bot.errors import Permanent
from bot.run.inventory import Ref


class Paths:
    """The paths of one API server's kinds."""

    def __init__(self, api: ClusterApi) -> None:
        self._api = api
        self._known: dict[str, dict[str, tuple[str, bool]]] = {}

    async def of_list(self, api_version: str, kind: str, namespace: str) -> str:
        """Answer the path of the list of a kind. Raises Permanent when the server does not serve it."""
        root = _root(api_version)
        plural, namespaced = await self._find(api_version, kind, root)
        if not namespaced:
            return f"{root}/{plural}"
        return f"{root}/namespaces/{namespace or 'default'}/{plural}"

    async def of_object(self, manifest: Manifest) -> str:
        """Answer the path of one object."""
        meta = manifest["metadata"]
        listed = await self.of_list(
            manifest["apiVersion"], manifest["kind"], meta.get("namespace", "")
        )
        return f"{listed}/{meta['name']}"

    async def of_ref(self, ref: Ref) -> str:
        """Answer the path of one object."""
        return f"{await self.of_list(ref.api_version, ref.kind, ref.namespace)}/{ref.name}"

    async def placed(self, manifest: Manifest) -> Manifest:
        """Answer the object without a namespace when its kind has none: who renders cannot know that."""
        api_version = manifest["apiVersion"]
        _, namespaced = await self._find(api_version, manifest["kind"], _root(api_version))
        metadata = manifest["metadata"]
        if namespaced or "namespace" not in metadata:
            return manifest
        cleaned = {key: value for key, value in metadata.items() if key != "namespace"}
        return {**manifest, "metadata": cleaned}

    async def _find(self, api_version: str, kind: str, root: str) -> tuple[str, bool]:
        if kind not in self._known.get(api_version, {}):  # a new CRD may serve it by now
            found = await self._api.call("GET", root)
            self._known[api_version] = {
                each["kind"]: (each["name"], each["namespaced"])
                for each in found["resources"]
                if "/" not in each["name"]
            }
        place = self._known[api_version].get(kind)
        if place is None:
            raise Permanent(f"{self._api.name} has no kind {kind} in {api_version}")
        return place


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
