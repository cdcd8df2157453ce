"""The scheduler: finds a node with room for a pod, or says in the real one's words why there is none.

The fault `unschedulable` stands for a cluster without room.
"""

from collections import Counter
from decimal import Decimal

from bot.sandbox.kubernetes.controllers.context import POD, Context, Target, workloads_of
from bot.sandbox.kubernetes.quantities import amount, requests_of
from bot.sandbox.kubernetes.references import CLAIM, claims_of
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.selectors import selector_labels
from bot.sandbox.kubernetes.storage import Object, now

STORAGE_CLASS = BY_KIND["storage.k8s.io/v1", "StorageClass"]
NODE = BY_KIND["v1", "Node"]
SCHEDULER = "default-scheduler"
OVER = frozenset({"Succeeded", "Failed"})
UNHELPFUL = "Preemption is not helpful for scheduling."
NO_VICTIMS = "No preemption victims found for incoming pod."
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
RETRY = 2.0


def schedule(context: Context, pod: Object) -> bool:
    """Bind a pod to a node; answer False, and come back, when none takes it."""
    nodes = context.storage.of(NODE)
    fault = context.fault("unschedulable", *workloads_of(context, pod))
    refused = [
        _refusal(context, pod, each) if fault is None else "Insufficient cpu" for each in nodes
    ]
    claim = _claim(context, pod)
    fitting = [node for node, reason in zip(nodes, refused, strict=True) if not reason]
    if claim or not fitting:
        _say(
            context,
            pod,
            claim or _counted(refused),
            _advice(context, pod, nodes, claim=bool(claim)),
        )
        context.again(_target(pod), RETRY / context.speed)
        return False
    chosen = min(fitting, key=lambda node: (_load(context, node), node["metadata"]["name"]))
    name = chosen["metadata"]["name"]
    bound = {**pod, "spec": {**pod["spec"], "nodeName": name}}
    bound["status"] = _with_condition(pod["status"], {"status": "True"})
    context.storage.mark(POD, bound, pod["metadata"])  # a binding is nobody's field
    meta = pod["metadata"]
    said = f"Successfully assigned {meta['namespace']}/{meta['name']} to {name}"
    context.event(pod, "Normal", "Scheduled", said, SCHEDULER)
    return True


def matches(node: Object, spec: Object) -> bool:
    """Say whether a pod may run on a node at all, room aside."""
    labels = node["metadata"].get("labels") or {}
    wanted = spec.get("nodeSelector") or {}
    if not all(labels.get(key) == value for key, value in wanted.items()):
        return False
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if not required:
        return True
    return any(_term(node, each) for each in required.get("nodeSelectorTerms") or [])


def _term(node: Object, term: Object) -> bool:
    name = node["metadata"]["name"]
    by_label = selector_labels({"matchExpressions": term.get("matchExpressions") or []})
    fields = term.get("matchFields") or []
    return by_label(node) and all(
        (name in each["values"]) is (each["operator"] == "In") for each in fields
    )


def untolerated(node: Object, spec: Object) -> str:
    """Answer the first taint of a node that keeps a pod off, as the scheduler names it; empty when none does."""
    for taint in node["spec"].get("taints") or []:
        if taint["effect"] in {"NoSchedule", "NoExecute"} and not any(
            _tolerates_taint(each, taint) for each in spec.get("tolerations") or []
        ):
            return f"{taint['key']}: {taint.get('value', '')}"
    return ""


def _tolerates_taint(toleration: Object, taint: Object) -> bool:
    if toleration.get("effect") not in {None, "", taint["effect"]}:
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in {None, "", taint["key"]}
    same = toleration.get("value", "") == taint.get("value", "")
    return bool(toleration.get("key") == taint["key"] and same)


def pods_on(context: Context, node: str) -> list[Object]:
    """List the pods on a node that are not over."""
    return [
        each
        for each in context.storage.of(POD)
        if each["spec"].get("nodeName") == node and each["status"].get("phase") not in OVER
    ]


def _refusal(context: Context, pod: Object, node: Object) -> str:
    """Answer why a node does not take a pod; empty when it does."""
    spec, name = pod["spec"], node["metadata"]["name"]
    if not _is_ready(node):
        return "node(s) had untolerated taint {node.kubernetes.io/not-ready: }"
    if node["spec"].get("unschedulable") and not _tolerates(spec, UNSCHEDULABLE):
        return "node(s) were unschedulable"
    taint = untolerated(node, spec)
    if taint:
        return f"node(s) had untolerated taint {{{taint}}}"
    if not matches(node, spec):
        return "node(s) didn't match Pod's node affinity/selector"
    room = node["status"].get("allocatable") or {}
    there = pods_on(context, name)
    if len(there) >= int(room.get("pods", 110)):
        return "Too many pods"
    for resource, wanted in requests_of(spec).items():
        used = sum(
            (requests_of(each["spec"]).get(resource, Decimal(0)) for each in there), Decimal(0)
        )
        if wanted and used + wanted > amount(room.get(resource, 0)):
            return f"Insufficient {resource}"
    return ""


def _tolerates(spec: Object, key: str) -> bool:
    return any(each.get("key") in {key, None} for each in spec.get("tolerations") or [])


def _claim(context: Context, pod: Object) -> str:
    """Answer what is wrong with the volumes that a pod claims; empty when nothing is."""
    for name in claims_of(pod["spec"]):
        claim = context.storage.find(CLAIM, pod["metadata"]["namespace"], name)
        if claim is None:
            return f'persistentvolumeclaim "{name}" not found'
        if claim["status"].get("phase") != "Bound" and not _waits(context, claim):
            return "pod has unbound immediate PersistentVolumeClaims"
    return ""


def _waits(context: Context, claim: Object) -> bool:
    """Say whether a claim is bound only when its pod has a node."""
    name = claim["spec"].get("storageClassName", "")
    found = context.storage.find(STORAGE_CLASS, "", name) if name else None
    return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"


def _counted(reasons: list[str]) -> str:
    counts = Counter(reasons)
    return ", ".join(sorted(f"{number} {reason}" for reason, number in counts.items()))


def _advice(context: Context, pod: Object, nodes: list[Object], *, claim: bool) -> str:
    """Answer what the scheduler says of making room: nothing helps where the pod would never fit."""
    wanted = requests_of(pod["spec"])
    never = (
        claim
        or context.fault("unschedulable") is not None
        or not any(
            matches(node, pod["spec"])
            and all(
                value <= amount((node["status"].get("allocatable") or {}).get(name, 0))
                for name, value in wanted.items()
            )
            for node in nodes
        )
    )
    return UNHELPFUL if never else NO_VICTIMS


def _say(context: Context, pod: Object, reason: str, advice: str) -> None:
    count = len(context.storage.of(NODE))
    head = f"0/{count} nodes are available:"
    said = f"{head} {reason}. preemption: {head} {count} {advice}"
    made = {"status": "False", "reason": "Unschedulable", "message": said}
    context.set_status(pod, _with_condition(pod["status"], made), "kube-scheduler")
    context.event(pod, "Warning", "FailedScheduling", said, SCHEDULER)


def _with_condition(status: Object, made: Object) -> Object:
    old = status.get("conditions") or []
    before: Object = next((each for each in old if each["type"] == "PodScheduled"), {})
    same = before.get("status") == made["status"]
    full = {
        "type": "PodScheduled",
        "lastProbeTime": None,
        "lastTransitionTime": before["lastTransitionTime"] if same else now(),
        **made,
    }
    rest = [each for each in old if each["type"] != "PodScheduled"]
    return {**status, "conditions": [*rest, full]}


def _load(context: Context, node: Object) -> int:
    return len(pods_on(context, node["metadata"]["name"]))


def _is_ready(node: Object) -> bool:
    return any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in node["status"].get("conditions") or []
    )


def _target(pod: Object) -> Target:
    return POD, pod["metadata"]["namespace"], pod["metadata"]["name"]
