"""Where an API server serves a kind: asked once by discovery, then remembered, until it turns out to be wrong."""

import asyncio
from time import monotonic
from urllib.parse import quote

from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.errors import Missing
from bot.cluster.port import Manifest
from bot.run.inventory import Ref

LONGEST = 30.0
"""Seconds that a kind may take to be served after its definition was accepted."""


class Paths:
    """The paths of one API server's kinds."""

    def __init__(self, api: ClusterApi) -> None:
        self._api = api
        self._known: dict[str, dict[str, tuple[str, bool]]] = {}
        self._coming: dict[tuple[str, str], float] = {}
        self._looking = asyncio.Lock()

    async def of_list(self, api_version: str, kind: str, namespace: str) -> str:
        """Answer the path of the list of a kind. Raises Missing when the server does not serve it."""
        root = _root(api_version)
        plural, namespaced = await self._find(api_version, kind)
        if not namespaced:
            return f"{root}/{plural}"
        return f"{root}/namespaces/{quote(namespace or 'default', safe='')}/{plural}"

    async def of_ref(self, ref: Ref) -> str:
        """Answer the path of one object."""
        listed = await self.of_list(ref.api_version, ref.kind, ref.namespace)
        return f"{listed}/{quote(ref.name, safe=':')}"

    async def placed(self, manifest: Manifest) -> Manifest:
        """Answer the object without a namespace when its kind has none: who renders cannot know that."""
        _, namespaced = await self._find(manifest["apiVersion"], manifest["kind"])
        metadata = manifest["metadata"]
        if namespaced or "namespace" not in metadata:
            return manifest
        cleaned = {key: value for key, value in metadata.items() if key != "namespace"}
        return {**manifest, "metadata": cleaned}

    async def served(self, api_version: str, kind: str) -> None:
        """Wait until a kind is served that was defined a moment ago."""
        pause = 0.1
        while self.is_coming(api_version, kind):
            try:
                await self._find(api_version, kind)
            except Missing:
                await asyncio.sleep(pause)
                pause = min(2.0, pause * 2)
            else:
                return

    def expect(self, group: str, kind: str) -> None:
        """Be told that a kind has just been defined, and that what was known of its group is out of date."""
        self._coming[group, kind] = monotonic() + LONGEST
        for api_version in [each for each in self._known if each.rpartition("/")[0] == group]:
            self.forget(api_version)

    def knows(self, api_version: str, kind: str) -> bool:
        """Say whether a kind has been looked up."""
        return kind in self._known.get(api_version, {})

    def is_coming(self, api_version: str, kind: str) -> bool:
        """Say whether a kind was defined a moment ago, so that not all of a cluster's servers may know it yet."""
        return monotonic() < self._coming.get((api_version.rpartition("/")[0], kind), 0.0)

    def forget(self, api_version: str) -> None:
        """Be told that what was known of a group's version is not so any more."""
        self._known.pop(api_version, None)

    async def _find(self, api_version: str, kind: str) -> tuple[str, bool]:
        async with self._looking:
            if kind not in self._known.get(api_version, {}):  # a new definition may serve it by now
                self._known[api_version] = await self._discovered(api_version)
        place = self._known[api_version].get(kind)
        if place is None:
            raise Missing(f"{self._api.name} has no kind {kind} in {api_version}", "")
        return place

    async def _discovered(self, api_version: str) -> dict[str, tuple[str, bool]]:
        try:
            found = await self._api.call("GET", _root(api_version))
        except Missing:  # the group is not there, yet or any more
            return {}
        return {
            each["kind"]: (each["name"], each["namespaced"])
            for each in found["resources"]
            if "/" not in each["name"]
        }


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
