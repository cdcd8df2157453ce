"""Looks an object over before it is stored, by its kind. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

from bot.sandbox.kubernetes import crds, errors, structural
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.shapes import Shape
from bot.sandbox.kubernetes.validating import batch, config, network, workloads
from bot.sandbox.kubernetes.validating.causes import IMMUTABLE, Cause, invalid
from bot.sandbox.kubernetes.validating.names import metadata
from bot.sandbox.kubernetes.validating.pods import pod_spec, pod_update

Object = dict[str, Any]
Old = Object | None


def check(resource: Resource, shape: Shape | None, subject: Object, old: Old) -> None:
    """Raise StatusError 422 that lists everything wrong with `subject`, which replaces `old`.

    `shape` is that of a custom kind.
    """
    causes = [*metadata(resource.kind, resource.group, subject["metadata"])]
    if old is not None and subject["metadata"].get("name") != old["metadata"]["name"]:
        causes.append(invalid("metadata.name", subject["metadata"].get("name"), IMMUTABLE))
    if shape is not None:
        causes += structural.mistakes(shape, subject)
    elif resource.qualified in CHECKS:
        causes += CHECKS[resource.qualified](subject, old)
    if causes:
        raise errors.invalid(resource, subject["metadata"].get("name", ""), causes)


def _pod(subject: Object, old: Old) -> Iterable[Cause]:
    yield from pod_spec(subject.get("spec") or {}, "spec")
    if old is not None:
        yield from pod_update(subject.get("spec") or {}, old["spec"])


def _workload(kind: str) -> Callable[[Object, Old], Iterable[Cause]]:
    return lambda subject, old: workloads.workload(kind, subject, old)


CHECKS: dict[str, Callable[[Object, Old], Iterable[Cause]]] = {
    "pods": _pod,
    "deployments.apps": _workload("Deployment"),
    "replicasets.apps": _workload("ReplicaSet"),
    "statefulsets.apps": _workload("StatefulSet"),
    "daemonsets.apps": _workload("DaemonSet"),
    "jobs.batch": batch.job,
    "cronjobs.batch": lambda subject, _: batch.cron_job(subject),
    "services": network.service,
    "ingresses.networking.k8s.io": lambda subject, _: network.ingress(subject),
    "horizontalpodautoscalers.autoscaling": lambda subject, _: network.autoscaler(subject),
    "rolebindings.rbac.authorization.k8s.io": network.role_binding,
    "clusterrolebindings.rbac.authorization.k8s.io": network.role_binding,
    "secrets": config.secret,
    "configmaps": config.config_map,
    "persistentvolumeclaims": config.claim,
    crds.DEFINITION.qualified: crds.check,
}
