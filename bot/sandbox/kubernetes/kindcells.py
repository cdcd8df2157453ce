"""The cells of single kinds' rows: what of an object `kubectl get` shows beside its name and age. Pure."""

from typing import Any

from bot.sandbox.kubernetes.cells import NONE, Object, dig, labels, listed, since


def external(service: Object) -> str:
    """Answer the address that a Service is found at from outside."""
    spec = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", NONE))
    if spec.get("type") != "LoadBalancer":
        return ",".join(spec.get("externalIPs") or []) or NONE
    given = dig(service, "status", "loadBalancer", "ingress", default=[])
    return ",".join(str(each.get("ip") or each.get("hostname")) for each in given) or "<pending>"


def ports(service: Object) -> str:
    """Answer the ports of a Service, with those on the nodes."""
    found = []
    for each in dig(service, "spec", "ports", default=[]):
        node = f":{each['nodePort']}" if each.get("nodePort") else ""
        found.append(f"{each['port']}{node}/{each.get('protocol', 'TCP')}")
    return ",".join(found) or NONE


def hosts(ingress: Object) -> str:
    """Answer the hosts of an Ingress."""
    rules = dig(ingress, "spec", "rules", default=[])
    return listed((each["host"] for each in rules if each.get("host")), empty="*")


def balanced(ingress: Object) -> str:
    """Answer the addresses of a load balancer."""
    given = dig(ingress, "status", "loadBalancer", "ingress", default=[])
    return ",".join(str(each.get("ip") or each.get("hostname")) for each in given)


def endpoints(subject: Object) -> str:
    """Answer what an Endpoints object leads to."""
    found = [
        f"{address['ip']}:{port['port']}"
        for each in subject.get("subsets") or []
        for address in each.get("addresses") or []
        for port in each.get("ports") or []
    ]
    return listed(found, empty=NONE)


def about(event: Object) -> str:
    """Answer what an event is about."""
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


def completions(job: Object) -> str:
    """Answer how many pods of how many a Job has completed."""
    done, wanted = dig(job, "status", "succeeded", default=0), dig(job, "spec", "completions")
    if wanted is not None:
        return f"{done}/{wanted}"
    parallel = dig(job, "spec", "parallelism", default=0)
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def duration(job: Object) -> str:
    """Answer how long a Job took, or has been at it."""
    start = dig(job, "status", "startTime")
    if not start:
        return ""
    ends = [
        each["lastTransitionTime"]
        for each in dig(job, "status", "conditions", default=[])
        if each["type"] == "Failed" and each["status"] == "True"
    ]
    return since(start, dig(job, "status", "completionTime") or (ends[0] if ends else None))


def last_schedule(cron_job: Object) -> str:
    """Answer how long ago a CronJob was due."""
    last = dig(cron_job, "status", "lastScheduleTime")
    return since(last) if last else NONE


def node_status(node: Object) -> str:
    """Answer whether a node is ready and takes pods."""
    good = any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in dig(node, "status", "conditions", default=[])
    )
    off = ",SchedulingDisabled" if dig(node, "spec", "unschedulable") else ""
    return ("Ready" if good else "NotReady") + off


def node_address(kind: str) -> Any:
    """Make a cell of an address of a node."""

    def cell(node: Object) -> str:
        given = dig(node, "status", "addresses", default=[])
        return next((str(each["address"]) for each in given if each["type"] == kind), NONE)

    return cell


def claim(volume: Object) -> str:
    """Answer the claim that a volume is bound to."""
    found = dig(volume, "spec", "claimRef")
    return f"{found['namespace']}/{found['name']}" if found else ""


def reference(scaler: Object) -> str:
    """Answer what an autoscaler scales."""
    found = dig(scaler, "spec", "scaleTargetRef", default={})
    return f"{found.get('kind')}/{found.get('name')}"


def targets(scaler: Object) -> str:
    """Answer what an autoscaler measures and wants."""
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


def quota(*prefixes: str) -> Any:
    """Make a cell of the used part of a quota: of limits, or of all else."""

    def cell(quota: Object) -> str:
        hard = dig(quota, "status", "hard", default={})
        used = dig(quota, "status", "used", default={})
        return ", ".join(
            f"{each}: {used.get(each, '0')}/{hard[each]}"
            for each in sorted(hard)
            if each.startswith("limits.") is ("limits." in prefixes)
        )

    return cell


def pod_selector(policy: Object) -> str:
    """Answer the pods that a policy is for."""
    return labels(dig(policy, "spec", "podSelector", "matchLabels", default={}))


def controller(subject: Object) -> str:
    """Answer who made a revision."""
    for each in subject["metadata"].get("ownerReferences") or []:
        group = each["apiVersion"].rpartition("/")[0]
        return f"{each['kind'].lower()}.{group}/{each['name']}"
    return NONE


def role(binding: Object) -> str:
    """Answer the role that a binding gives."""
    found = binding.get("roleRef") or {}
    return f"{found.get('kind')}/{found.get('name')}"


def addresses(subject: Object) -> list[str]:
    """List the addresses of an EndpointSlice."""
    return [address for each in subject.get("endpoints") or [] for address in each["addresses"]]


def subjects(*kinds: str) -> Any:
    """Make a cell of the subjects of some kinds that a binding is for."""

    def cell(binding: Object) -> str:
        found = [each for each in binding.get("subjects") or [] if each.get("kind") in kinds]
        return ", ".join(
            "/".join(each[key] for key in ("namespace", "name") if each.get(key)) for each in found
        )

    return cell
