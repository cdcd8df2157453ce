"""A look at one object and its pods, asked of the API server once, when something has failed or is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cluster.health import has_pods
from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.paths import Paths
from bot.cluster.kube.reading import read
from bot.cluster.pods import newest_sets, pods_of
from bot.cluster.port import Applied, Manifest


@dataclass(frozen=True, slots=True)
class Look:
    """What was there."""

    applied: Applied
    subject: Manifest
    sets: Sequence[Manifest] = ()
    """Of a Deployment: the ReplicaSet of its newest template."""
    pods: Sequence[Manifest] = ()
    """Those of the newest template."""


async def look_at(api: ClusterApi, paths: Paths, applied: Applied) -> Look | None:
    """Look at an object; None when it is not there. Raises Temporary or Permanent."""
    subject = await read(api, paths, applied.ref)
    if subject is None:
        return None
    if not has_pods(applied.api_version, applied.kind):
        return Look(applied, subject)
    if applied.kind == "Pod":
        return Look(applied, subject, (), [subject])
    namespace, labels = applied.namespace, _selector(subject)
    sets: Sequence[Manifest] = []
    if applied.kind == "Deployment":
        sets = await listed(api, paths, "apps/v1", "ReplicaSet", namespace, labels)
    pods = await listed(api, paths, "v1", "Pod", namespace, labels)
    return Look(applied, subject, newest_sets(subject, sets), pods_of(subject, sets, pods))


async def listed(
    api: ClusterApi, paths: Paths, api_version: str, kind: str, namespace: str, labels: str
) -> list[Manifest]:
    """List all objects that `labels` selects, page by page. Raises Temporary or Permanent."""
    path = await paths.of_list(api_version, kind, namespace)
    query = {"limit": "500", **({"labelSelector": labels} if labels else {})}
    found: list[Manifest] = []
    while True:
        page = await api.call("GET", path, query=query)
        found += [{"apiVersion": api_version, "kind": kind, **each} for each in page["items"]]
        more = page["metadata"].get("continue")
        if not more:
            return found
        query["continue"] = str(more)


def _selector(subject: Manifest) -> str:
    """Write the labels by which a workload knows its pods; empty when it says more than labels."""
    selector = (subject.get("spec") or {}).get("selector") or {}
    wanted = selector.get("matchLabels", {} if "matchExpressions" in selector else selector)
    if "matchExpressions" in selector or not all(isinstance(each, str) for each in wanted.values()):
        return ""
    return ",".join(f"{key}={value}" for key, value in wanted.items())
