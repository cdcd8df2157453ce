"""How far an object is: what `kubectl rollout status` and `kubectl wait` mean by done. Pure.

For kinds it does not know it follows the conventions of kstatus (observedGeneration, the conditions Ready,
Available and Stalled). Times are compared with the `now` that the caller passes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.cluster.port import Health, Manifest
from bot.cluster.trouble import trouble_of

WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job"})
AT_ONCE = frozenset(
    {
        "Namespace",
        "ConfigMap",
        "Secret",
        "Service",
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "ClusterRole",
        "ClusterRoleBinding",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "HorizontalPodAutoscaler",
        "Ingress",
        "CronJob",
        "PersistentVolumeClaim",
        "PersistentVolume",
        "StorageClass",
        "ResourceQuota",
        "LimitRange",
        "CustomResourceDefinition",
    }
)
"""Kinds that are done when the API server has accepted them."""

PATIENCE = timedelta(seconds=10)
"""How long a trouble that does not pass by itself must last before it is a verdict."""

CRASHES = 3
"""Restarts after which a container counts as crashing for good."""


def health_of(
    subject: Manifest | None, generation: int, pods: Sequence[Manifest], now: datetime
) -> Health:
    """Answer the health of an object whose `generation` was applied, with the pods of its newest template.

    None for `subject` means that the watch has not seen it (yet, or any more).
    """
    if subject is None:
        return Health(ready=0, wanted=1, done=False, note="not there yet")
    kind = subject["kind"]
    status = subject.get("status", {})
    if kind in AT_ONCE:
        return Health(ready=1, wanted=1, done=True)
    if status.get("observedGeneration", generation if kind == "Job" else 0) < generation:
        wanted = _wanted(subject)
        return Health(ready=0, wanted=wanted, done=False, note="")
    counted = {
        "Deployment": _deployment,
        "StatefulSet": _stateful_set,
        "DaemonSet": _daemon_set,
        "Job": _job,
    }.get(kind, _by_conditions)(subject)
    if counted.done or counted.failed:
        return counted
    return _with_trouble(counted, pods, now, counted_by_itself=kind == "Job")


def _wanted(subject: Manifest) -> int:
    spec = subject.get("spec", {})
    return int(spec.get("replicas", spec.get("completions", 1)))


def _deployment(subject: Manifest) -> Health:
    status, wanted = subject.get("status", {}), _wanted(subject)
    updated = status.get("updatedReplicas", 0)
    total = status.get("replicas", 0)
    available = status.get("availableReplicas", 0)
    ready = min(updated, max(0, available - (total - updated)))
    progressing = _condition(subject, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        seconds = subject["spec"].get("progressDeadlineSeconds", 600)
        return Health(ready=ready, wanted=wanted, done=False, failed=f"no progress for {seconds} s")
    done = updated >= wanted and total <= updated and available >= updated
    old = total - updated
    note = f"{old} old pod{'s' * (old > 1)} still there" if ready >= wanted and old > 0 else ""
    return Health(ready=wanted if done else ready, wanted=wanted, done=done, note=note)


def _stateful_set(subject: Manifest) -> Health:
    status, wanted = subject.get("status", {}), _wanted(subject)
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    partition = (
        subject["spec"].get("updateStrategy", {}).get("rollingUpdate", {}).get("partition", 0)
    )
    done = ready >= wanted and updated >= wanted - partition
    return Health(ready=min(ready, updated + partition), wanted=wanted, done=done)


def _daemon_set(subject: Manifest) -> Health:
    status = subject.get("status", {})
    wanted = status.get("desiredNumberScheduled", 0)
    updated = status.get("updatedNumberScheduled", 0)
    available = status.get("numberAvailable", 0)
    done = updated >= wanted and available >= wanted
    return Health(ready=min(updated, available), wanted=wanted, done=done)


def _job(subject: Manifest) -> Health:
    wanted = _wanted(subject)
    succeeded = subject.get("status", {}).get("succeeded", 0)
    failed = _condition(subject, "Failed")
    if has_failed(subject):
        reason = str(failed.get("message") or failed.get("reason") or "the job failed")
        return Health(ready=succeeded, wanted=wanted, done=False, failed=reason)
    done = _condition(subject, "Complete").get("status") == "True"
    return Health(ready=wanted if done else succeeded, wanted=wanted, done=done)


def has_failed(job: Manifest) -> bool:
    """Say whether a Job has failed for good."""
    return _condition(job, "Failed").get("status") == "True"


def has_succeeded(job: Manifest) -> bool:
    """Say whether a Job has done its work."""
    return _condition(job, "Complete").get("status") == "True"


def _by_conditions(subject: Manifest) -> Health:
    stalled = _condition(subject, "Stalled")
    if stalled.get("status") == "True":
        return Health(ready=0, wanted=1, done=False, failed=str(stalled.get("message", "stalled")))
    for kind in ("Ready", "Available"):
        found = _condition(subject, kind)
        if found:
            done = found.get("status") == "True"
            note = "" if done else str(found.get("reason", ""))
            return Health(ready=int(done), wanted=1, done=done, note=note)
    return Health(ready=1, wanted=1, done=True)


def _condition(subject: Manifest, kind: str) -> dict[str, Any]:
    conditions = subject.get("status", {}).get("conditions") or []
    return next((each for each in conditions if each.get("type") == kind), {})


def _with_trouble(
    counted: Health, pods: Sequence[Manifest], now: datetime, *, counted_by_itself: bool
) -> Health:
    """Add why pods are not ready, and the verdict when that will not pass by waiting."""
    for pod in pods:
        trouble = trouble_of(pod)
        if trouble is None:
            continue
        lasting = trouble.since is not None and now - trouble.since >= PATIENCE
        # How often a Job's pods may fail is its own affair: its conditions say when that is over.
        crashed = trouble.restarts >= CRASHES and not counted_by_itself
        hopeless = (trouble.final and lasting) or crashed
        return Health(
            ready=counted.ready,
            wanted=counted.wanted,
            done=False,
            note=trouble.reason,
            failed=trouble.text if hopeless else "",
        )
    return counted
