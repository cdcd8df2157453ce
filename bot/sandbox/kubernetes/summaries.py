"""Objects as rows for a person who looks at a cluster: what it is, how far it is, which image. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.kubernetes import podcells
from bot.sandbox.kubernetes.cells import dig
from bot.sandbox.kubernetes.kindcells import job_status

Object = dict[str, Any]

HIDDEN = frozenset(
    {
        "ControllerRevision",
        "CustomResourceDefinition",
        "EndpointSlice",
        "Endpoints",
        "Event",
        "IngressClass",
        "Node",
        "PersistentVolume",
        "ReplicaSet",
        "StorageClass",
    }
)
FURNITURE = frozenset(
    {
        ("ConfigMap", "kube-root-ca.crt"),
        ("Namespace", "default"),
        ("Namespace", "kube-system"),
        ("Provider", "default"),
        ("ServiceAccount", "default"),
    }
)
"""What a cluster and every namespace are given when they are made."""


def summary(subject: Object) -> Object | None:
    """Answer a row; None for what only matters to the cluster itself."""
    meta = subject["metadata"]
    if subject["kind"] in HIDDEN or (subject["kind"], meta["name"]) in FURNITURE:
        return None
    age = datetime.now(UTC) - datetime.fromisoformat(meta["creationTimestamp"])
    return {
        "kind": subject["kind"],
        "namespace": meta.get("namespace", ""),
        "name": meta["name"],
        "ready": READY.get(subject["kind"], _nothing)(subject),
        "status": STATUS.get(subject["kind"], _phase)(subject),
        "image": _image(subject),
        "age_seconds": int(age.total_seconds()),
    }


def _nothing(_: Object) -> str:
    return ""


def _phase(subject: Object) -> str:
    return str(dig(subject, "status", "phase", default=""))


def _of(have: tuple[str, ...], want: tuple[str, ...], default: int = 1) -> Callable[[Object], str]:
    return lambda each: f"{dig(each, *have, default=0)}/{dig(each, *want, default=default)}"


def _deployment(subject: Object) -> str:
    for each in dig(subject, "status", "conditions", default=[]):
        if each["type"] == "Progressing":
            done = each["reason"] == "NewReplicaSetAvailable"
            return "Available" if done else str(each["reason"])
    return "Progressing"


def _configuration(subject: Object) -> str:
    state = dig(subject, "status", "destroy", "state") or dig(subject, "status", "apply", "state")
    return str(state or "")


def _address(subject: Object) -> str:
    given = dig(subject, "status", "loadBalancer", "ingress", default=[])
    return ", ".join(str(each.get("ip") or each.get("hostname")) for each in given)


def _cron_job(subject: Object) -> str:
    return "Suspended" if dig(subject, "spec", "suspend") else str(dig(subject, "spec", "schedule"))


REPLICAS = _of(("status", "readyReplicas"), ("spec", "replicas"))
READY: dict[str, Callable[[Object], str]] = {
    "Deployment": REPLICAS,
    "StatefulSet": REPLICAS,
    "DaemonSet": _of(("status", "numberReady"), ("status", "desiredNumberScheduled"), 0),
    "Job": _of(("status", "succeeded"), ("spec", "completions")),
    "Pod": podcells.ready,
}
STATUS: dict[str, Callable[[Object], str]] = {
    "Configuration": _configuration,
    "CronJob": _cron_job,
    "Deployment": _deployment,
    "Ingress": _address,
    "Job": job_status,
    "Pod": podcells.status,
    "Provider": lambda each: str(dig(each, "status", "state", default="")),
    "Service": _address,
}


def _image(subject: Object) -> str:
    spec = subject.get("spec") or {}
    template = dig(spec, "jobTemplate", "spec") or spec
    containers = spec.get("containers") or dig(template, "template", "spec", "containers")
    return ", ".join(str(each["image"]) for each in containers or [])
