"""ReplicaSets: as many pods as wanted, of one template."""

from bot.sandbox.kubernetes.controllers.context import (
    POD,
    REPLICA_SET,
    Context,
    hash_of,
    owner_reference,
)
from bot.sandbox.kubernetes.storage import Object, now

COMPONENT = "replicaset-controller"


def reconcile(context: Context, replica_set: Object) -> None:
    """Create or delete pods, and count those that are there."""
    if replica_set["metadata"].get("deletionTimestamp"):
        return
    found = context.owned(replica_set, POD)
    alive = [each for each in found if is_alive(each)]
    wanted = replica_set["spec"]["replicas"]
    for _ in range(wanted - len(alive)):
        create_pod(context, replica_set, COMPONENT)
    for each in sorted(alive, key=_worth)[: max(0, len(alive) - wanted)]:
        name = each["metadata"]["name"]
        context.storage.mark(POD, each, terminating(each))
        context.event(replica_set, "Normal", "SuccessfulDelete", f"Deleted pod: {name}", COMPONENT)
    alive = [each for each in context.owned(replica_set, POD) if is_alive(each)]
    ready = sum(1 for each in alive if is_ready(each))
    status: Object = {
        "replicas": len(alive),
        "observedGeneration": replica_set["metadata"]["generation"],
    }
    if alive:
        status["fullyLabeledReplicas"] = len(alive)
    if ready:
        status |= {"readyReplicas": ready, "availableReplicas": ready}
    current = context.storage.find(
        REPLICA_SET,
        replica_set["metadata"]["namespace"],
        replica_set["metadata"]["name"],
    )
    if current is not None:
        context.set_status(current, status)


def create_pod(context: Context, owner: Object, component: str, name: str = "") -> None:
    """Create a pod of an owner's template; without a name, with a made one."""
    template = owner["spec"]["template"]
    meta = owner["metadata"]
    if not name:
        suffix = hash_of([meta["uid"], context.storage.version])[:5]
        name = f"{meta['name']}-{suffix}"
    found = template.get("metadata") or {}
    notes = {"annotations": dict(found["annotations"])} if found.get("annotations") else {}
    context.create(
        POD,
        {
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
        },
    )
    context.event(owner, "Normal", "SuccessfulCreate", f"Created pod: {name}", component)


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
