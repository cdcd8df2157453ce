"""ReplicaSets: as many pods as wanted, of one template."""

from bot.sandbox.kubernetes.controllers.context import (
    POD,
    REPLICA_SET,
    Context,
    Target,
    condition,
    hash_of,
    owner_reference,
)
from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.storage import Object, now

COMPONENT = "replicaset-controller"
FAILURE = "ReplicaFailure"
RETRY, LONGEST = 2.0, 60.0
"""Seconds before a pod that was refused is tried again, and at most."""


def reconcile(context: Context, replica_set: Object) -> None:
    """Create or delete pods, and count those that are there."""
    meta, spec = replica_set["metadata"], replica_set["spec"]
    if meta.get("deletionTimestamp"):
        return
    alive = [each for each in context.owned(replica_set, POD) if is_alive(each)]
    old = replica_set.get("status") or {}
    refused = ""
    if len(alive) < spec["replicas"] and not may_create(context, replica_set):
        refused = next((each["message"] for each in old.get("conditions") or []), "")
    else:
        for _ in range(spec["replicas"] - len(alive)):
            refused = create_pod(context, replica_set, COMPONENT)
            if refused:
                break
    for each in sorted(alive, key=_worth)[: max(0, len(alive) - spec["replicas"])]:
        name = each["metadata"]["name"]
        context.storage.mark(POD, each, terminating(each))
        context.event(replica_set, "Normal", "SuccessfulDelete", f"Deleted pod: {name}", COMPONENT)
    alive = [each for each in context.owned(replica_set, POD) if is_alive(each)]
    status: Object = {"replicas": len(alive), "observedGeneration": meta["generation"]}
    counts = {
        "fullyLabeledReplicas": len(alive),
        "readyReplicas": sum(1 for each in alive if is_ready(each)),
        "availableReplicas": available(context, replica_set, alive),
    }
    status |= {key: value for key, value in counts.items() if value}
    if refused:
        made = condition(old, FAILURE, "True", "FailedCreate", refused)
        made.pop("lastUpdateTime")
        status["conditions"] = [made]
    current = context.storage.find(REPLICA_SET, meta["namespace"], meta["name"])
    if current is not None:
        context.set_status(current, status)


def available(context: Context, owner: Object, pods: list[Object]) -> int:
    """Count the pods that have been ready for as long as their owner wants, and come back when more have."""
    least = float(owner["spec"].get("minReadySeconds", 0))
    found = 0
    for each in pods:
        key, ready = f"{each['metadata']['uid']}/available", is_ready(each)
        if not ready:
            context.stages.pop(key, None)
        elif not least or context.waited(_target_of(context, owner), key, "ready", least):
            found += 1
    return found


def create_pod(context: Context, owner: Object, component: str, name: str = "") -> str:
    """Create a pod of an owner's template and tell of it; answer why it could not be made, or nothing."""
    name, refused = make_pod(context, owner, name)
    if refused:
        context.event(owner, "Warning", "FailedCreate", f"Error creating: {refused}", component)
    else:
        context.event(owner, "Normal", "SuccessfulCreate", f"Created pod: {name}", component)
    return refused


def make_pod(context: Context, owner: Object, name: str = "") -> tuple[str, str]:
    """Create a pod of an owner's template, without a name with a made one; answer its name, and what refused it."""
    template, meta = owner["spec"]["template"], owner["metadata"]
    if not name:
        suffix = hash_of([meta["uid"], context.storage.version])[:5]
        name = f"{meta['name']}-{suffix}"
    found = template.get("metadata") or {}
    notes = {"annotations": dict(found["annotations"])} if found.get("annotations") else {}
    body: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "generateName": f"{meta['name']}-",
            "namespace": meta["namespace"],
            "labels": dict(found.get("labels") or {}),
            **notes,
            "ownerReferences": [owner_reference(owner)],
        },
        "spec": dict(template["spec"]),
    }
    key = f"{meta['uid']}/refused"
    try:
        context.create(POD, body)
    except StatusError as error:
        times = context.memory[key] = context.memory.get(key, 0) + 1
        context.stages.pop(key, None)
        context.waited(_target_of(context, owner), key, "refused", _back_off(times))
        return name, str(error)
    context.memory.pop(key, None)
    return name, ""


def may_create(context: Context, owner: Object) -> bool:
    """Say whether it is time to try again, after a pod was refused; if not, come back when it is."""
    key = f"{owner['metadata']['uid']}/refused"
    times = context.memory.get(key, 0)
    if not times:
        return True
    return context.waited(_target_of(context, owner), key, "refused", _back_off(times))


def _back_off(times: int) -> float:
    return float(min(LONGEST, RETRY * 2 ** (times - 1)))


def _target_of(context: Context, owner: Object) -> Target:
    meta = owner["metadata"]
    return context.kind_of(owner), meta["namespace"], meta["name"]


def terminating(pod: Object) -> Object:
    """Answer the metadata of a pod that is told to end."""
    return {
        **pod["metadata"],
        "deletionTimestamp": now(),
        "deletionGracePeriodSeconds": 30,
    }


def is_alive(pod: Object) -> bool:
    """Say whether a pod counts: not on its way out, not over."""
    over = pod["status"].get("phase") in {"Succeeded", "Failed"}
    return not over and not pod["metadata"].get("deletionTimestamp")


def is_ready(pod: Object) -> bool:
    """Say whether a pod's condition Ready is true."""
    return any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in pod["status"].get("conditions", [])
    )


def _worth(pod: Object) -> tuple[bool, str]:
    """Order pods by how much would be lost: those not ready first, then the youngest."""
    return is_ready(pod), pod["metadata"]["name"]
