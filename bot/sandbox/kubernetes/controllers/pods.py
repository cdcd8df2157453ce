"""Pods: scheduled, then brought up by the pretended kubelet of their node, container by container."""

from bot.sandbox.kubernetes.controllers.containers import KUBELET, RETRY, Container, fresh
from bot.sandbox.kubernetes.controllers.context import POD, Context, Target
from bot.sandbox.kubernetes.controllers.podstatus import is_done, status_of
from bot.sandbox.kubernetes.controllers.scheduling import schedule
from bot.sandbox.kubernetes.references import missing_in_volumes
from bot.sandbox.kubernetes.storage import Object

ENDING = 0.3


def reconcile(context: Context, pod: Object) -> None:
    """Bring a pod one stage further, or come back when its time has come."""
    if pod["metadata"].get("deletionTimestamp"):
        _end(context, pod)
    elif pod["status"].get("phase") in {"Succeeded", "Failed"}:
        return
    elif not pod["spec"].get("nodeName"):
        if context.waited(_target(pod), pod["metadata"]["uid"], "scheduling", 0.05):
            schedule(context, pod)
    else:
        _run(context, pod)


def _end(context: Context, pod: Object) -> None:
    uid = pod["metadata"]["uid"]
    if uid not in context.stages or context.stages[uid][0] != "ending":
        for each in pod["status"].get("containerStatuses") or []:
            if "running" in each["state"]:
                said = f"Stopping container {each['name']}"
                path = f"spec.containers{{{each['name']}}}"
                context.event(pod, "Normal", "Killing", said, KUBELET, field=path)
    if context.waited(_target(pod), uid, "ending", ENDING):
        if pod["metadata"].get("finalizers"):
            return
        context.storage.remove(POD, pod)


def _run(context: Context, pod: Object) -> None:
    spec, status = pod["spec"], pod["status"]
    meta = pod["metadata"]
    inits = _statuses(spec.get("initContainers") or [], status.get("initContainerStatuses"))
    behind = bool(inits)
    mains = _statuses(spec["containers"], status.get("containerStatuses"), behind_inits=behind)
    unmounted = list(missing_in_volumes(context.storage, meta["namespace"], spec))
    if unmounted and not any("running" in each["state"] for each in (*inits, *mains)):
        for said in unmounted:
            context.event(pod, "Warning", "FailedMount", said, KUBELET)
        context.again(_target(pod), RETRY / context.speed)
    else:
        inits, done = _initialize(context, pod, inits)
        if done:
            mains = [
                Container(context=context, pod=pod, spec=each, old=old).advanced()
                for each, old in zip(spec["containers"], mains, strict=True)
            ]
    context.set_status(pod, status_of(pod, spec["nodeName"], inits, mains), KUBELET)


def _initialize(context: Context, pod: Object, old: list[Object]) -> tuple[list[Object], bool]:
    """Advance the init containers, each after the one before it is done; say whether all are."""
    made, open_so_far = [], True
    for spec, status in zip(pod["spec"].get("initContainers") or [], old, strict=True):
        if not open_so_far:
            made.append(status)
            continue
        one = Container(context=context, pod=pod, spec=spec, old=status, init=True)
        settled = is_done(spec, status) and not one.is_sidecar()
        made.append(status if settled else one.advanced())
        open_so_far = is_done(spec, made[-1])
    return made, open_so_far


def _statuses(
    specs: list[Object], found: list[Object] | None, *, behind_inits: bool = False
) -> list[Object]:
    """Answer a status for each container, in their order."""
    known = {each["name"]: each for each in found or []}
    return [known.get(each["name"]) or fresh(each, behind_inits=behind_inits) for each in specs]


def _target(pod: Object) -> Target:
    return POD, pod["metadata"]["namespace"], pod["metadata"]["name"]
