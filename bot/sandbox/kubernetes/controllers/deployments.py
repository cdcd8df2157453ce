"""Deployments: a ReplicaSet for each template, replaced by rolling update or recreation."""

import math
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.kubernetes.controllers.context import (
    REPLICA_SET,
    Context,
    condition,
    hash_of,
    owner_reference,
)
from bot.sandbox.kubernetes.controllers.replicasets import FAILURE
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object

DEPLOYMENT = BY_KIND["apps/v1", "Deployment"]
REVISION = "deployment.kubernetes.io/revision"
COMPONENT = "deployment-controller"


def reconcile(context: Context, deployment: Object) -> None:
    """Bring the ReplicaSets of a Deployment nearer to what it wants, and say how far it is."""
    if deployment["metadata"].get("deletionTimestamp"):
        return
    sets = context.owned(deployment, REPLICA_SET)
    if deployment["spec"].get("paused"):
        _stand_still(context, deployment, sets)
        return
    newest = _newest(context, deployment, sets)
    if newest is None:
        return
    older = [each for each in sets if each["metadata"]["uid"] != newest["metadata"]["uid"]]
    _scale(context, deployment, newest, older)
    current = context.storage.find(
        DEPLOYMENT, deployment["metadata"]["namespace"], deployment["metadata"]["name"]
    )
    if current is None:
        return
    sets = context.owned(current, REPLICA_SET)
    newest = next(each for each in sets if each["metadata"]["uid"] == newest["metadata"]["uid"])
    _report(context, current, newest, sets)
    _forget_old(context, current, older)


def _stand_still(context: Context, deployment: Object, sets: list[Object]) -> None:
    """Keep a paused Deployment at its size, and roll nothing out."""
    name = hash_of(deployment["spec"]["template"])
    newest = next(
        (each for each in sets if each["metadata"]["labels"].get("pod-template-hash") == name),
        None,
    )
    running = [each for each in sets if each["spec"]["replicas"]]
    if len(running) == 1 or (not running and newest is not None):
        only = running[0] if running else newest
        assert only is not None
        _set(context, deployment, only, deployment["spec"]["replicas"])
    _report(context, deployment, newest, context.owned(deployment, REPLICA_SET))


def _newest(context: Context, deployment: Object, sets: list[Object]) -> Object | None:
    """Find or make the ReplicaSet of the present template, as the newest revision."""
    name = hash_of(deployment["spec"]["template"])
    number = max((int(each["metadata"]["annotations"][REVISION]) for each in sets), default=0)
    found = next(
        (each for each in sets if each["metadata"]["labels"].get("pod-template-hash") == name),
        None,
    )
    if found is None:
        found = _create(context, deployment, name, number + 1, _first(deployment, sets))
    elif int(found["metadata"]["annotations"][REVISION]) < number:
        meta = found["metadata"]
        annotations = {**meta["annotations"], REVISION: str(number + 1)}
        found = context.write({**found, "metadata": {**meta, "annotations": annotations}})
    annotations = deployment["metadata"].get("annotations", {})
    wanted = found["metadata"]["annotations"][REVISION]
    if annotations.get(REVISION) != wanted:
        meta = {**deployment["metadata"], "annotations": {**annotations, REVISION: wanted}}
        context.write({**deployment, "metadata": meta}, part="status")
        return None  # that change calls us again, with the annotation in place
    return found


def _first(deployment: Object, older: list[Object]) -> int:
    """Answer how many replicas a new ReplicaSet begins with beside the older ones."""
    wanted: int = deployment["spec"]["replicas"]
    if deployment["spec"]["strategy"]["type"] == "Recreate":
        busy = any(each["spec"]["replicas"] or _pods_of(each) for each in older)
        return 0 if busy else wanted
    surge, _ = _bounds(deployment, wanted)
    room = wanted + surge - sum(each["spec"]["replicas"] for each in older)
    return int(min(wanted, max(0, room)))


def _notes(deployment: Object, number: object) -> dict[str, str]:
    """Answer what a ReplicaSet says of the Deployment that it is of."""
    wanted = deployment["spec"]["replicas"]
    rolling = deployment["spec"]["strategy"]["type"] != "Recreate"
    surge = _bounds(deployment, wanted)[0] if rolling else 0
    return {
        REVISION: str(number),
        "deployment.kubernetes.io/desired-replicas": str(wanted),
        "deployment.kubernetes.io/max-replicas": str(wanted + surge),
    }


def _pods_of(replica_set: Object) -> int:
    return int((replica_set.get("status") or {}).get("replicas", 0))


def _create(context: Context, deployment: Object, name: str, number: int, replicas: int) -> Object:
    spec, meta = deployment["spec"], deployment["metadata"]
    template = spec["template"]
    labels = {**template["metadata"].get("labels", {}), "pod-template-hash": name}
    made = context.create(
        REPLICA_SET,
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{meta['name']}-{name}",
                "namespace": meta["namespace"],
                "labels": labels,
                "annotations": _notes(deployment, number),
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {
                "replicas": replicas,
                "selector": {
                    "matchLabels": {
                        **spec["selector"].get("matchLabels", {}),
                        "pod-template-hash": name,
                    }
                },
                "template": {
                    **template,
                    "metadata": {**template["metadata"], "labels": labels},
                },
            },
        },
    )
    if replicas:
        said = f"Scaled up replica set {made['metadata']['name']} from 0 to {replicas}"
        context.event(deployment, "Normal", "ScalingReplicaSet", said, COMPONENT)
    return made


def _scale(context: Context, deployment: Object, newest: Object, older: list[Object]) -> None:
    wanted = deployment["spec"]["replicas"]
    total = sum(each["spec"]["replicas"] for each in [newest, *older])
    if deployment["spec"]["strategy"]["type"] == "Recreate":
        for each in older:
            _set(context, deployment, each, 0)
        if not any(each.get("status", {}).get("replicas") for each in older):
            _set(context, deployment, newest, wanted)
        return
    surge, unavailable = _bounds(deployment, wanted)
    now = newest["spec"]["replicas"]
    if now > wanted:
        _set(context, deployment, newest, wanted)
    elif now < wanted:
        room = wanted + surge - total
        _set(context, deployment, newest, min(wanted, now + max(0, room)))
    _scale_down(context, deployment, newest, older, wanted - unavailable)


def _scale_down(
    context: Context, deployment: Object, newest: Object, older: list[Object], least: int
) -> None:
    """Take old pods away while `least` stay available; those that are not available first."""
    available = sum(each.get("status", {}).get("availableReplicas", 0) for each in [newest, *older])
    spare = available - least
    for each in older:
        replicas = each["spec"]["replicas"]
        ready = each.get("status", {}).get("availableReplicas", 0)
        broken = max(0, replicas - ready)
        take = min(replicas, broken + max(0, min(spare, ready)))
        if take:
            spare -= max(0, take - broken)
            _set(context, deployment, each, replicas - take)


def _bounds(deployment: Object, wanted: int) -> tuple[int, int]:
    rolling = deployment["spec"]["strategy"].get("rollingUpdate", {})
    surge = _share(rolling.get("maxSurge", "25%"), wanted, up=True)
    unavailable = _share(rolling.get("maxUnavailable", "25%"), wanted, up=False)
    return (1, 0) if (surge, unavailable) == (0, 0) else (surge, unavailable)


def _share(value: Any, wanted: int, *, up: bool) -> int:
    if isinstance(value, int):
        return value
    part = wanted * int(str(value).rstrip("%")) / 100
    return math.ceil(part) if up else math.floor(part)


def _set(context: Context, deployment: Object, replica_set: Object, replicas: int) -> None:
    before = replica_set["spec"]["replicas"]
    if before == replicas:
        return
    name = replica_set["metadata"]["name"]
    meta = replica_set["metadata"]
    notes = {**meta["annotations"], **_notes(deployment, meta["annotations"][REVISION])}
    spec = {**replica_set["spec"], "replicas": replicas}
    context.write({**replica_set, "metadata": {**meta, "annotations": notes}, "spec": spec})
    way = "up" if replicas > before else "down"
    said = f"Scaled {way} replica set {name} from {before} to {replicas}"
    context.event(deployment, "Normal", "ScalingReplicaSet", said, COMPONENT)


def _report(
    context: Context, deployment: Object, newest: Object | None, sets: list[Object]
) -> None:
    old = deployment.get("status", {})
    wanted = deployment["spec"]["replicas"]

    def count(field: str, of: list[Object]) -> int:
        return sum(each.get("status", {}).get(field, 0) for each in of)

    counts = {
        "replicas": count("replicas", sets),
        "updatedReplicas": count("replicas", [newest] if newest is not None else []),
        "readyReplicas": count("readyReplicas", sets),
        "availableReplicas": count("availableReplicas", sets),
    }
    counts["unavailableReplicas"] = max(0, wanted - counts["availableReplicas"])
    status: Object = {"observedGeneration": deployment["metadata"]["generation"]}
    status |= {key: value for key, value in counts.items() if value}
    _, unavailable = _bounds(deployment, wanted)
    if counts["availableReplicas"] >= wanted - unavailable:
        available = condition(
            old,
            "Available",
            "True",
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.",
        )
    else:
        available = condition(
            old,
            "Available",
            "False",
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
        )
    failure = [
        condition(old, FAILURE, "True", each["reason"], each["message"])
        for each in ((newest or {}).get("status") or {}).get("conditions") or []
        if each["type"] == FAILURE and each["status"] == "True"
    ]
    status["conditions"] = [
        available,
        *failure,
        _progress(context, deployment, newest, counts),
    ]
    context.set_status(deployment, status)


def _progress(
    context: Context, deployment: Object, newest: Object | None, counts: dict[str, int]
) -> Object:
    """Answer the condition Progressing, and come back when its deadline would be over."""
    old, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
    if newest is None or deployment["spec"].get("paused"):
        return condition(old, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
    name = newest["metadata"]["name"]
    if counts["updatedReplicas"] == wanted == counts["availableReplicas"] == counts["replicas"]:
        said = f'ReplicaSet "{name}" has successfully progressed.'
        return condition(old, "Progressing", "True", "NewReplicaSetAvailable", said)
    moved = (
        any(
            old.get(key, 0) != counts[key]
            for key in ("updatedReplicas", "readyReplicas", "replicas")
        )
        or old.get("observedGeneration") != deployment["metadata"]["generation"]
    )
    before: Object = next(
        (each for each in old.get("conditions", []) if each["type"] == "Progressing"), {}
    )
    late = deployment["spec"]["progressDeadlineSeconds"] - _age(before.get("lastUpdateTime"))
    if not moved and before.get("reason") == "ProgressDeadlineExceeded":
        return before
    if not moved and before and late <= 0:
        said = f'ReplicaSet "{name}" has timed out progressing.'
        return condition(old, "Progressing", "False", "ProgressDeadlineExceeded", said)
    wait = deployment["spec"]["progressDeadlineSeconds"] if moved else late
    meta = deployment["metadata"]
    context.again((DEPLOYMENT, meta["namespace"], meta["name"]), max(0.1, wait))
    said = f'ReplicaSet "{name}" is progressing.'
    return condition(old, "Progressing", "True", "ReplicaSetUpdated", said, progress=moved)


def _age(moment: str | None) -> float:
    if moment is None:
        return 0.0
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()


def _forget_old(context: Context, deployment: Object, older: list[Object]) -> None:
    limit = deployment["spec"].get("revisionHistoryLimit", 10)
    idle = [
        each
        for each in older
        if not each["spec"]["replicas"] and not each.get("status", {}).get("replicas")
    ]
    idle.sort(key=lambda each: int(each["metadata"]["annotations"][REVISION]))
    for each in idle[: max(0, len(idle) - limit)]:
        context.storage.remove(REPLICA_SET, each)
