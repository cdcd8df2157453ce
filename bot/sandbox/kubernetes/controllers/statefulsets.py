"""StatefulSets: pods with names and claims of their own, made in order and renewed in the opposite one.

As with the real controller, a pod that never gets ready holds all others up, also when a newer template would mend it:
somebody has to delete it.
"""

from bot.sandbox.kubernetes.controllers import revisions
from bot.sandbox.kubernetes.controllers.context import POD, Context
from bot.sandbox.kubernetes.controllers.replicasets import (
    available,
    is_alive,
    is_ready,
    make_pod,
    may_create,
    terminating,
)
from bot.sandbox.kubernetes.controllers.revisions import HASH
from bot.sandbox.kubernetes.references import CLAIM
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object

STATEFUL_SET = BY_KIND["apps/v1", "StatefulSet"]
COMPONENT = "statefulset-controller"


def reconcile(context: Context, owner: Object) -> None:
    """Bring the pods of a StatefulSet nearer to what it wants, and say how far it is."""
    if owner["metadata"].get("deletionTimestamp"):
        return
    newest = revisions.keep(context, owner)
    current = (owner.get("status") or {}).get("currentRevision") or newest
    pods = {each["metadata"]["name"]: each for each in context.owned(owner, POD)}
    names = _names(owner)
    if _has_all(context, owner, pods, names, (current, newest)) and _is_settled(owner, pods, names):
        _renew(context, owner, pods, names, newest)
    _report(context, owner, current, newest)


def _names(owner: Object) -> list[str]:
    """Name the pods that are wanted, in order."""
    start = int((owner["spec"].get("ordinals") or {}).get("start", 0))
    name = owner["metadata"]["name"]
    return [f"{name}-{index}" for index in range(start, start + owner["spec"]["replicas"])]


def _has_all(
    context: Context,
    owner: Object,
    pods: dict[str, Object],
    names: list[str],
    known: tuple[str, str],
) -> bool:
    """Make the next pod that is missing, or take away the last that is too many; say whether all are right."""
    parallel = owner["spec"].get("podManagementPolicy") == "Parallel"
    whole = True
    for index, name in enumerate(names):
        pod = pods.get(name)
        if pod is None or pod["status"].get("phase") in {"Succeeded", "Failed"}:
            whole = False
            if pod is not None:
                context.storage.remove(POD, pod)
            if may_create(context, owner):
                _create(context, owner, name, _revision_for(owner, index, known))
        elif not is_ready(pod) or not is_alive(pod):
            whole = False
        if not whole and not parallel:
            return False
    surplus = [each for name, each in pods.items() if name not in names]
    for each in sorted(surplus, key=_ordinal, reverse=True):
        whole = False
        if is_alive(each):
            _delete(context, owner, each)
        if not parallel:
            return False
    return whole or parallel


def _is_settled(owner: Object, pods: dict[str, Object], names: list[str]) -> bool:
    """Say whether every wanted pod is there: only then old ones are renewed."""
    parallel = owner["spec"].get("podManagementPolicy") == "Parallel"
    return parallel or len(pods) == len(names)


def _renew(
    context: Context, owner: Object, pods: dict[str, Object], names: list[str], newest: str
) -> None:
    """Delete the last pod of an older template, down to the partition; it comes again with the new one."""
    update = owner["spec"].get("updateStrategy") or {}
    if update.get("type") == "OnDelete":
        return
    partition = int((update.get("rollingUpdate") or {}).get("partition", 0))
    for name in reversed(names[partition:]):
        pod = pods.get(name)
        if pod is None:
            return
        if _revision(pod) != newest:
            if is_alive(pod):
                _delete(context, owner, pod)
            return
        if not is_ready(pod):
            return


def _revision_for(owner: Object, index: int, known: tuple[str, str]) -> str:
    """Answer which template a pod is to be of: below the partition the current one stays."""
    current, newest = known
    update = owner["spec"].get("updateStrategy") or {}
    partition = int((update.get("rollingUpdate") or {}).get("partition", 0))
    return current if index < partition else newest


def _create(context: Context, owner: Object, name: str, revision: str) -> None:
    template = revisions.template_of(context, owner, revision)
    meta, spec = template.get("metadata") or {}, template["spec"]
    labels = {
        **(meta.get("labels") or {}),
        HASH: revision,
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": name.rpartition("-")[2],
    }
    spec = {**spec, "hostname": name}
    if owner["spec"].get("serviceName"):
        spec["subdomain"] = owner["spec"]["serviceName"]
    volumes = _claim(context, owner, name)
    if volumes:
        named = {each["name"] for each in volumes}
        others = [each for each in spec.get("volumes") or [] if each["name"] not in named]
        spec["volumes"] = [*others, *volumes]
    marked = {**template, "metadata": {**meta, "labels": labels}, "spec": spec}
    made = {**owner, "spec": {**owner["spec"], "template": marked}}
    _, refused = make_pod(context, made, name)
    said = f"create Pod {name} in StatefulSet {owner['metadata']['name']}"
    if refused:
        context.event(
            owner, "Warning", "FailedCreate", f"{said} failed error: {refused}", COMPONENT
        )
    else:
        context.event(owner, "Normal", "SuccessfulCreate", f"{said} successful", COMPONENT)


def _claim(context: Context, owner: Object, pod: str) -> list[Object]:
    """Make the claims of a pod that are not there yet; answer the volumes that they become."""
    volumes = []
    meta = owner["metadata"]
    for template in owner["spec"].get("volumeClaimTemplates") or []:
        volume = template["metadata"]["name"]
        name = f"{volume}-{pod}"
        volumes.append({"name": volume, "persistentVolumeClaim": {"claimName": name}})
        if context.storage.find(CLAIM, meta["namespace"], name) is not None:
            continue
        labels = {
            **(template["metadata"].get("labels") or {}),
            **(owner["spec"]["selector"].get("matchLabels") or {}),
        }
        body = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": meta["namespace"], "labels": labels},
            "spec": dict(template["spec"]),
        }
        context.create(CLAIM, body)
        said = f"create Claim {name} Pod {pod} in StatefulSet {meta['name']} success"
        context.event(owner, "Normal", "SuccessfulCreate", said, COMPONENT)
    return volumes


def _delete(context: Context, owner: Object, pod: Object) -> None:
    context.storage.mark(POD, pod, terminating(pod))
    said = f"delete Pod {pod['metadata']['name']} in StatefulSet {owner['metadata']['name']} successful"
    context.event(owner, "Normal", "SuccessfulDelete", said, COMPONENT)


def _report(context: Context, owner: Object, current: str, newest: str) -> None:
    meta = owner["metadata"]
    pods = [
        each for each in context.owned(owner, POD) if not each["metadata"].get("deletionTimestamp")
    ]
    alive = [each for each in pods if is_alive(each)]
    ready = [each for each in alive if is_ready(each)]
    updated = [each for each in alive if _revision(each) == newest]
    renewed = sum(1 for each in updated if is_ready(each))
    wanted = owner["spec"]["replicas"]
    if renewed == wanted == len(alive) or not alive:
        current = newest
    counts = {
        "readyReplicas": len(ready),
        "currentReplicas": sum(1 for each in alive if _revision(each) == current),
        "updatedReplicas": len(updated),
    }
    status: Object = {
        "observedGeneration": meta["generation"],
        "replicas": len(alive),
        "availableReplicas": available(context, owner, alive),
        "currentRevision": current,
        "updateRevision": newest,
        "collisionCount": 0,
        **{key: value for key, value in counts.items() if value},
    }
    found = context.storage.find(STATEFUL_SET, meta["namespace"], meta["name"])
    if found is not None:
        context.set_status(found, status)


def _revision(pod: Object) -> str:
    return str((pod["metadata"].get("labels") or {}).get(HASH, ""))


def _ordinal(pod: Object) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])
