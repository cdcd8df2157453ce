"""DaemonSets: a pod on every node that takes it, renewed one after the other."""

from bot.sandbox.kubernetes.controllers import revisions
from bot.sandbox.kubernetes.controllers.context import POD, Context
from bot.sandbox.kubernetes.controllers.replicasets import (
    available,
    create_pod,
    is_alive,
    is_ready,
    may_create,
    terminating,
)
from bot.sandbox.kubernetes.controllers.revisions import HASH
from bot.sandbox.kubernetes.controllers.scheduling import NODE, UNSCHEDULABLE, matches, untolerated
from bot.sandbox.kubernetes.defaults import TEMPLATE_GENERATION
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object

DAEMON_SET = BY_KIND["apps/v1", "DaemonSet"]
COMPONENT = "daemonset-controller"
GENERATION = "pod-template-generation"
TOLERATED = ("not-ready", "unreachable")
TOLERATED_AT_FIRST = ("disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")


def reconcile(context: Context, owner: Object) -> None:
    """Keep one pod on each node that takes it, of the present template."""
    meta = owner["metadata"]
    if meta.get("deletionTimestamp"):
        return
    revisions.keep(context, owner)
    current = revisions.hash_of_template(owner)
    nodes = [
        each["metadata"]["name"]
        for each in context.storage.of(NODE)
        if matches(each, owner["spec"]["template"]["spec"])
        and not untolerated(each, owner["spec"]["template"]["spec"])
    ]
    there = {_node_of(each): each for each in context.owned(owner, POD)}
    stray = [each for name, each in there.items() if is_alive(each) and name not in nodes]
    for each in (*stray, *_outdated(owner, list(there.values()), current)):
        context.storage.mark(POD, each, terminating(each))
        said = f"Deleted pod: {each['metadata']['name']}"
        context.event(owner, "Normal", "SuccessfulDelete", said, COMPONENT)
    for name in nodes:
        pod = there.get(name)
        if pod is not None and pod["status"].get("phase") == "Failed":
            context.storage.remove(POD, pod)
            pod = None
        if pod is None and (
            not may_create(context, owner) or _create(context, owner, current, name)
        ):
            break
    _report(context, owner, current, len(nodes))


def _outdated(owner: Object, pods: list[Object], current: str) -> list[Object]:
    """List the pods to renew now: those that do not work, and of the others as many as may be missing."""
    update = owner["spec"].get("updateStrategy") or {}
    if update.get("type") == "OnDelete":
        return []
    old = [each for each in pods if is_alive(each) and _hash(each) != current]
    broken = [each for each in old if not is_ready(each)]
    missing = sum(1 for each in pods if not is_ready(each) or not is_alive(each))
    allowed = _share((update.get("rollingUpdate") or {}).get("maxUnavailable", 1), len(pods))
    working = [each for each in old if is_ready(each)]
    return [*broken, *working[: max(0, allowed - missing)]]


def _share(value: object, count: int) -> int:
    if isinstance(value, int):
        return max(1, value)
    return max(1, -(-count * int(str(value).rstrip("%")) // 100))


def _report(context: Context, owner: Object, current: str, wanted: int) -> None:
    meta = owner["metadata"]
    alive = [each for each in context.owned(owner, POD) if is_alive(each)]
    usable = available(context, owner, alive)
    counts = {
        "updatedNumberScheduled": sum(1 for each in alive if _hash(each) == current),
        "numberAvailable": usable,
        "numberUnavailable": max(0, wanted - usable),
    }
    status: Object = {
        "observedGeneration": meta["generation"],
        "desiredNumberScheduled": wanted,
        "currentNumberScheduled": min(wanted, len(alive)),
        "numberReady": sum(1 for each in alive if is_ready(each)),
        "numberMisscheduled": 0,
        **{key: value for key, value in counts.items() if value},
    }
    found = context.storage.find(DAEMON_SET, meta["namespace"], meta["name"])
    if found is not None:
        context.set_status(found, status)


def _create(context: Context, owner: Object, current: str, node: str) -> str:
    template = owner["spec"]["template"]
    meta = template.get("metadata") or {}
    number = (owner["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION, "1")
    labels = {**(meta.get("labels") or {}), HASH: current, GENERATION: number}
    marked = {
        **template,
        "metadata": {**meta, "labels": labels},
        "spec": _pinned(template["spec"], node),
    }
    return create_pod(context, {**owner, "spec": {**owner["spec"], "template": marked}}, COMPONENT)


def _pinned(spec: Object, node: str) -> Object:
    """Answer the spec of a pod for one node, which it does not leave for what other pods flee."""
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    required = {"nodeSelectorTerms": [term]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    tolerations = [
        *(spec.get("tolerations") or []),
        *(_toleration(each, "NoExecute") for each in TOLERATED),
        *(_toleration(each, "NoSchedule") for each in TOLERATED_AT_FIRST),
    ]
    return {
        **spec,
        "affinity": {**(spec.get("affinity") or {}), **affinity},
        "tolerations": tolerations,
    }


def _toleration(name: str, effect: str) -> Object:
    key = UNSCHEDULABLE if name == "unschedulable" else f"node.kubernetes.io/{name}"
    return {"key": key, "operator": "Exists", "effect": effect}


def _node_of(pod: Object) -> str:
    """Answer the node that a DaemonSet's pod is for."""
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    for term in required.get("nodeSelectorTerms") or []:
        for each in term.get("matchFields") or []:
            return str(each["values"][0])
    return str(pod["spec"].get("nodeName", ""))


def _hash(pod: Object) -> str:
    return str((pod["metadata"].get("labels") or {}).get(HASH, ""))
