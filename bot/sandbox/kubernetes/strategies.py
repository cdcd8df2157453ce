"""What the API server itself adds to an object when it is made or changed: addresses, selectors, a first status."""

import base64
import copy
import hashlib
import uuid

from bot.sandbox.kubernetes.quantities import quality
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.storage import Object

FIRST_STATUS: dict[str, Object] = {
    "deployments.apps": {},
    "replicasets.apps": {"replicas": 0},
    "statefulsets.apps": {"availableReplicas": 0, "replicas": 0},
    "daemonsets.apps": {
        "currentNumberScheduled": 0,
        "desiredNumberScheduled": 0,
        "numberMisscheduled": 0,
        "numberReady": 0,
    },
    "jobs.batch": {},
    "cronjobs.batch": {},
    "services": {"loadBalancer": {}},
    "ingresses.networking.k8s.io": {"loadBalancer": {}},
    "persistentvolumeclaims": {"phase": "Pending"},
    "horizontalpodautoscalers.autoscaling": {"currentMetrics": None, "desiredReplicas": 0},
    "poddisruptionbudgets.policy": {
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "disruptionsAllowed": 0,
        "expectedPods": 0,
    },
    "resourcequotas": {},
    "namespaces": {"phase": "Active"},
}
JOB_LABELS = ("batch.kubernetes.io/", "")


def prepare(resource: Resource, subject: Object, live: Object | None) -> None:
    """Add to an object that is about to be stored in place of `live`, in place."""
    if live is None and resource.qualified in FIRST_STATUS:
        subject["status"] = copy.deepcopy(FIRST_STATUS[resource.qualified])
    kind = resource.qualified
    if kind == "services":
        _service(subject, live)
    elif kind == "secrets":
        _secret(subject)
    elif kind == "jobs.batch" and live is None:
        _job(subject)
    elif kind == "pods" and live is None:
        subject["status"] = {"phase": "Pending", "qosClass": quality(subject["spec"])}


def _service(subject: Object, live: Object | None) -> None:
    """Give a Service its address."""
    spec = subject["spec"]
    if spec.get("type") == "ExternalName":
        return
    address = live["spec"].get("clusterIP") if live else None
    if not address:
        seed = f"{subject['metadata']['namespace']}/{subject['metadata']['name']}"
        digest = hashlib.sha256(seed.encode()).digest()
        address = f"10.96.{digest[0]}.{digest[1]}"
    spec.setdefault("clusterIP", address)
    spec.setdefault("clusterIPs", [spec["clusterIP"]])


def _secret(subject: Object) -> None:
    """Turn `stringData` into `data`."""
    if "stringData" not in subject:
        return
    data = subject.get("data") or {}
    for key, value in (subject.pop("stringData") or {}).items():
        data[key] = base64.b64encode(str(value).encode()).decode()
    subject["data"] = data


def _job(subject: Object) -> None:
    """Give a Job the selector and labels by which its pods are told from others', unless it brings its own."""
    meta, spec = subject["metadata"], subject["spec"]
    if spec.get("manualSelector"):
        return
    uid = meta.setdefault("uid", str(uuid.uuid4()))
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    for prefix in JOB_LABELS:
        labels[f"{prefix}controller-uid"] = uid
        labels[f"{prefix}job-name"] = meta["name"]
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    if not meta.get("labels"):
        meta["labels"] = dict(labels)
