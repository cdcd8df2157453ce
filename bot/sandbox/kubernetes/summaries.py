"""Objects as rows for a person who looks at a cluster: what it is, how far it is, which image. Pure."""

from datetime import UTC, datetime
from typing import Any

from bot.sandbox.kubernetes import podcells

Object = dict[str, Any]

HIDDEN = frozenset(
    {
        "Event",
        "EndpointSlice",
        "ReplicaSet",
        "Node",
        "CustomResourceDefinition",
        "Provider",
        "ControllerRevision",
        "StorageClass",
        "IngressClass",
        "Endpoints",
        "PersistentVolume",
    }
)
FURNITURE = frozenset({("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")})
"""What every namespace has."""
SYSTEM = frozenset({"default", "kube-system"})


def summary(subject: Object) -> Object | None:
    """Answer a row; None for what only matters to the cluster itself."""
    meta = subject["metadata"]
    name = meta["name"]
    if subject["kind"] in HIDDEN or (subject["kind"], name) in FURNITURE:
        return None
    if subject["kind"] == "Namespace" and name in SYSTEM:
        return None
    age = datetime.now(UTC) - datetime.fromisoformat(meta["creationTimestamp"])
    return {
        "kind": subject["kind"],
        "namespace": meta.get("namespace", ""),
        "name": name,
        "ready": _ready(subject),
        "status": _status(subject),
        "image": _image(subject),
        "age_seconds": int(age.total_seconds()),
    }


def _ready(subject: Object) -> str:
    status, spec = subject.get("status", {}), subject.get("spec", {})
    if subject["kind"] in {"Deployment", "StatefulSet"}:
        return f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 1)}"
    if subject["kind"] == "Pod":
        return podcells.ready(subject)
    return ""


def _status(subject: Object) -> str:
    if subject["kind"] == "Pod":
        return podcells.status(subject)
    if subject["kind"] == "Configuration":
        status = subject.get("status") or {}
        return str(
            status.get("destroy", {}).get("state") or status.get("apply", {}).get("state", "")
        )
    if subject["kind"] != "Deployment":
        return str(subject.get("status", {}).get("phase", ""))
    for each in subject.get("status", {}).get("conditions", []):
        if each["type"] == "Progressing":
            done = each["reason"] == "NewReplicaSetAvailable"
            return "Available" if done else str(each["reason"])
    return "Progressing"


def _image(subject: Object) -> str:
    spec = subject.get("spec", {})
    containers = spec.get("containers") or spec.get("template", {}).get("spec", {}).get(
        "containers"
    )
    return ", ".join(str(each["image"]) for each in containers or [])
