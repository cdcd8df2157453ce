"""`KubeClusters`: the `Clusters` port on all clusters of the catalog. What it does is in the modules beside it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bot.catalog.model import Cluster, SecretKey
from bot.clock import Clock
from bot.cluster.digests import digests_of
from bot.cluster.health import has_pods
from bot.cluster.kube import following
from bot.cluster.kube.access import Access
from bot.cluster.kube.api import ClusterApi, OnAnswer, OnRequest
from bot.cluster.kube.applying import apply_all
from bot.cluster.kube.credentials import Named, Reveal, credentials_of, of_home
from bot.cluster.kube.errors import Missing
from bot.cluster.kube.examining import denied, version_of
from bot.cluster.kube.explaining import explanation, words_of_jobs
from bot.cluster.kube.looking import listed, look_at
from bot.cluster.kube.paths import Paths
from bot.cluster.kube.previews import previews
from bot.cluster.kube.reading import read
from bot.cluster.kube.removing import remove
from bot.cluster.kube.together import together
from bot.cluster.kube.watches import Watches
from bot.cluster.port import Applied, Explanation, Health, Manifest, Options, Preview
from bot.errors import Permanent, Temporary
from bot.lease import Certain, always
from bot.placement.rights import Right
from bot.run.inventory import Ref


class _Server(NamedTuple):
    """One API server."""

    api: ClusterApi
    paths: Paths


class KubeClusters:
    """The `Clusters` port. `clusters` answers the catalog's clusters, which a changed file replaces."""

    def __init__(
        self,
        clusters: Callable[[], Mapping[str, Cluster]],
        kubeconfig: Path | None,
        clock: Clock,
        *,
        reveal: Reveal = lambda _name: None,
        on_request: OnRequest | None = None,
        on_answer: OnAnswer | None = None,
        silence: float = 75.0,
        certain: Certain = always,
    ) -> None:
        """`kubeconfig` is the file for clusters that name none; `reveal` answers the secrets among the settings.

        `on_request` is told each request and `on_answer` what came of it, for counting; `silence` is how many seconds a watch may say nothing. `certain`
        is waited for before anything is changed.
        """
        self._certain = certain
        self._clusters = clusters
        self._kubeconfig = kubeconfig
        self._clock = clock
        self._reveal = reveal
        self._on_request = on_request
        self._on_answer = on_answer
        self._silence = silence
        self._servers: dict[str, tuple[Cluster, _Server]] = {}
        self._left: list[_Server] = []
        self._home: _Server | None = None
        self._watches = Watches()

    async def close(self) -> None:
        """End the watches and close the connections."""
        await self._watches.close()
        for each in [*(server for _, server in self._servers.values()), *self._left]:
            await each.api.close()
        if self._home is not None:
            await self._home.api.close()

    async def apply(
        self, cluster: str, manifests: Sequence[Manifest], options: Options | None = None
    ) -> list[Applied]:
        """Apply the objects by server-side apply, those that others need first."""
        return await apply_all(*self._server(cluster), manifests, options or Options())

    async def follow(
        self, cluster: str, applied: Sequence[Applied], *, patience: float = 600.0
    ) -> AsyncIterator[dict[Applied, Health]]:
        """Yield the health of all of `applied` now and after each change."""
        told = following.follow(
            *self._server(cluster), self._watches, self._clock, applied, patience
        )
        async with aclosing(told):
            async for each in told:
                yield each

    async def preview(
        self, cluster: str, manifests: Sequence[Manifest], options: Options | None = None
    ) -> list[Preview]:
        """Say what `apply` would do to each object, by a dry run on the server."""
        return await previews(*self._server(cluster), manifests, options or Options())

    async def explain(self, cluster: str, applied: Sequence[Applied]) -> Explanation:
        """Say why objects are not ready; nothing when the cluster cannot be asked."""
        try:
            return await explanation(*self._server(cluster), applied)
        except (Temporary, Permanent):
            return Explanation()

    async def words(self, cluster: str, applied: Sequence[Applied]) -> Explanation:
        """Answer the last log lines of the pods of Jobs; nothing when the cluster cannot be asked."""
        try:
            return await words_of_jobs(*self._server(cluster), applied)
        except (Temporary, Permanent):
            return Explanation()

    async def digests(self, cluster: str, applied: Sequence[Applied]) -> Mapping[str, str]:
        """Answer which content the images of workloads turned out to be."""
        workloads = [each for each in applied if has_pods(each.api_version, each.kind)]
        try:
            server = self._server(cluster)
            found = await together([partial(self._pods, server, each) for each in workloads])
        except (Temporary, Permanent):
            return {}
        return digests_of(pod for pods in found for pod in pods)

    async def _pods(self, server: _Server, applied: Applied) -> Sequence[Manifest]:
        """List the pods of a workload: as a watch that goes on knows them, or else by asking."""
        seen = following.pods_seen(server.api, self._watches, applied)
        if seen is not None:
            return seen
        look = await look_at(*server, applied)
        return look.pods if look is not None else ()

    async def remove(self, cluster: str, ref: Ref, *, uid: str = "", orphan: bool = False) -> bool:
        """Delete an object and what it owns; answer whether it is gone."""
        return await remove(*self._server(cluster), ref, uid=uid, orphan=orphan)

    async def live(self, cluster: str, refs: Sequence[Ref]) -> list[Manifest | None]:
        """Read objects as they are now; None for one that does not exist, also when its kind does not."""
        server = self._server(cluster)
        return await together([partial(read, *server, each) for each in refs])

    async def find(
        self, cluster: str, api_version: str, kind: str, namespace: str, *, labels: str = ""
    ) -> list[Manifest]:
        """Read all objects of a kind in a namespace that `labels` selects; none of a kind that is not served."""
        try:
            return await listed(*self._server(cluster), api_version, kind, namespace, labels)
        except Missing:
            return []

    async def version(self, cluster: str) -> str:
        """Answer the version of an API server. Raises Temporary or Permanent when it does not answer us."""
        return await version_of(self._server(cluster).api)

    async def denied(self, cluster: str, rights: Sequence[Right]) -> list[str]:
        """List what we may not do of `rights`, in words. Raises Temporary or Permanent."""
        return await denied(*self._server(cluster), rights)

    def _server(self, name: str) -> _Server:
        cluster = self._clusters().get(name)
        if cluster is None:
            raise Permanent(f"there is no cluster {name} in workflows/ any more")
        known = self._servers.get(name)
        if known is not None and known[0] == cluster:
            return known[1]
        if known is not None:
            self._left.append(known[1])  # whoever follows there still does
        source = credentials_of(cluster, self._kubeconfig, self._read_secret, self._reveal)
        server = self._made(name, source)
        self._servers[name] = (cluster, server)
        return server

    def _made(self, name: str, source: Named) -> _Server:
        api = ClusterApi(
            name,
            Access(source, self._clock),
            silence=self._silence,
            on_request=self._on_request,
            on_answer=self._on_answer,
            certain=self._certain,
        )
        return _Server(api, Paths(api))

    async def _read_secret(self, key: SecretKey) -> Manifest:
        """Read a Secret of the cluster that Shipmate belongs to."""
        if self._home is None:
            self._home = self._made("Shipmate's own cluster", of_home(self._kubeconfig))
        found = await read(*self._home, Ref("v1", "Secret", key.namespace, key.name))
        if found is None:
            raise Permanent("there is no such Secret")
        return found
