"""How far workloads are: what `kubectl rollout status` and `kubectl wait` mean by done. Pure.

Each function judges an object whose status is of the generation that is waited for, without a look at its pods.
"""

import re

from bot.cluster.conditions import condition_of, is_true, why
from bot.cluster.port import Health, Manifest
from bot.cluster.trouble import end_of

PAUSED = "it is paused, so nothing new is rolled out; resume it (kubectl rollout resume)"
BACKOFF_LIMIT = 6
"""The API server's default of how often the pods of a Job are made anew."""
SUSPENDED = "it is suspended"
FORBIDDEN = re.compile(r'^pods "[^"]*" is forbidden: ')
"""How a quota or an admission begins, with the name of a pod that never was and is another one each time."""
ON_DELETE = "pods are replaced when they are deleted (OnDelete)"


def wanted_of(subject: Manifest) -> int:
    """Answer how many pods an object wants."""
    spec = subject.get("spec") or {}
    if subject["kind"] == "Job":
        return int(spec.get("completions") or 1)
    return int(spec.get("replicas", 1))


def deployment(subject: Manifest) -> Health:
    """Judge a Deployment: every pod is new and available."""
    status, wanted = subject.get("status") or {}, wanted_of(subject)
    updated = status.get("updatedReplicas", 0)
    total = status.get("replicas", 0)
    available = status.get("availableReplicas", 0)
    ready = min(updated, max(0, available - (total - updated)))
    if updated >= wanted and total <= updated and available >= updated:
        return Health(ready=wanted, wanted=wanted, done=True)
    if condition_of(subject, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        seconds = subject["spec"].get("progressDeadlineSeconds", 600)
        cause = not_made(subject)
        said = f"no progress for {seconds} s" + (f": {cause}" if cause else "")
        return Health(ready=ready, wanted=wanted, done=False, failed=said)
    # A paused one still follows its number of pods, but makes none of a new template.
    if subject["spec"].get("paused") and (total > updated or updated == 0):
        return Health(ready=ready, wanted=wanted, done=False, failed=PAUSED)
    old = total - updated
    left = f"{old} old pod{'s' * (old > 1)} still there" if ready >= wanted and old > 0 else ""
    return Health(ready=ready, wanted=wanted, done=False, note=not_made(subject) or left)


def stateful_set(subject: Manifest) -> Health:
    """Judge a StatefulSet: every pod is ready, and those above the partition are new."""
    status, wanted = subject.get("status") or {}, wanted_of(subject)
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    strategy = subject["spec"].get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return _on_delete(ready, wanted)
    kept = (strategy.get("rollingUpdate") or {}).get("partition", 0)
    fewer = status.get("replicas", wanted) <= wanted
    done = ready >= wanted and updated >= wanted - kept and fewer
    counted = min(ready, updated + kept, wanted)
    note = "" if done else not_made(subject)
    return Health(ready=counted, wanted=wanted, done=done, note=note)


def daemon_set(subject: Manifest) -> Health:
    """Judge a DaemonSet: on every node that it wants a pod is new and available."""
    status = subject.get("status") or {}
    wanted = status.get("desiredNumberScheduled", 0)
    updated = status.get("updatedNumberScheduled", 0)
    available = status.get("numberAvailable", 0)
    if (subject["spec"].get("updateStrategy") or {}).get("type") == "OnDelete":
        return _on_delete(available, wanted)
    done = updated >= wanted and available >= wanted
    return Health(ready=min(updated, available), wanted=wanted, done=done)


def replica_set(subject: Manifest) -> Health:
    """Judge a ReplicaSet or a ReplicationController: every pod is available and there are no more."""
    status, wanted = subject.get("status") or {}, wanted_of(subject)
    available, total = status.get("availableReplicas", 0), status.get("replicas", 0)
    done = available >= wanted and total <= wanted
    note = "" if done else not_made(subject)
    return Health(ready=min(available, wanted), wanted=wanted, done=done, note=note)


def job(subject: Manifest) -> Health:
    """Judge a Job by its conditions."""
    wanted = wanted_of(subject)
    succeeded = (subject.get("status") or {}).get("succeeded", 0)
    if has_failed(subject):
        reason = why(condition_of(subject, "Failed")) or "the job failed"
        return Health(ready=succeeded, wanted=wanted, done=False, failed=reason)
    if has_succeeded(subject):
        return Health(ready=wanted, wanted=wanted, done=True)
    held = (subject.get("spec") or {}).get("suspend") or is_true(subject, "Suspended")
    note = SUSPENDED if held else _tries(subject)
    return Health(ready=min(succeeded, wanted), wanted=wanted, done=False, note=note)


def _tries(job: Manifest) -> str:
    """Say how many pods of a Job have failed: for minutes nothing else shows that it gets nowhere."""
    failed = (job.get("status") or {}).get("failed", 0)
    allowed = (job.get("spec") or {}).get("backoffLimit", BACKOFF_LIMIT) + 1
    return f"{failed} of {allowed} tries failed" if failed else ""


def pod(subject: Manifest) -> Health:
    """Judge a bare Pod: it is ready, or has ended well."""
    status = subject.get("status") or {}
    phase = status.get("phase")
    ended = end_of(subject)
    if ended is not None:
        return Health(ready=0, wanted=1, done=False, failed=ended.text)
    done = phase == "Succeeded" or is_true(subject, "Ready")
    return Health(ready=int(done), wanted=1, done=done)


def has_failed(job: Manifest) -> bool:
    """Say whether a Job has failed for good."""
    return is_true(job, "Failed")


def has_succeeded(job: Manifest) -> bool:
    """Say whether a Job has done its work."""
    return is_true(job, "Complete")


def not_made(subject: Manifest) -> str:
    """Say why no pods can be made: a quota, an admission that denies them. Empty when they can."""
    found = condition_of(subject, "ReplicaFailure")
    return FORBIDDEN.sub("", why(found)) if found.get("status") == "True" else ""


def _on_delete(ready: int, wanted: int) -> Health:
    done = ready >= wanted
    return Health(
        ready=min(ready, wanted), wanted=wanted, done=done, note=ON_DELETE if done else ""
    )
