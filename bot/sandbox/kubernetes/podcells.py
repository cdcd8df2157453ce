"""The cells of a pod's row: what its containers' states sum up to, as kubectl says it. Pure."""

from datetime import datetime

from bot.sandbox.kubernetes.cells import NONE, Object, dig, since

OVER = frozenset({"Succeeded", "Failed"})


def status(pod: Object) -> str:
    """Answer the STATUS of a pod: `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating` …"""
    found = pod.get("status") or {}
    reason = _initial(pod, found) or _main(found)
    if pod["metadata"].get("deletionTimestamp") and found.get("phase") not in OVER:
        return "Terminating"
    return reason


def _initial(pod: Object, found: Object) -> str:
    """Answer what the init containers are at; empty when they are done."""
    if _is_true(found, "Initialized"):
        return ""
    specs = {each["name"]: each for each in pod["spec"].get("initContainers") or []}
    for index, each in enumerate(found.get("initContainerStatuses") or []):
        state = each.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting") or {}
        sidecar = specs.get(each["name"], {}).get("restartPolicy") == "Always"
        if (ended and ended["exitCode"] == 0) or (sidecar and each.get("started")):
            continue
        if ended:
            return f"Init:{ended.get('reason') or 'ExitCode:' + str(ended['exitCode'])}"
        if waiting.get("reason") and waiting["reason"] != "PodInitializing":
            return f"Init:{waiting['reason']}"
        return f"Init:{index}/{len(specs)}"
    return ""


def _main(found: Object) -> str:
    reason, running = str(found.get("reason") or found.get("phase") or "Pending"), False
    for each in reversed(found.get("containerStatuses") or []):
        state = each.get("state") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated")
        if waiting.get("reason"):
            reason = str(waiting["reason"])
        elif ended:
            reason = str(ended.get("reason") or f"ExitCode:{ended['exitCode']}")
        elif each.get("ready") and "running" in state:
            running = True
    if reason == "Completed" and running:
        return "Running" if _is_true(found, "Ready") else "NotReady"
    return reason


def ready(pod: Object) -> str:
    """Answer how many containers of how many are ready, sidecars included."""
    sidecars = {
        each["name"]
        for each in pod["spec"].get("initContainers") or []
        if each.get("restartPolicy") == "Always"
    }
    found = [
        *dig(pod, "status", "containerStatuses", default=[]),
        *(
            each
            for each in dig(pod, "status", "initContainerStatuses", default=[])
            if each["name"] in sidecars
        ),
    ]
    count = sum(1 for each in found if each.get("ready") and "running" in each["state"])
    return f"{count}/{len(pod['spec']['containers']) + len(sidecars)}"


def restarts(pod: Object) -> str:
    """Answer how often containers were started again, and when last."""
    found = dig(pod, "status", "containerStatuses", default=[])
    if not _is_true(pod.get("status") or {}, "Initialized"):
        found = dig(pod, "status", "initContainerStatuses", default=found)
    count = sum(each.get("restartCount", 0) for each in found)
    ends = [
        each["lastState"]["terminated"]["finishedAt"]
        for each in found
        if (each.get("lastState") or {}).get("terminated", {}).get("finishedAt")
    ]
    if not count or not ends:
        return str(count)
    return f"{count} ({since(max(ends, key=datetime.fromisoformat))} ago)"


def address(pod: Object) -> str:
    """Answer the pod's IP."""
    return str(dig(pod, "status", "podIP", default=NONE))


def _is_true(found: Object, condition: str) -> bool:
    return any(
        each["type"] == condition and each["status"] == "True"
        for each in found.get("conditions") or []
    )
