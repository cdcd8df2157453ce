"""What the API server fills in where an object says nothing, as the real one does for the built-in kinds.

That is what makes `kubectl diff --server-side` of an unchanged file show nothing. Changes what it is given.
"""

import base64
from collections.abc import Callable
from typing import Any

from bot.sandbox.kubernetes import crds
from bot.sandbox.kubernetes.poddefaults import fill_pod, fill_requests

Object = dict[str, Any]

RBAC = "rbac.authorization.k8s.io"
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def fill(subject: Object) -> None:
    """Fill in the defaults of an object, in place."""
    found = BY_KIND.get(subject["kind"])
    if found is not None:
        found(subject)


def _template(spec: Object) -> None:
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    fill_pod(template.setdefault("spec", {}))


def _deployment(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxSurge", "25%")
        rolling.setdefault("maxUnavailable", "25%")
    _template(spec)


def _replica_set(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    _template(spec)


def _stateful_set(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    spec.setdefault("podManagementPolicy", "OrderedReady")
    spec.setdefault("revisionHistoryLimit", 10)
    kept = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    kept.setdefault("whenDeleted", "Retain")
    kept.setdefault("whenScaled", "Retain")
    update = spec.setdefault("updateStrategy", {})
    update.setdefault("type", "RollingUpdate")
    if update["type"] == "RollingUpdate":
        update.setdefault("rollingUpdate", {}).setdefault("partition", 0)
    for claim in spec.get("volumeClaimTemplates", []):
        claim.setdefault("apiVersion", "v1")
        claim.setdefault("kind", "PersistentVolumeClaim")
        claim.setdefault("metadata", {})
        _claim(claim)
        claim.setdefault("status", {}).setdefault("phase", "Pending")
    _template(spec)


def _daemon_set(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    spec.setdefault("revisionHistoryLimit", 10)
    update = spec.setdefault("updateStrategy", {})
    update.setdefault("type", "RollingUpdate")
    if update["type"] == "RollingUpdate":
        rolling = update.setdefault("rollingUpdate", {})
        rolling.setdefault("maxSurge", 0)
        rolling.setdefault("maxUnavailable", 1)
    notes = subject["metadata"].setdefault("annotations", {})
    notes.setdefault(TEMPLATE_GENERATION, "1")
    _template(spec)


def _job(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    if "parallelism" not in spec:
        spec.setdefault("completions", 1)
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("manualSelector", False)
    spec.setdefault("podReplacementPolicy", "TerminatingOrFailed")
    _template(spec)


def _cron_job(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    _template(template.setdefault("spec", {}))


def _pod(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    fill_pod(spec)
    fill_requests(spec)
    spec.setdefault("enableServiceLinks", True)


def _service(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    kind = spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    for port in spec.get("ports", []):
        port.setdefault("protocol", "TCP")
        if "port" in port:
            port.setdefault("targetPort", port["port"])
    if kind != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind in {"NodePort", "LoadBalancer"}:
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)


def _secret(subject: Object) -> None:
    """Turn `stringData` into `data`."""
    subject.setdefault("type", "Opaque")
    if "stringData" in subject:
        data = subject.get("data") or {}
        for key, value in (subject.pop("stringData") or {}).items():
            data[key] = base64.b64encode(str(value).encode()).decode()
        subject["data"] = data


def _namespace(subject: Object) -> None:
    subject.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    meta = subject["metadata"]
    meta.setdefault("labels", {})["kubernetes.io/metadata.name"] = meta.get("name", "")


def _claim(subject: Object) -> None:
    subject.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")


def _volume(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    spec.setdefault("persistentVolumeReclaimPolicy", "Retain")
    spec.setdefault("volumeMode", "Filesystem")


def _storage_class(subject: Object) -> None:
    subject.setdefault("reclaimPolicy", "Delete")
    subject.setdefault("volumeBindingMode", "Immediate")


def _network_policy(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    spec.setdefault("policyTypes", ["Ingress", *(["Egress"] if spec.get("egress") else [])])
    for rule in [*spec.get("ingress", []), *spec.get("egress", [])]:
        for port in rule.get("ports", []):
            port.setdefault("protocol", "TCP")


def _autoscaler(subject: Object) -> None:
    spec = subject.setdefault("spec", {})
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]


def _binding(subject: Object) -> None:
    subject.setdefault("roleRef", {}).setdefault("apiGroup", RBAC)
    for each in subject.get("subjects", []):
        if each.get("kind") in {"User", "Group"}:
            each.setdefault("apiGroup", RBAC)


def _limit_range(subject: Object) -> None:
    for each in subject.setdefault("spec", {}).get("limits", []):
        if each.get("type") != "Container":
            continue
        limits = {**(each.get("max") or {}), **(each.get("default") or {})}
        asked = {**(each.get("min") or {}), **limits, **(each.get("defaultRequest") or {})}
        each |= {
            name: value for name, value in (("default", limits), ("defaultRequest", asked)) if value
        }


def _endpoint_slice(subject: Object) -> None:
    for each in subject.get("endpoints") or []:
        each.setdefault("conditions", {})
    for each in subject.get("ports") or []:
        each.setdefault("name", "")
        each.setdefault("protocol", "TCP")


BY_KIND: dict[str, Callable[[Object], None]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Pod": _pod,
    "Service": _service,
    "Secret": _secret,
    "Namespace": _namespace,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume,
    "StorageClass": _storage_class,
    "NetworkPolicy": _network_policy,
    "HorizontalPodAutoscaler": _autoscaler,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "LimitRange": _limit_range,
    "EndpointSlice": _endpoint_slice,
    "CustomResourceDefinition": crds.fill,
}
