"""A pod's status as its kubelet writes it, from what its containers do: phase, conditions, addresses. Pure."""

import hashlib
from collections.abc import Sequence
from typing import Any

from bot.sandbox.kubernetes.nodes import host_ip
from bot.sandbox.kubernetes.storage import Object, now

UNREADY = "ContainersNotReady"


def status_of(pod: Object, node: str, inits: Sequence[Object], mains: Sequence[Object]) -> Object:
    """Answer the status of a pod whose containers are as `inits` and `mains` (container statuses) say."""
    old = pod["status"]
    phase = _phase(pod, inits, mains)
    address = _address(pod)
    status: dict[str, Any] = {
        **{key: value for key, value in old.items() if key != "containerStatuses"},
        "phase": phase,
        "hostIP": host_ip(node),
        "hostIPs": [{"ip": host_ip(node)}],
        "startTime": old.get("startTime") or now(),
        "conditions": _conditions(pod, phase, inits, mains),
        "containerStatuses": list(mains),
    }
    if inits:
        status["initContainerStatuses"] = list(inits)
    if any("waiting" not in each["state"] or each["lastState"] for each in (*inits, *mains)):
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
    return status


def _address(pod: Object) -> str:
    digest = hashlib.sha256(pod["metadata"]["uid"].encode()).digest()
    return f"10.244.{digest[0]}.{digest[1]}"


def is_done(spec: Object, status: Object) -> bool:
    """Say whether an init container lets the next one begin: it has succeeded, or it is a sidecar that runs."""
    if spec.get("restartPolicy") == "Always":
        return bool(status.get("started"))
    return bool(status["state"].get("terminated", {}).get("exitCode", 1) == 0)


def _phase(pod: Object, inits: Sequence[Object], mains: Sequence[Object]) -> str:
    policy = pod["spec"].get("restartPolicy", "Always")
    specs = pod["spec"].get("initContainers") or []
    for spec, status in zip(specs, inits, strict=False):
        ended = status["state"].get("terminated")
        if ended and ended["exitCode"] and policy == "Never":
            return "Failed"
        if not is_done(spec, status) and not any(each.get("started") for each in mains):
            return "Pending"
    ended = [each["state"]["terminated"] for each in mains if "terminated" in each["state"]]
    backing_off = [each for each in mains if "waiting" in each["state"] and each["lastState"]]
    if len(ended) + len(backing_off) + sum("running" in each["state"] for each in mains) < len(
        mains
    ):
        return "Pending"
    if len(ended) < len(mains) or policy == "Always":
        return "Running"
    if all(each["exitCode"] == 0 for each in ended):
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def _conditions(
    pod: Object, phase: str, inits: Sequence[Object], mains: Sequence[Object]
) -> list[Object]:
    old = pod["status"]
    specs = pod["spec"].get("initContainers") or []
    incomplete = [
        each["name"]
        for each, status in zip(specs, inits, strict=False)
        if not is_done(each, status)
    ]
    begun = any(each.get("started") or each["lastState"] for each in mains)
    unready = [each["name"] for each in mains if not each["ready"]]
    made = [_condition(old, "PodReadyToStartContainers", yes=True)]
    if incomplete and not begun:
        said = f"containers with incomplete status: [{' '.join(incomplete)}]"
        made.append(
            _condition(
                old, "Initialized", yes=False, reason="ContainersNotInitialized", message=said
            )
        )
    elif phase == "Succeeded":
        made.append(_condition(old, "Initialized", yes=True, reason="PodCompleted"))
    else:
        made.append(_condition(old, "Initialized", yes=True))
    for kind in ("Ready", "ContainersReady"):
        if phase == "Succeeded":
            made.append(_condition(old, kind, yes=False, reason="PodCompleted"))
        elif phase == "Failed":
            made.append(_condition(old, kind, yes=False, reason="PodFailed"))
        elif unready:
            said = f"containers with unready status: [{' '.join(unready)}]"
            made.append(_condition(old, kind, yes=False, reason=UNREADY, message=said))
        else:
            made.append(_condition(old, kind, yes=True))
    kept = [each for each in old.get("conditions") or [] if each["type"] == "PodScheduled"]
    kinds = {each["type"] for each in made} | {"PodScheduled"}
    others = [each for each in old.get("conditions") or [] if each["type"] not in kinds]
    return [*made, *kept, *others]


def _condition(old: Object, kind: str, *, yes: bool, reason: str = "", message: str = "") -> Object:
    before: Object = next(
        (each for each in old.get("conditions") or [] if each["type"] == kind), {}
    )
    same = before.get("status") == str(yes)
    made: Object = {
        "type": kind,
        "status": str(yes),
        "lastProbeTime": None,
        "lastTransitionTime": before["lastTransitionTime"] if same else now(),
    }
    if reason:
        made["reason"] = reason
    if message:
        made["message"] = message
    return made
