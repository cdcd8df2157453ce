"""StatefulSets and DaemonSets: pods by name, or one a node."""

from bot.sandbox.kubernetes.controllers.context import POD, Context, hash_of
from bot.sandbox.kubernetes.controllers.replicasets import (
    create_pod,
    is_alive,
    is_ready,
    terminating,
)
from bot.sandbox.kubernetes.controllers.scheduling import NODE, matches
from bot.sandbox.kubernetes.storage import Object

HASH = "controller-revision-hash"


def reconcile_stateful_set(context: Context, owner: Object) -> None:
    """Make pods NAME-0, NAME-1 … one after the other; replace those of an older template, last first."""
    if owner["metadata"].get("deletionTimestamp"):
        return
    wanted, name = owner["spec"]["replicas"], owner["metadata"]["name"]
    pods = {each["metadata"]["name"]: each for each in context.owned(owner, POD)}
    names = [f"{name}-{index}" for index in range(wanted)]
    current = _revision(owner)
    for pod_name, pod in pods.items():
        if pod_name not in names and is_alive(pod):
            context.storage.mark(POD, pod, terminating(pod))
    outdated = [
        pods[each] for each in reversed(names) if each in pods and _hash(pods[each]) != current
    ]
    whole = len(pods) == wanted and all(
        is_ready(each) for each in pods.values() if _hash(each) == current
    )
    if outdated and whole and is_alive(outdated[0]):
        context.storage.mark(POD, outdated[0], terminating(outdated[0]))
    for pod_name in names:
        if pod_name not in pods:
            _create(context, owner, "statefulset-controller", pod_name)
            break
        if not is_ready(pods[pod_name]):
            break
    _report_set(context, owner, current)


def reconcile_daemon_set(context: Context, owner: Object) -> None:
    """Keep one pod on each node that takes it, of the present template."""
    if owner["metadata"].get("deletionTimestamp"):
        return
    current = _revision(owner)
    nodes = [
        each["metadata"]["name"]
        for each in context.storage.of(NODE)
        if matches(each, owner["spec"]["template"]["spec"])
    ]
    there = {_pinned(each): each for each in context.owned(owner, POD)}
    stray = [each for name, each in there.items() if is_alive(each) and name not in nodes]
    for each in (*stray, *_outdated(list(there.values()), current)):
        context.storage.mark(POD, each, terminating(each))
    for name in nodes:
        if name not in there:
            _create(context, owner, "daemonset-controller", "", node=name)
    alive = [each for each in context.owned(owner, POD) if is_alive(each)]
    ready = sum(1 for each in alive if is_ready(each))
    updated = sum(1 for each in alive if _hash(each) == current)
    context.set_status(
        _fresh(context, owner),
        {
            "observedGeneration": owner["metadata"]["generation"],
            "desiredNumberScheduled": len(nodes),
            "currentNumberScheduled": len(alive),
            "updatedNumberScheduled": updated,
            "numberReady": ready,
            "numberAvailable": ready,
            "numberUnavailable": len(nodes) - ready,
            "numberMisscheduled": 0,
        },
    )


def _outdated(pods: list[Object], current: str) -> list[Object]:
    """List the pods to renew now: those that do not work, and one of the others while all work."""
    old = [each for each in pods if is_alive(each) and _hash(each) != current]
    broken = [each for each in old if not is_ready(each)]
    whole = all(is_ready(each) and is_alive(each) for each in pods)
    return broken or (old[:1] if whole else [])


def _pinned(pod: Object) -> str:
    """Answer the node that a DaemonSet's pod is for."""
    affinity = pod["spec"].get("affinity", {}).get("nodeAffinity", {})
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {})
    for term in required.get("nodeSelectorTerms", []):
        for each in term.get("matchFields", []):
            return str(each["values"][0])
    return str(pod["spec"].get("nodeName", ""))


def _pin(spec: Object, node: str) -> Object:
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    required = {"nodeSelectorTerms": [term]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    return {**spec, "affinity": {**(spec.get("affinity") or {}), **affinity}}


def _report_set(context: Context, owner: Object, current: str) -> None:
    alive = [each for each in context.owned(owner, POD) if is_alive(each)]
    ready = sum(1 for each in alive if is_ready(each))
    updated = sum(1 for each in alive if _hash(each) == current)
    name = owner["metadata"]["name"]
    wanted = owner["spec"]["replicas"]
    before = owner.get("status", {}).get("currentRevision", f"{name}-{current}")
    context.set_status(
        _fresh(context, owner),
        {
            "observedGeneration": owner["metadata"]["generation"],
            "replicas": len(alive),
            "readyReplicas": ready,
            "availableReplicas": ready,
            "currentReplicas": updated,
            "updatedReplicas": updated,
            "currentRevision": f"{name}-{current}" if updated == ready == wanted else before,
            "updateRevision": f"{name}-{current}",
            "collisionCount": 0,
        },
    )


def _create(context: Context, owner: Object, component: str, name: str, node: str = "") -> None:
    template = owner["spec"]["template"]
    labels = {**template["metadata"].get("labels", {}), HASH: _revision(owner)}
    marked = {**template, "metadata": {**template["metadata"], "labels": labels}}
    if node:
        marked["spec"] = _pin(template["spec"], node)
    create_pod(context, {**owner, "spec": {**owner["spec"], "template": marked}}, component, name)


def _revision(owner: Object) -> str:
    return hash_of(owner["spec"]["template"])


def _hash(pod: Object) -> str:
    return str(pod["metadata"].get("labels", {}).get(HASH, ""))


def _fresh(context: Context, owner: Object) -> Object:
    """Answer the owner as it is now: making pods has written events, never the owner, but be sure."""
    meta = owner["metadata"]
    resource = context.kind_of(owner)
    return context.storage.get(resource, meta["namespace"], meta["name"])
