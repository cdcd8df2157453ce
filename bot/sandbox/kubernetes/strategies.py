"""What the API server itself adds to an object when it is made or changed: addresses, selectors, a first status."""

import copy
import hashlib
import uuid

from bot.sandbox.kubernetes.defaults import TEMPLATE_GENERATION
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
    "persistentvolumes": {"phase": "Pending"},
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
FIRST_PORT, PORTS = 30000, 2768
PROTECTION = "kubernetes.io/pvc-protection"


def prepare(resource: Resource, subject: Object, live: Object | None) -> None:
    """Add to an object that is about to be stored in place of `live`, in place."""
    if live is None and resource.qualified in FIRST_STATUS:
        subject["status"] = copy.deepcopy(FIRST_STATUS[resource.qualified])
    kind = resource.qualified
    if kind == "services":
        _service(subject, live)
    elif kind == "jobs.batch" and live is None:
        _job(subject)
    elif kind == "pods" and live is None:
        subject["status"] = {"phase": "Pending", "qosClass": quality(subject["spec"])}
    elif kind == "daemonsets.apps" and live is not None:
        _daemon_set(subject, live)
    elif kind == "persistentvolumeclaims" and live is None:
        held = subject["metadata"].setdefault("finalizers", [])
        if PROTECTION not in held:
            held.append(PROTECTION)


def _service(subject: Object, live: Object | None) -> None:
    """Give a Service its address, and its ports on the nodes; they stay when it is written again without them."""
    spec = subject["spec"]
    old: Object = live["spec"] if live else {}
    if spec.get("type") == "ExternalName":
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            spec.pop(field, None)
        return
    seed = f"{subject['metadata']['namespace']}/{subject['metadata'].get('name', '')}"
    if not spec.get("clusterIP"):
        digest = hashlib.sha256(seed.encode()).digest()
        spec["clusterIP"] = old.get("clusterIP") or f"10.96.{digest[0]}.{digest[1]}"
    if not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    spec.setdefault("ipFamilies", old.get("ipFamilies") or ["IPv4"])
    spec.setdefault("ipFamilyPolicy", old.get("ipFamilyPolicy") or "SingleStack")
    if spec.get("type") in {"NodePort", "LoadBalancer"}:
        _node_ports(spec, old, seed)


def _node_ports(spec: Object, old: Object, seed: str) -> None:
    if spec.get("allocateLoadBalancerNodePorts") is False:
        return
    known = {(each["port"], each.get("protocol")): each for each in old.get("ports", [])}
    for port in spec.get("ports", []):
        before = known.get((port["port"], port.get("protocol")), {})
        digest = hashlib.sha256(f"{seed}/{port['port']}".encode()).digest()
        made = FIRST_PORT + int.from_bytes(digest[:2], "big") % PORTS
        if not port.get("nodePort"):
            port["nodePort"] = before.get("nodePort") or made


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
    selector = spec.setdefault("selector", {}).setdefault("matchLabels", {})
    selector["batch.kubernetes.io/controller-uid"] = uid
    if not meta.get("labels"):
        meta["labels"] = dict(labels)


def _daemon_set(subject: Object, live: Object) -> None:
    """Count the templates of a DaemonSet, as its pods' labels still do."""
    before = (live["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION, "1")
    changed = subject["spec"]["template"] != live["spec"]["template"]
    notes = subject["metadata"].setdefault("annotations", {})
    notes[TEMPLATE_GENERATION] = str(int(before) + 1) if changed else before
