"""Why objects are not ready, asked of the API server once, when a step has failed: events and last log lines."""

from collections.abc import Sequence
from typing import Any

from bot.cluster.health import WORKLOADS
from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.paths import Paths
from bot.cluster.pods import pods_of
from bot.cluster.port import Applied, Manifest
from bot.cluster.trouble import Trouble, end_of, past_trouble_of, trouble_of
from bot.errors import Permanent, Temporary
from bot.rendering.redaction import redact

LINES = 20
LOG_LINES = 5
WIDTH = 200


async def explanation(api: ClusterApi, paths: Paths, applied: Sequence[Applied]) -> tuple[str, ...]:
    """Answer lines for a person, worst first: container states, warnings, last log lines.

    Raises Temporary or Permanent when the server cannot be asked.
    """
    said: dict[str, None] = {}
    for each in applied:
        if each.kind not in WORKLOADS:
            continue
        listed = await paths.of_list(each.api_version, each.kind, each.namespace)
        subject = await api.call("GET", f"{listed}/{each.name}")
        subject = {"kind": each.kind, **subject}
        pods = pods_of(
            subject,
            await _list(api, paths, "apps/v1", "ReplicaSet", each.namespace),
            await _list(api, paths, "v1", "Pod", each.namespace),
        )
        for pod in pods:
            trouble = trouble_of(pod) or past_trouble_of(pod)
            ended = end_of(pod)
            if trouble is not None:
                said |= dict.fromkeys(await _of_pod(api, each.namespace, pod, trouble))
                break  # the pods of one template fail alike: one of them is enough
            if ended is not None:
                said[ended.text] = None
                words = await _words(api, each.namespace, pod, ended.container, previous=False)
                said |= dict.fromkeys(words)
                break
        else:
            said |= dict.fromkeys(await _warnings(api, each.namespace, each.name))
    return tuple(redact(line)[:WIDTH] for line in said)[:LINES]


async def _list(
    api: ClusterApi, paths: Paths, api_version: str, kind: str, namespace: str
) -> list[Manifest]:
    found = await api.call("GET", await paths.of_list(api_version, kind, namespace))
    items: list[Manifest] = found["items"]
    return items


async def _of_pod(api: ClusterApi, namespace: str, pod: Manifest, trouble: Trouble) -> list[str]:
    lines = [f"{trouble.pod}: {trouble.reason}"]
    lines += await _warnings(api, namespace, trouble.pod)
    if trouble.restarts:
        lines += await _words(api, namespace, pod, trouble.container, previous=True)
    return lines


async def _warnings(api: ClusterApi, namespace: str, name: str) -> list[str]:
    found = await api.call(
        "GET",
        f"/api/v1/namespaces/{namespace}/events",
        query={"fieldSelector": f"involvedObject.name={name},type=Warning"},
    )
    events: list[dict[str, Any]] = sorted(
        found["items"], key=lambda each: each.get("lastTimestamp") or ""
    )
    return [f"{each.get('reason', '')}: {each.get('message', '')}" for each in events[-3:]]


async def _words(
    api: ClusterApi, namespace: str, pod: Manifest, container: str, *, previous: bool
) -> list[str]:
    """Answer the last log lines of a container, or of the one before it was started again."""
    try:
        text = await api.call(
            "GET",
            f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}/log",
            query={
                "container": container,
                "previous": str(previous).lower(),
                "tailLines": str(LOG_LINES),
            },
        )
    except (Temporary, Permanent):
        return []
    return [f"{container} | {line}" for line in str(text).splitlines()[-LOG_LINES:]]
