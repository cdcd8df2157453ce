"""Jobs: pods that run until enough have succeeded, or too many have failed, or the time is over.

Conditions, reasons, messages and events are those of the job controller of Kubernetes 1.31 and newer.
"""

from bot.sandbox.kubernetes.controllers.context import POD, Context, Target, hash_of
from bot.sandbox.kubernetes.controllers.replicasets import (
    create_pod,
    is_alive,
    is_ready,
    may_create,
    terminating,
)
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object, now

JOB = BY_KIND["batch/v1", "Job"]
COMPONENT = "job-controller"
INDEX = "batch.kubernetes.io/job-completion-index"
MESSAGES = {
    "CompletionsReached": "Reached expected number of succeeded pods",
    "BackoffLimitExceeded": "Job has reached the specified backoff limit",
    "DeadlineExceeded": "Job was active longer than specified deadline",
    "JobSuspended": "Job suspended",
    "JobResumed": "Job resumed",
}
BACK_OFF, LONGEST = 1.0, 16.0
"""Seconds before a pod that failed is replaced, twice as many each time (the real ones are 10 s to 10 min)."""


def reconcile(context: Context, job: Object) -> None:
    """Bring a Job nearer to its end, and say how far it is."""
    if job["metadata"].get("deletionTimestamp"):
        return
    if is_over(job):
        _expire(context, job)
        return
    status = job.get("status") or {}
    pods = context.owned(job, POD)
    alive = [each for each in pods if is_alive(each)]
    if job["spec"].get("suspend"):
        _suspend(context, job, alive)
        return
    reason = _failure(context, job, pods, alive)
    if has(job, "FailureTarget"):
        reason = next(
            each["reason"] for each in status["conditions"] if each["type"] == "FailureTarget"
        )
    if reason:
        _fail(context, job, pods, alive, reason)
    elif _is_complete(job, pods, alive):
        _complete(context, job, pods, alive)
    else:
        _continue(context, job, pods, alive)


def is_over(job: Object) -> bool:
    """Say whether a Job is complete or has failed."""
    return has(job, "Complete") or has(job, "Failed")


def has(job: Object, condition: str) -> bool:
    """Say whether a condition of a Job is true."""
    return any(
        each["type"] == condition and each["status"] == "True"
        for each in (job.get("status") or {}).get("conditions") or []
    )


def _failure(context: Context, job: Object, pods: list[Object], alive: list[Object]) -> str:
    """Answer why a Job cannot succeed any more; empty while it can."""
    spec, uid = job["spec"], job["metadata"]["uid"]
    restarts = 0
    if spec["template"]["spec"].get("restartPolicy") == "OnFailure":
        restarts = sum(_restarts(each) for each in alive)
    if _count(pods, "Failed") > spec["backoffLimit"] or restarts > max(0, spec["backoffLimit"]):
        return "BackoffLimitExceeded"
    deadline = spec.get("activeDeadlineSeconds")
    start = (job.get("status") or {}).get("startTime")
    if deadline is not None and start:
        stage = f"deadline from {start}"
        if context.waited(_target(job), f"{uid}/deadline", stage, float(deadline)):
            return "DeadlineExceeded"
    return ""


def _is_complete(job: Object, pods: list[Object], alive: list[Object]) -> bool:
    done, wanted = _count(pods, "Succeeded"), job["spec"].get("completions")
    if wanted is None:
        return done > 0 and not alive
    return done >= int(wanted)


def _continue(context: Context, job: Object, pods: list[Object], alive: list[Object]) -> None:
    """Make the pods that are wanted now."""
    spec, status = job["spec"], job.get("status") or {}
    if has(job, "Suspended"):
        context.event(job, "Normal", "Resumed", MESSAGES["JobResumed"], COMPONENT)
    done, failed = _count(pods, "Succeeded"), _count(pods, "Failed")
    wanted = spec["parallelism"]
    if spec.get("completions") is not None:
        wanted = min(wanted, spec["completions"] - done)
    elif done:
        wanted = len(alive)
    delay = min(LONGEST, BACK_OFF * 2 ** (failed - 1)) if failed else 0.0
    stage = f"failed {failed}"
    due = context.waited(_target(job), f"{job['metadata']['uid']}/back-off", stage, delay)
    if due and may_create(context, job):
        for index in _free(job, pods)[: wanted - len(alive)]:
            if _create(context, job, index):
                break
    for each in sorted(alive, key=is_ready)[: max(0, len(alive) - wanted)]:
        _delete(context, job, each)
    pods = context.owned(job, POD)
    made = _counted(job, pods)
    made["startTime"] = status.get("startTime") if not has(job, "Suspended") else now()
    made["startTime"] = made["startTime"] or now()
    if has(job, "Suspended"):
        made["conditions"] = _with(job, ("Suspended", "JobResumed"), value="False")
    context.set_status(_fresh(context, job), made)


def _suspend(context: Context, job: Object, alive: list[Object]) -> None:
    for each in alive:
        _delete(context, job, each)
    if not has(job, "Suspended"):
        context.event(job, "Normal", "Suspended", MESSAGES["JobSuspended"], COMPONENT)
    made = _counted(job, context.owned(job, POD))
    made.pop("startTime", None)
    if not has(job, "Suspended"):
        made["conditions"] = _with(job, ("Suspended", "JobSuspended"))
    context.set_status(_fresh(context, job), made)


def _fail(
    context: Context, job: Object, pods: list[Object], alive: list[Object], reason: str
) -> None:
    """End what still runs; when nothing does, the Job has failed."""
    first = not has(job, "FailureTarget")
    failed = _count(pods, "Failed") + len(alive)
    for each in alive:
        _delete(context, job, each)
    left = context.owned(job, POD)
    made = _counted(job, left)
    made["failed"] = failed if first else job["status"].get("failed", 0)
    kinds = [("FailureTarget", reason)] if first else []
    if not any(each["metadata"].get("deletionTimestamp") for each in left):
        kinds.append(("Failed", reason))
        context.event(job, "Warning", reason, MESSAGES[reason], COMPONENT)
    made["conditions"] = _with(job, *kinds)
    context.set_status(_fresh(context, job), made)


def _complete(context: Context, job: Object, pods: list[Object], alive: list[Object]) -> None:
    for each in alive:
        _delete(context, job, each)
    context.event(job, "Normal", "Completed", "Job completed", COMPONENT)
    made = _counted(job, pods)
    made.pop("active", None)
    made["completionTime"] = now()
    reason = "CompletionsReached"
    made["conditions"] = _with(job, ("SuccessCriteriaMet", reason), ("Complete", reason))
    context.set_status(_fresh(context, job), made)


def _expire(context: Context, job: Object) -> None:
    """Delete a Job that is over when its time to live is, with its pods."""
    ttl = job["spec"].get("ttlSecondsAfterFinished")
    uid = job["metadata"]["uid"]
    if ttl is None or not context.waited(_target(job), f"{uid}/ttl", "over", float(ttl)):
        return
    context.storage.remove(JOB, job)


def _counted(job: Object, pods: list[Object]) -> Object:
    """Answer the status of a Job with its pods counted anew, and what was known kept."""
    old = job.get("status") or {}
    alive = [each for each in pods if is_alive(each)]
    going = [each for each in pods if each["metadata"].get("deletionTimestamp")]
    made: Object = {key: old[key] for key in ("conditions", "startTime") if key in old}
    made |= {
        "ready": sum(1 for each in alive if is_ready(each)),
        "terminating": len(going),
        "uncountedTerminatedPods": {},
    }
    counts = {
        "active": len(alive),
        "succeeded": _count(pods, "Succeeded"),
        "failed": _count(pods, "Failed"),
    }
    made |= {key: value for key, value in counts.items() if value}
    if job["spec"].get("completionMode") == "Indexed":
        done = sorted(_index(each) for each in pods if each["status"].get("phase") == "Succeeded")
        made["completedIndexes"] = ",".join(str(each) for each in done)
    return made


def _with(job: Object, *made: tuple[str, str], value: str = "True") -> list[Object]:
    """Answer the conditions of a Job with some (type, reason) in place."""
    kinds = {kind for kind, _ in made}
    old = (job.get("status") or {}).get("conditions") or []
    fresh = [
        {
            "type": kind,
            "status": value,
            "reason": reason,
            "message": MESSAGES[reason],
            "lastProbeTime": now(),
            "lastTransitionTime": now(),
        }
        for kind, reason in made
    ]
    return [*(each for each in old if each["type"] not in kinds), *fresh]


def _create(context: Context, job: Object, index: int) -> str:
    if job["spec"].get("completionMode") != "Indexed":
        return create_pod(context, job, COMPONENT)
    name, template = job["metadata"]["name"], job["spec"]["template"]
    meta = template["metadata"]
    notes = {**(meta.get("annotations") or {}), INDEX: str(index)}
    labels = {**(meta.get("labels") or {}), INDEX: str(index)}
    marked = {**template, "metadata": {**meta, "annotations": notes, "labels": labels}}
    suffix = hash_of([job["metadata"]["uid"], index, context.storage.version])[:5]
    made = {**job, "spec": {**job["spec"], "template": marked}}
    return create_pod(context, made, COMPONENT, f"{name}-{index}-{suffix}")


def _free(job: Object, pods: list[Object]) -> list[int]:
    """List the indexes that still need a pod; of a Job without indexes, as many as there may be."""
    spec = job["spec"]
    if spec.get("completionMode") != "Indexed":
        return list(range(spec["parallelism"]))
    taken = {
        _index(each)
        for each in pods
        if is_alive(each) or each["status"].get("phase") == "Succeeded"
    }
    return [each for each in range(spec["completions"]) if each not in taken]


def _index(pod: Object) -> int:
    return int((pod["metadata"].get("annotations") or {}).get(INDEX, 0))


def _delete(context: Context, job: Object, pod: Object) -> None:
    context.storage.mark(POD, pod, terminating(pod))
    said = f"Deleted pod: {pod['metadata']['name']}"
    context.event(job, "Normal", "SuccessfulDelete", said, COMPONENT)


def _count(pods: list[Object], phase: str) -> int:
    return sum(1 for each in pods if each["status"].get("phase") == phase)


def _restarts(pod: Object) -> int:
    return sum(each["restartCount"] for each in pod["status"].get("containerStatuses") or [])


def _fresh(context: Context, job: Object) -> Object:
    return context.storage.get(JOB, job["metadata"]["namespace"], job["metadata"]["name"])


def _target(job: Object) -> Target:
    return JOB, job["metadata"]["namespace"], job["metadata"]["name"]
