"""The columns of each kind's table, as `kubectl get` shows them; the wide ones marked. Pure."""

from typing import Any

from bot.sandbox.kubernetes import podcells
from bot.sandbox.kubernetes.cells import (
    NONE,
    Column,
    Object,
    age,
    at,
    dig,
    labels,
    listed,
    modes,
    name,
    of_template,
    ready,
    selector,
    since,
    size,
)


def _external(service: Object) -> str:
    spec = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", NONE))
    if spec.get("type") != "LoadBalancer":
        return ",".join(spec.get("externalIPs") or []) or NONE
    given = dig(service, "status", "loadBalancer", "ingress", default=[])
    return ",".join(str(each.get("ip") or each.get("hostname")) for each in given) or "<pending>"


def _ports(service: Object) -> str:
    found = []
    for each in dig(service, "spec", "ports", default=[]):
        node = f":{each['nodePort']}" if each.get("nodePort") else ""
        found.append(f"{each['port']}{node}/{each.get('protocol', 'TCP')}")
    return ",".join(found) or NONE


def _hosts(ingress: Object) -> str:
    rules = dig(ingress, "spec", "rules", default=[])
    return listed((each["host"] for each in rules if each.get("host")), empty="*")


def _balanced(ingress: Object) -> str:
    given = dig(ingress, "status", "loadBalancer", "ingress", default=[])
    return ",".join(str(each.get("ip") or each.get("hostname")) for each in given)


def _endpoints(subject: Object) -> str:
    found = [
        f"{address['ip']}:{port['port']}"
        for each in subject.get("subsets") or []
        for address in each.get("addresses") or []
        for port in each.get("ports") or []
    ]
    return listed(found, empty=NONE)


def _about(event: Object) -> str:
    found = event.get("involvedObject", {})
    return f"{found.get('kind', '').lower()}/{found.get('name', '')}"


def job_status(job: Object) -> str:
    """Answer the STATUS of a Job: `Running`, `Complete`, `Failed`, `Suspended` …"""
    kinds = {
        each["type"]
        for each in dig(job, "status", "conditions", default=[])
        if each["status"] == "True"
    }
    for kind in ("Complete", "Failed"):
        if kind in kinds:
            return kind
    if job["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for kind in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if kind in kinds:
            return kind
    return "Running"


def _completions(job: Object) -> str:
    done, wanted = dig(job, "status", "succeeded", default=0), dig(job, "spec", "completions")
    if wanted is not None:
        return f"{done}/{wanted}"
    parallel = dig(job, "spec", "parallelism", default=0)
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def _duration(job: Object) -> str:
    start = dig(job, "status", "startTime")
    if not start:
        return ""
    ends = [
        each["lastTransitionTime"]
        for each in dig(job, "status", "conditions", default=[])
        if each["type"] == "Failed" and each["status"] == "True"
    ]
    return since(start, dig(job, "status", "completionTime") or (ends[0] if ends else None))


def _last_schedule(cron_job: Object) -> str:
    last = dig(cron_job, "status", "lastScheduleTime")
    return since(last) if last else NONE


def _node_status(node: Object) -> str:
    good = any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in dig(node, "status", "conditions", default=[])
    )
    off = ",SchedulingDisabled" if dig(node, "spec", "unschedulable") else ""
    return ("Ready" if good else "NotReady") + off


def _node_address(kind: str) -> Any:
    def cell(node: Object) -> str:
        given = dig(node, "status", "addresses", default=[])
        return next((str(each["address"]) for each in given if each["type"] == kind), NONE)

    return cell


def _claim(volume: Object) -> str:
    found = dig(volume, "spec", "claimRef")
    return f"{found['namespace']}/{found['name']}" if found else ""


def _reference(scaler: Object) -> str:
    found = dig(scaler, "spec", "scaleTargetRef", default={})
    return f"{found.get('kind')}/{found.get('name')}"


def _targets(scaler: Object) -> str:
    current = {
        each["resource"]["name"]: each["resource"].get("current", {}).get("averageUtilization")
        for each in dig(scaler, "status", "currentMetrics", default=[])
        if each.get("type") == "Resource"
    }
    shown = []
    for each in dig(scaler, "spec", "metrics", default=[]):
        found = each.get("resource") or {}
        wanted = found.get("target", {}).get("averageUtilization")
        have = current.get(found.get("name"))
        shown.append(
            f"{found.get('name')}: {'<unknown>' if have is None else f'{have}%'}/{wanted}%"
        )
    return listed(shown, empty=NONE, most=2)


def _quota(*prefixes: str) -> Any:
    def cell(quota: Object) -> str:
        hard = dig(quota, "status", "hard", default={})
        used = dig(quota, "status", "used", default={})
        return ", ".join(
            f"{each}: {used.get(each, '0')}/{hard[each]}"
            for each in sorted(hard)
            if each.startswith("limits.") is ("limits." in prefixes)
        )

    return cell


def _pod_selector(policy: Object) -> str:
    return labels(dig(policy, "spec", "podSelector", "matchLabels", default={}))


def _controller(subject: Object) -> str:
    for each in subject["metadata"].get("ownerReferences") or []:
        group = each["apiVersion"].rpartition("/")[0]
        return f"{each['kind'].lower()}.{group}/{each['name']}"
    return NONE


def _role(binding: Object) -> str:
    found = binding.get("roleRef") or {}
    return f"{found.get('kind')}/{found.get('name')}"


def _addresses(subject: Object) -> list[str]:
    return [address for each in subject.get("endpoints") or [] for address in each["addresses"]]


NAME: Column = ("Name", name, 0)
AGE: Column = ("Age", age, 0)
DEFAULT: tuple[Column, ...] = (NAME, AGE)
SELECTOR: Column = ("Selector", selector, 1)
NAMES_AND_IMAGES: tuple[Column, ...] = (
    ("Containers", of_template("name", "spec", "template"), 1),
    ("Images", of_template("image", "spec", "template"), 1),
)
TEMPLATE: tuple[Column, ...] = (*NAMES_AND_IMAGES, SELECTOR)
UNSET = "<unset>"

COLUMNS: dict[str, tuple[Column, ...]] = {
    "Namespace": (NAME, ("Status", at("status", "phase", default="Active"), 0), AGE),
    "Node": (
        NAME,
        ("Status", _node_status, 0),
        ("Roles", lambda _: NONE, 0),
        AGE,
        ("Version", at("status", "nodeInfo", "kubeletVersion"), 0),
        ("Internal-IP", _node_address("InternalIP"), 1),
        ("External-IP", _node_address("ExternalIP"), 1),
        ("OS-Image", at("status", "nodeInfo", "osImage"), 1),
        ("Kernel-Version", at("status", "nodeInfo", "kernelVersion"), 1),
        ("Container-Runtime", at("status", "nodeInfo", "containerRuntimeVersion"), 1),
    ),
    "ConfigMap": (NAME, ("Data", size("data", "binaryData"), 0), AGE),
    "Secret": (NAME, ("Type", at("type", default="Opaque"), 0), ("Data", size("data"), 0), AGE),
    "ServiceAccount": (NAME, ("Secrets", size("secrets"), 0), AGE),
    "Service": (
        NAME,
        ("Type", at("spec", "type"), 0),
        ("Cluster-IP", at("spec", "clusterIP", default=NONE), 0),
        ("External-IP", _external, 0),
        ("Port(s)", _ports, 0),
        AGE,
        SELECTOR,
    ),
    "Endpoints": (NAME, ("Endpoints", _endpoints, 0), AGE),
    "EndpointSlice": (
        NAME,
        ("AddressType", at("addressType"), 0),
        ("Ports", lambda each: listed(port["port"] for port in each.get("ports") or []), 0),
        ("Endpoints", lambda each: listed(_addresses(each)), 0),
        AGE,
    ),
    "Ingress": (
        NAME,
        ("Class", at("spec", "ingressClassName", default=NONE), 0),
        ("Hosts", _hosts, 0),
        ("Address", _balanced, 0),
        ("Ports", lambda each: "80, 443" if dig(each, "spec", "tls") else "80", 0),
        AGE,
    ),
    "IngressClass": (
        NAME,
        ("Controller", at("spec", "controller"), 0),
        ("Parameters", at("spec", "parameters", "name", default=NONE), 0),
        AGE,
    ),
    "ControllerRevision": (
        NAME,
        ("Controller", _controller, 0),
        ("Revision", at("revision", default=0), 0),
        AGE,
    ),
    "NetworkPolicy": (NAME, ("Pod-Selector", _pod_selector, 0), AGE),
    "Pod": (
        NAME,
        ("Ready", podcells.ready, 0),
        ("Status", podcells.status, 0),
        ("Restarts", podcells.restarts, 0),
        AGE,
        ("IP", podcells.address, 1),
        ("Node", at("spec", "nodeName", default=NONE), 1),
        ("Nominated Node", at("status", "nominatedNodeName", default=NONE), 1),
        ("Readiness Gates", lambda _: NONE, 1),
    ),
    "PodDisruptionBudget": (
        NAME,
        ("Min Available", at("spec", "minAvailable", default="N/A"), 0),
        ("Max Unavailable", at("spec", "maxUnavailable", default="N/A"), 0),
        ("Allowed Disruptions", at("status", "disruptionsAllowed", default=0), 0),
        AGE,
    ),
    "Event": (
        ("Last Seen", lambda each: since(each.get("lastTimestamp")), 0),
        ("Type", at("type"), 0),
        ("Reason", at("reason"), 0),
        ("Object", _about, 0),
        ("Subobject", at("involvedObject", "fieldPath"), 1),
        ("Source", at("source", "component"), 1),
        ("Message", lambda each: str(each.get("message", "")).strip(), 0),
        ("First Seen", lambda each: since(each.get("firstTimestamp")), 1),
        ("Count", at("count", default=1), 1),
        ("Name", name, 1),
    ),
    "Deployment": (
        NAME,
        ("Ready", ready, 0),
        ("Up-to-date", at("status", "updatedReplicas", default=0), 0),
        ("Available", at("status", "availableReplicas", default=0), 0),
        AGE,
        *TEMPLATE,
    ),
    "ReplicaSet": (
        NAME,
        ("Desired", at("spec", "replicas", default=0), 0),
        ("Current", at("status", "replicas", default=0), 0),
        ("Ready", at("status", "readyReplicas", default=0), 0),
        AGE,
        *TEMPLATE,
    ),
    "StatefulSet": (NAME, ("Ready", ready, 0), AGE, *NAMES_AND_IMAGES),
    "DaemonSet": (
        NAME,
        ("Desired", at("status", "desiredNumberScheduled", default=0), 0),
        ("Current", at("status", "currentNumberScheduled", default=0), 0),
        ("Ready", at("status", "numberReady", default=0), 0),
        ("Up-to-date", at("status", "updatedNumberScheduled", default=0), 0),
        ("Available", at("status", "numberAvailable", default=0), 0),
        (
            "Node Selector",
            lambda each: labels(dig(each, "spec", "template", "spec", "nodeSelector", default={})),
            0,
        ),
        AGE,
        *TEMPLATE,
    ),
    "Job": (
        NAME,
        ("Status", job_status, 0),
        ("Completions", _completions, 0),
        ("Duration", _duration, 0),
        AGE,
        *TEMPLATE,
    ),
    "CronJob": (
        NAME,
        ("Schedule", at("spec", "schedule"), 0),
        ("Timezone", at("spec", "timeZone", default=NONE), 0),
        ("Suspend", lambda each: bool(dig(each, "spec", "suspend")), 0),
        ("Active", lambda each: len(dig(each, "status", "active", default=[])), 0),
        ("Last Schedule", _last_schedule, 0),
        AGE,
        ("Containers", of_template("name", "spec", "jobTemplate", "spec", "template"), 1),
        ("Images", of_template("image", "spec", "jobTemplate", "spec", "template"), 1),
        SELECTOR,
    ),
    "HorizontalPodAutoscaler": (
        NAME,
        ("Reference", _reference, 0),
        ("Targets", _targets, 0),
        ("MinPods", at("spec", "minReplicas", default=UNSET), 0),
        ("MaxPods", at("spec", "maxReplicas"), 0),
        ("Replicas", at("status", "currentReplicas", default=0), 0),
        AGE,
    ),
    "PersistentVolumeClaim": (
        NAME,
        ("Status", at("status", "phase"), 0),
        ("Volume", at("spec", "volumeName"), 0),
        ("Capacity", at("status", "capacity", "storage"), 0),
        ("Access Modes", lambda each: modes(each, "status", "accessModes"), 0),
        ("StorageClass", at("spec", "storageClassName"), 0),
        ("VolumeAttributesClass", lambda _: UNSET, 0),
        AGE,
        ("VolumeMode", at("spec", "volumeMode", default=UNSET), 1),
    ),
    "PersistentVolume": (
        NAME,
        ("Capacity", at("spec", "capacity", "storage"), 0),
        ("Access Modes", lambda each: modes(each, "spec", "accessModes"), 0),
        ("Reclaim Policy", at("spec", "persistentVolumeReclaimPolicy"), 0),
        ("Status", at("status", "phase"), 0),
        ("Claim", _claim, 0),
        ("StorageClass", at("spec", "storageClassName"), 0),
        ("VolumeAttributesClass", lambda _: UNSET, 0),
        ("Reason", at("status", "reason"), 0),
        AGE,
        ("VolumeMode", at("spec", "volumeMode", default=UNSET), 1),
    ),
    "StorageClass": (
        (
            "Name",
            lambda each: name(each) + (" (default)" if _is_default(each) else ""),
            0,
        ),
        ("Provisioner", at("provisioner"), 0),
        ("ReclaimPolicy", at("reclaimPolicy", default="Delete"), 0),
        ("VolumeBindingMode", at("volumeBindingMode", default="Immediate"), 0),
        ("AllowVolumeExpansion", lambda each: bool(each.get("allowVolumeExpansion")), 0),
        AGE,
    ),
    "ResourceQuota": (NAME, ("Request", _quota(), 0), ("Limit", _quota("limits."), 0), AGE),
    "RoleBinding": (NAME, ("Role", _role, 0), AGE),
    "ClusterRoleBinding": (NAME, ("Role", _role, 0), AGE),
    "Role": (NAME, ("Created At", at("metadata", "creationTimestamp"), 0)),
    "ClusterRole": (NAME, ("Created At", at("metadata", "creationTimestamp"), 0)),
    "Lease": (NAME, ("Holder", at("spec", "holderIdentity"), 0), AGE),
    "CustomResourceDefinition": (NAME, ("Created At", at("metadata", "creationTimestamp"), 0)),
}


def _is_default(storage_class: Object) -> bool:
    notes = storage_class["metadata"].get("annotations") or {}
    return notes.get("storageclass.kubernetes.io/is-default-class") == "true"
