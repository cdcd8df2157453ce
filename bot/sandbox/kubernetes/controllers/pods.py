"""Pods: the scheduler and the kubelet of the one pretended node.

A pod is scheduled, its images are pulled, its containers start and get ready, each after a short time that
depends on its name alone; the faults `image`, `crash` and `not-ready` keep it from that as they would.
"""

import hashlib
from typing import Any

from bot.sandbox.kubernetes.controllers.context import POD, REPLICA_SET, Context, Target
from bot.sandbox.kubernetes.storage import Object, now

NODE = "sandbox-node"
KUBELET = "kubelet"
COMPONENT = "app.oam.dev/component"
"""KubeVela's label: the name by which people know a workload whose own name is made up, such as a Job's."""
RETRY = 2.0
"""Seconds between two tries of what failed (the real kubelet backs off from 10 s to 5 min)."""


def reconcile(context: Context, pod: Object) -> None:
    """Bring a pod one stage further, or come back when its time has come."""
    if pod["metadata"].get("deletionTimestamp"):
        if _waited(context, pod, "ending", 0.3):
            context.storage.remove(POD, pod)
        return
    statuses = pod["status"].get("containerStatuses")
    if pod["status"].get("phase") in {"Succeeded", "Failed"}:
        return
    if not pod["spec"].get("nodeName"):
        if _waited(context, pod, "scheduling", 0.05):
            _schedule(context, pod)
    elif not statuses or "waiting" in statuses[0]["state"]:
        _wait_or_start(context, pod, statuses)
    elif "running" in statuses[0]["state"] and not statuses[0]["ready"]:
        _get_ready(context, pod)


def _schedule(context: Context, pod: Object) -> None:
    spec = {**pod["spec"], "nodeName": NODE}
    bound = context.storage.touch(POD, {**pod, "spec": spec})
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    said = f"Successfully assigned {namespace}/{name} to {NODE}"
    context.event(pod, "Normal", "Scheduled", said, "default-scheduler")
    for each in spec["containers"]:
        context.event(pod, "Normal", "Pulling", f'Pulling image "{each["image"]}"', KUBELET)
    waiting = {"waiting": {"reason": "ContainerCreating"}}
    _set(context, bound, "Pending", waiting, ready=False)


def _wait_or_start(context: Context, pod: Object, statuses: list[Object] | None) -> None:
    waiting = statuses[0]["state"]["waiting"] if statuses else {"reason": "ContainerCreating"}
    reason = waiting["reason"]
    image = pod["spec"]["containers"][0]["image"]
    if reason == "ContainerCreating":
        if not _waited(context, pod, "pulling", 0.4 + 1.2 * _spread(pod, 0)):
            return
        if _cannot_pull(context, image):
            _fail_pull(context, pod, image)
        else:
            _start(context, pod)
    elif reason == "ErrImagePull":
        if _waited(context, pod, "backing off", RETRY / 2):
            said = f'Back-off pulling image "{image}"'
            context.event(pod, "Normal", "BackOff", said, KUBELET)
            context.event(pod, "Warning", "Failed", "Error: ImagePullBackOff", KUBELET)
            _set(
                context,
                pod,
                "Pending",
                {"waiting": {"reason": "ImagePullBackOff", "message": said}},
                ready=False,
            )
    elif _waited(context, pod, f"retrying {statuses[0]['restartCount'] if statuses else 0}", RETRY):
        if reason == "CrashLoopBackOff":
            _start(context, pod, restarted=True)
        elif _cannot_pull(context, image):
            _again(context, pod, RETRY)
        else:
            _start(context, pod)


def _get_ready(context: Context, pod: Object) -> None:
    crashing = _fault(context, "crash", pod)
    restarts = pod["status"]["containerStatuses"][0]["restartCount"]
    if not _waited(context, pod, f"starting {restarts}", _start_time(pod)):
        return
    if crashing:
        _crash(context, pod, restarts)
    elif pod["spec"]["restartPolicy"] != "Always":
        _set(
            context,
            pod,
            "Succeeded",
            {"terminated": _ended(pod, 0, "Completed")},
            ready=False,
        )
    elif _fault(context, "not-ready", pod):
        said = "Readiness probe failed: HTTP probe failed with statuscode: 503"
        context.event(pod, "Warning", "Unhealthy", said, KUBELET)
        _again(context, pod, RETRY)
    else:
        _set(context, pod, "Running", pod["status"]["containerStatuses"][0]["state"], ready=True)


def _start(context: Context, pod: Object, *, restarted: bool = False) -> None:
    for each in pod["spec"]["containers"]:
        image, name = each["image"], each["name"]
        context.event(pod, "Normal", "Pulled", f'Successfully pulled image "{image}"', KUBELET)
        context.event(pod, "Normal", "Created", f"Created container: {name}", KUBELET)
        context.event(pod, "Normal", "Started", f"Started container {name}", KUBELET)
    last = pod["status"]["containerStatuses"][0].get("lastState") if restarted else None
    _set(context, pod, "Running", {"running": {"startedAt": now()}}, ready=False, last=last)


def _fail_pull(context: Context, pod: Object, image: str) -> None:
    said = (
        f'Failed to pull image "{image}": rpc error: code = NotFound desc = failed to pull and unpack '
        f'image "{image}": {image}: not found'
    )
    context.event(pod, "Warning", "Failed", said, KUBELET)
    context.event(pod, "Warning", "Failed", "Error: ErrImagePull", KUBELET)
    waiting = {"waiting": {"reason": "ErrImagePull", "message": said}}
    _set(context, pod, "Pending", waiting, ready=False)


def _crash(context: Context, pod: Object, restarts: int) -> None:
    ended = {"terminated": _ended(pod, 1, "Error")}
    if pod["spec"]["restartPolicy"] == "Never":
        _set(context, pod, "Failed", ended, ready=False)
        return
    name = pod["metadata"]["name"]
    said = (
        f"Back-off restarting failed container {pod['spec']['containers'][0]['name']} in pod {name}"
    )
    context.event(pod, "Warning", "BackOff", said, KUBELET)
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": said}}
    _set(context, pod, "Running", waiting, ready=False, last=ended, restarts=restarts + 1)


def _ended(pod: Object, code: int, reason: str) -> Object:
    running = pod["status"]["containerStatuses"][0]["state"]["running"]
    return {
        "exitCode": code,
        "reason": reason,
        "startedAt": running["startedAt"],
        "finishedAt": now(),
    }


def _set(
    context: Context,
    pod: Object,
    phase: str,
    state: Object,
    *,
    ready: bool,
    last: Object | None = None,
    restarts: int | None = None,
) -> None:
    """Store a pod's new status: the same state for all its containers."""
    old = pod["status"]
    before = (old.get("containerStatuses") or [{}])[0]
    count = before.get("restartCount", 0) if restarts is None else restarts
    status: dict[str, Any] = {
        **{key: value for key, value in old.items() if key != "containerStatuses"},
        "phase": phase,
        "hostIP": "10.0.0.1",
        "podIP": _address(pod),
        "startTime": old.get("startTime") or now(),
        "conditions": [
            _condition(old, "Initialized", "True", ""),
            _condition(old, "Ready", str(ready), "" if ready else "ContainersNotReady"),
            _condition(old, "ContainersReady", str(ready), "" if ready else "ContainersNotReady"),
            _condition(old, "PodScheduled", "True", ""),
        ],
        "containerStatuses": [
            {
                "name": each["name"],
                "image": each["image"],
                "imageID": f"sandbox://{each['image']}",
                "ready": ready,
                "started": "running" in state,
                "restartCount": count,
                "state": state,
                "lastState": before.get("lastState", {}) if last is None else last,
            }
            for each in pod["spec"]["containers"]
        ],
    }
    context.set_status(pod, status)


def _condition(old: Object, kind: str, value: str, reason: str) -> Object:
    before: Object = next((each for each in old.get("conditions", []) if each["type"] == kind), {})
    same = before.get("status") == value
    made = {
        "type": kind,
        "status": value,
        "lastProbeTime": None,
        "lastTransitionTime": before["lastTransitionTime"] if same else now(),
    }
    return {**made, "reason": reason} if reason else made


def _target(pod: Object) -> Target:
    return POD, pod["metadata"]["namespace"], pod["metadata"]["name"]


def _again(context: Context, pod: Object, seconds: float) -> None:
    context.again(_target(pod), seconds / context.speed)


def _waited(context: Context, pod: Object, stage: str, seconds: float) -> bool:
    """Say whether a pod has been `seconds` in a stage; if not, come back when it has."""
    left = seconds / context.speed - context.time_in(pod, stage)
    if left <= 0:
        return True
    context.again(_target(pod), left)
    return False


def _spread(pod: Object, which: int) -> float:
    """Answer a number from 0 to 1 that depends on the pod's name alone."""
    return hashlib.sha256(pod["metadata"]["name"].encode()).digest()[which] / 255


def _start_time(pod: Object) -> float:
    probe = pod["spec"]["containers"][0].get("readinessProbe", {})
    delay = float(probe.get("initialDelaySeconds", 0))
    return 0.4 + 1.8 * _spread(pod, 1) + min(2.0, delay)


def _address(pod: Object) -> str:
    digest = hashlib.sha256(pod["metadata"]["uid"].encode()).digest()
    return f"10.244.{digest[0]}.{digest[1]}"


def _cannot_pull(context: Context, image: str) -> bool:
    return any(
        each.target == f"cluster/{context.cluster}"
        and each.fault == "image"
        and image.startswith(str(each.details.get("image", "")))
        for each in context.faults.all()
    )


def _fault(context: Context, fault: str, pod: Object) -> bool:
    target = f"cluster/{context.cluster}"
    return any(
        context.faults.standing(target, fault, name=name) is not None
        for name in _workloads(context, pod)
    )


def _workloads(context: Context, pod: Object) -> list[str]:
    """Name what a pod belongs to: its component, its ReplicaSet's Deployment, its StatefulSet …"""
    component = (pod["metadata"].get("labels") or {}).get(COMPONENT)
    names = [component] if component else []
    for owner in pod["metadata"].get("ownerReferences", []):
        names.append(owner["name"])
        above = context.storage.find(REPLICA_SET, pod["metadata"]["namespace"], owner["name"])
        if above is not None:
            names += [each["name"] for each in above["metadata"].get("ownerReferences", [])]
    return names
