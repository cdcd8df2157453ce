"""`KubeClusters`: applies, follows and explains, on all clusters of the catalog."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.catalog.model import Cluster
from bot.clock import Clock
from bot.cluster.health import AT_ONCE, WORKLOADS, health_of
from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.explaining import explanation
from bot.cluster.kube.paths import Paths
from bot.cluster.kube.watches import SharedWatch, Watches
from bot.cluster.pods import pods_of
from bot.cluster.port import Applied, Explanation, Health, Manifest
from bot.errors import Permanent, Temporary
from bot.run.inventory import Ref

FIELD_MANAGER = "shipmate"
APPLY = "application/apply-patch+yaml"
GLANCE = 2.0
"""Seconds after which troubled pods are judged again, since a verdict needs that trouble lasts."""

ORDER = (
    "Namespace",
    "CustomResourceDefinition",
    "ResourceQuota",
    "LimitRange",
    "NetworkPolicy",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Service",
)
"""What has to be there before the workloads; every other kind comes after these, and what acts on workloads last."""
LAST = ("HorizontalPodAutoscaler", "PodDisruptionBudget", "Ingress")


@dataclass(frozen=True, slots=True)
class _View:
    """The shared watches behind one `follow`."""

    watches: Mapping[tuple[str, str, str], SharedWatch]
    applied: Sequence[Applied]

    def health(self, now: datetime) -> dict[Applied, Health]:
        return {each: self._of(each, now) for each in self.applied}

    def _of(self, applied: Applied, now: datetime) -> Health:
        if applied.kind in AT_ONCE:
            return Health(ready=1, wanted=1, done=True)
        subject = self._objects(applied.api_version, applied.kind, applied.namespace).get(
            applied.name
        )
        pods = pods_of(
            subject,
            list(self._objects("apps/v1", "ReplicaSet", applied.namespace).values()),
            list(self._objects("v1", "Pod", applied.namespace).values()),
        )
        return health_of(subject, applied.generation, pods, now)

    def _objects(self, api_version: str, kind: str, namespace: str) -> Mapping[str, Manifest]:
        watch = self.watches.get((api_version, kind, namespace))
        return watch.objects if watch else {}

    def raise_errors(self) -> None:
        for watch in self.watches.values():
            if watch.error is not None:
                raise watch.error


class KubeClusters:
    """The `Clusters` port. `clusters` answers the catalog's clusters, which a changed file replaces."""

    def __init__(
        self, clusters: Callable[[], Mapping[str, Cluster]], kubeconfig: Path | None, clock: Clock
    ) -> None:
        self._clusters = clusters
        self._kubeconfig = kubeconfig
        self._clock = clock
        self._apis: dict[Cluster, tuple[ClusterApi, Paths]] = {}
        self._watches = Watches()

    async def close(self) -> None:
        """End the watches and close the connections."""
        await self._watches.close()
        for api, _ in self._apis.values():
            await api.close()

    async def apply(self, cluster: str, manifests: Sequence[Manifest]) -> list[Applied]:
        """Apply the objects by server-side apply, those that others need first."""
        applied: list[Applied] = []
        for manifest in sorted(manifests, key=_rank):
            try:
                applied.append(await self._apply(cluster, manifest))
            except Permanent as error:
                namespace = manifest["metadata"].get("namespace", "")
                if error.code != "404" or not namespace or manifest["kind"] == "Namespace":
                    raise
                await self._apply(cluster, _namespace(namespace))
                applied.append(await self._apply(cluster, manifest))
        return applied

    async def follow(
        self, cluster: str, applied: Sequence[Applied]
    ) -> AsyncIterator[dict[Applied, Health]]:
        """Yield the health of all of `applied` now and after each change."""
        changed = asyncio.Event()
        async with AsyncExitStack() as stack:
            view = _View(await self._join(stack, cluster, applied, changed), applied)
            for watch in view.watches.values():
                await watch.listed.wait()
            last: dict[Applied, Health] | None = None
            while True:
                view.raise_errors()
                changed.clear()
                found = view.health(self._clock.now())
                if found != last:
                    last = found
                    yield found
                troubled = any(each.note for each in found.values())
                try:
                    await asyncio.wait_for(changed.wait(), GLANCE if troubled else None)
                except TimeoutError:
                    continue

    async def explain(self, cluster: str, applied: Sequence[Applied]) -> Explanation:
        """Say why objects are not ready; nothing when the cluster cannot be asked."""
        api, paths = self._api(cluster)
        try:
            return Explanation(lines=await explanation(api, paths, applied))
        except (Temporary, Permanent):
            return Explanation()

    async def remove(self, cluster: str, ref: Ref, *, uid: str = "", orphan: bool = False) -> bool:
        """Delete an object and what it owns; answer whether it is gone."""
        api, paths = self._api(cluster)
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        try:
            path = await paths.of_ref(ref)
            await api.call("DELETE", path, body=body)
            await api.call("GET", path)
        except Permanent as error:
            if error.code != "404":
                raise
            return True
        return False

    async def live(self, cluster: str, refs: Sequence[Ref]) -> list[Manifest | None]:
        """Read the objects as they are now; None for one that does not exist."""
        api, paths = self._api(cluster)
        found: list[Manifest | None] = []
        for each in refs:
            try:
                found.append(await api.call("GET", await paths.of_ref(each)))
            except Permanent as error:
                if error.code != "404":
                    raise
                found.append(None)
        return found

    async def _apply(self, cluster: str, manifest: Manifest) -> Applied:
        api, paths = self._api(cluster)
        made = await api.call(
            "PATCH",
            await paths.of_object(manifest),
            query={"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"},
            body=await paths.placed(manifest),
            content_type=APPLY,
        )
        meta = made["metadata"]
        return Applied(
            api_version=made["apiVersion"],
            kind=made["kind"],
            namespace=meta.get("namespace", ""),
            name=meta["name"],
            generation=meta.get("generation", 0),
            component=(meta.get("labels") or {}).get("app.oam.dev/component", ""),
        )

    async def _join(
        self,
        stack: AsyncExitStack,
        cluster: str,
        applied: Sequence[Applied],
        changed: asyncio.Event,
    ) -> dict[tuple[str, str, str], SharedWatch]:
        api, paths = self._api(cluster)
        kinds: dict[tuple[str, str, str], None] = {}
        for each in applied:
            if each.kind in AT_ONCE:
                continue
            kinds[each.api_version, each.kind, each.namespace] = None
            if each.kind == "Deployment":
                kinds["apps/v1", "ReplicaSet", each.namespace] = None
            if each.kind in WORKLOADS:
                kinds["v1", "Pod", each.namespace] = None
        return {
            key: await stack.enter_async_context(
                self._watches.following(api, await paths.of_list(*key), changed)
            )
            for key in kinds
        }

    def _api(self, name: str) -> tuple[ClusterApi, Paths]:
        cluster = self._clusters().get(name)
        if cluster is None:
            raise Permanent(f"there is no cluster {name} in workflows/ any more")
        if cluster not in self._apis:
            api = ClusterApi(cluster, self._kubeconfig)
            self._apis[cluster] = (api, Paths(api))
        return self._apis[cluster]


def _rank(manifest: Manifest) -> int:
    kind = manifest["kind"]
    if kind in LAST:
        return len(ORDER) + 1
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
