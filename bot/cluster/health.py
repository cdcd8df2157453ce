"""How far an object is: what `kubectl rollout status` and `kubectl wait` mean by done. Pure.

For kinds it does not know it follows the conventions of kstatus (observedGeneration, deletion, conditions). Times are
compared with the `now` that the caller passes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cluster import others, workloads
from bot.cluster.conditions import DONE, by_conditions, waiting
from bot.cluster.port import Health, Manifest
from bot.cluster.trouble import SETTLING, Trouble, past_trouble_of, unready_of, worst
from bot.cluster.workloads import has_failed as has_failed
from bot.cluster.workloads import has_succeeded as has_succeeded

TERRAFORM = "terraform.core.oam.dev"

ACCEPTED = frozenset(
    {
        ("", "Namespace"),
        ("", "ConfigMap"),
        ("", "Secret"),
        ("", "Service"),
        ("", "ServiceAccount"),
        ("", "Endpoints"),
        ("", "PersistentVolume"),
        ("", "ResourceQuota"),
        ("", "LimitRange"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("batch", "CronJob"),
        ("coordination.k8s.io", "Lease"),
        ("discovery.k8s.io", "EndpointSlice"),
        ("networking.k8s.io", "Ingress"),
        ("networking.k8s.io", "IngressClass"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("node.k8s.io", "RuntimeClass"),
        ("policy", "PodDisruptionBudget"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("rbac.authorization.k8s.io", "Role"),
        ("rbac.authorization.k8s.io", "RoleBinding"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "VolumeAttributesClass"),
    }
)
"""Groups and kinds that are done when the API server has accepted them, and are not watched.

A Service of type LoadBalancer and an Ingress are among them, as in `kubectl rollout status` and other than in kstatus: their
address comes from somewhere else, in a cluster without that never, and says nothing of what is rolled out.
"""


WITH_PODS: Mapping[tuple[str, str], Callable[[Manifest], Health]] = {
    ("apps", "Deployment"): workloads.deployment,
    ("apps", "StatefulSet"): workloads.stateful_set,
    ("apps", "DaemonSet"): workloads.daemon_set,
    ("apps", "ReplicaSet"): workloads.replica_set,
    ("", "ReplicationController"): workloads.replica_set,
    ("batch", "Job"): workloads.job,
    ("", "Pod"): workloads.pod,
}
WITH_WORDS: Mapping[tuple[str, str], Callable[[Manifest], Health]] = {
    ("apiextensions.k8s.io", "CustomResourceDefinition"): others.definition,
    ("apiregistration.k8s.io", "APIService"): others.api_service,
    (TERRAFORM, "Configuration"): others.configuration,
}
CLAIM = ("", "PersistentVolumeClaim")

COUNTING = frozenset(
    {
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("apps", "DaemonSet"),
        ("apps", "ReplicaSet"),
        ("", "ReplicationController"),
        (TERRAFORM, "Configuration"),
    }
)
"""Kinds whose status always says of which generation it is; until it does it is of none."""


def kind_of(api_version: str, kind: str) -> tuple[str, str]:
    """Answer the group and the kind."""
    return api_version.rpartition("/")[0], kind


def is_done_at_once(api_version: str, kind: str) -> bool:
    """Say whether a kind is done when the API server has accepted it."""
    return kind_of(api_version, kind) in ACCEPTED


def has_pods(api_version: str, kind: str) -> bool:
    """Say whether a kind is one of the workloads."""
    return kind_of(api_version, kind) in WITH_PODS


def health_of(
    subject: Manifest | None,
    generation: int,
    pods: Sequence[Manifest],
    now: datetime,
    *,
    on_demand: bool = True,
) -> Health:
    """Answer the health of an object whose `generation` was applied, with the pods of its newest template.

    None for `subject` means that the watch has not seen it (yet, or any more). `on_demand`: of a claim, that its volume
    comes when a pod asks for it.
    """
    if subject is None:
        return waiting("not there yet")
    kind = kind_of(subject["apiVersion"], subject["kind"])
    if kind in ACCEPTED:
        return DONE
    if subject["metadata"].get("deletionTimestamp"):
        return Health(
            ready=0, wanted=_wanted(kind, subject), done=False, note="it is being deleted"
        )
    if _is_stale(kind, subject, generation):
        return Health(ready=0, wanted=_wanted(kind, subject), done=False)
    if kind == CLAIM:
        return others.claim(subject, on_demand=on_demand)
    counted = (WITH_PODS.get(kind) or WITH_WORDS.get(kind) or by_conditions)(subject)
    if counted.done or kind not in WITH_PODS:
        return counted
    return _with_trouble(counted, pods, now, counted_by_itself=kind == ("batch", "Job"))


def is_at_work(subject: Manifest | None, pods: Sequence[Manifest]) -> bool:
    """Say whether an object gets on although nothing of its health changes: a Job whose pod runs.

    How long that may take is the Job's own affair (activeDeadlineSeconds).
    """
    if subject is None or kind_of(subject["apiVersion"], subject["kind"]) != ("batch", "Job"):
        return False
    return any(
        (pod.get("status") or {}).get("phase") == "Running" and worst([pod]) is None for pod in pods
    )


def _is_stale(kind: tuple[str, str], subject: Manifest, generation: int) -> bool:
    """Say whether the object, or its status, is older than what was applied."""
    newest = subject["metadata"].get("generation", generation)
    if newest < generation:
        return True  # the watch is behind
    seen = (subject.get("status") or {}).get("observedGeneration")
    if seen is None:
        return kind in COUNTING and newest > 0
    return isinstance(seen, int) and seen < newest


def _wanted(kind: tuple[str, str], subject: Manifest) -> int:
    return workloads.wanted_of(subject) if kind in WITH_PODS and kind != ("", "Pod") else 1


def _with_trouble(
    counted: Health, pods: Sequence[Manifest], now: datetime, *, counted_by_itself: bool
) -> Health:
    """Add why pods are not ready, and the verdict when that will not pass by waiting."""
    found = worst(pods)
    if found is None and counted.failed:
        found = next(filter(None, map(past_trouble_of, pods)), None)  # between two crashes
    found = found or _unready(pods, now, settling=not counted.failed)
    if found is None or counted.note == workloads.SUSPENDED:
        return counted
    if counted.failed:
        # The bare fact that time is up says little: what kept it from getting on does.
        bare = counted.failed.startswith("no progress") and ": " not in counted.failed
        return replace(counted, failed=f"{counted.failed}: {found.text}") if bare else counted
    # How often a Job's pods may fail is its own affair: its conditions say when that is over.
    hopeless = found.is_hopeless(now, crashes_count=not counted_by_itself)
    return replace(counted, note=found.reason, failed=found.text if hopeless else "")


def _unready(pods: Sequence[Manifest], now: datetime, *, settling: bool) -> Trouble | None:
    """Answer which pod runs and is not ready; `settling`: one that has just begun is not worth saying."""
    grace = SETTLING if settling else timedelta()
    return next(filter(None, (unready_of(each, now - grace) for each in pods)), None)
