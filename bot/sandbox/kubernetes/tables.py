"""Objects as the tables that `kubectl get` shows: columns and cells by kind, the wide ones marked. Pure."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.kubernetes import jsonpath
from bot.sandbox.kubernetes.registry import Resource

Object = dict[str, Any]
Column = tuple[str, Callable[[Object], Any], int]


def table(
    resource: Resource, served: str, objects: list[Object], version: str, include: str
) -> Object:
    """Make a `meta.k8s.io/v1` Table; `include` is `None`, `Metadata` or `Object`."""
    columns = COLUMNS.get(resource.kind, DEFAULT)
    if resource.served:
        columns = (NAME, *(_custom(each) for each in resource.at(served).columns))
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version},
        "columnDefinitions": [
            {
                "name": name,
                "type": "string",
                "format": "name" if name == "Name" else "",
                "description": "",
                "priority": priority,
            }
            for name, _, priority in columns
        ],
        "rows": [
            {"cells": [cell(each) for _, cell, _ in columns], "object": _included(each, include)}
            for each in objects
        ],
    }


def _included(subject: Object, include: str) -> Object | None:
    if include == "None":
        return None
    if include == "Object":
        return subject
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": subject["metadata"],
    }


def age(subject: Object) -> str:
    """Answer how old an object is, as kubectl writes it: `5s`, `3m12s`, `2h`, `4d`."""
    return since(subject["metadata"].get("creationTimestamp"))


def since(moment: str | None, until: str | None = None) -> str:
    """Answer how long ago a moment was (or how long before `until`), as kubectl writes it."""
    if not moment:
        return "<unknown>"
    end = datetime.fromisoformat(until) if until else datetime.now(UTC)
    seconds = int((end - datetime.fromisoformat(moment)).total_seconds())
    if seconds < 120:
        return f"{max(0, seconds)}s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = minutes // 60
    return f"{hours}h" if hours < 48 else f"{hours // 24}d"


def _name(subject: Object) -> str:
    return str(subject["metadata"]["name"])


def _spec(*path: str, default: Any = "") -> Callable[[Object], Any]:
    return lambda subject: _dig(subject.get("spec"), path, default)


def _status(*path: str, default: Any = 0) -> Callable[[Object], Any]:
    return lambda subject: _dig(subject.get("status"), path, default)


def _dig(here: Any, path: tuple[str, ...], default: Any) -> Any:
    for key in path:
        here = here.get(key) if isinstance(here, dict) else None
    return default if here is None else here


def _template(field: str) -> Callable[[Object], str]:
    def cell(subject: Object) -> str:
        containers = _dig(subject, ("spec", "template", "spec", "containers"), [])
        return ",".join(str(each.get(field, "")) for each in containers)

    return cell


def _selector(subject: Object) -> str:
    found = _dig(subject, ("spec", "selector"), {})
    found = found.get("matchLabels", found)
    return ",".join(f"{key}={value}" for key, value in sorted(found.items())) or "<none>"


def _ready(subject: Object) -> str:
    wanted = _dig(subject, ("spec", "replicas"), 1)
    return f"{_dig(subject, ('status', 'readyReplicas'), 0)}/{wanted}"


def _pod_statuses(subject: Object) -> list[Object]:
    found: list[Object] = _dig(subject, ("status", "containerStatuses"), [])
    return found


def _pod_ready(subject: Object) -> str:
    ready = sum(1 for each in _pod_statuses(subject) if each.get("ready"))
    return f"{ready}/{len(_dig(subject, ('spec', 'containers'), []))}"


def pod_status(subject: Object) -> str:
    """Answer the STATUS of a pod: the reason of a waiting or ended container, else the phase."""
    if subject["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for each in _pod_statuses(subject):
        state = each.get("state", {})
        reason = state.get("waiting", {}).get("reason") or state.get("terminated", {}).get("reason")
        if reason:
            return str(reason)
    return str(_dig(subject, ("status", "phase"), "Pending"))


def _restarts(subject: Object) -> str:
    return str(sum(each.get("restartCount", 0) for each in _pod_statuses(subject)))


def _service_ports(subject: Object) -> str:
    return (
        ",".join(
            f"{each['port']}/{each.get('protocol', 'TCP')}"
            for each in _dig(subject, ("spec", "ports"), [])
        )
        or "<none>"
    )


def _event_object(subject: Object) -> str:
    about = subject.get("involvedObject", {})
    return f"{about.get('kind', '').lower()}/{about.get('name', '')}"


def _job_status(subject: Object) -> str:
    for each in _dig(subject, ("status", "conditions"), []):
        if each["status"] == "True" and each["type"] in {"Complete", "Failed", "Suspended"}:
            return str(each["type"])
    return "Running"


def _duration(subject: Object) -> str:
    start = _dig(subject, ("status", "startTime"), None)
    return since(start, _dig(subject, ("status", "completionTime"), None)) if start else ""


def _last_schedule(subject: Object) -> str:
    last = _dig(subject, ("status", "lastScheduleTime"), None)
    return since(last) if last else "<none>"


def _addresses(subject: Object) -> list[str]:
    return [address for each in subject.get("endpoints") or [] for address in each["addresses"]]


def _listed(values: Iterable[object]) -> str:
    return ",".join(str(each) for each in values) or "<unset>"


def _completions(subject: Object) -> str:
    done = _dig(subject, ("status", "succeeded"), 0)
    return f"{done}/{_dig(subject, ('spec', 'completions'), 1)}"


def _custom(column: tuple[str, str, str, int]) -> Column:
    """Make a column of those that the definition of a custom kind says."""
    heading, path, kind, priority = column

    def cell(subject: Object) -> Any:
        found = jsonpath.first(subject, path)
        if kind == "date":
            return since(found)
        return found if found is None or isinstance(found, int | float | str) else str(found)

    return heading, cell, priority


def _created(subject: Object) -> str:
    return str(subject["metadata"].get("creationTimestamp", ""))


NAME: Column = ("Name", _name, 0)
AGE: Column = ("Age", age, 0)
DEFAULT: tuple[Column, ...] = (NAME, AGE)
TEMPLATE: tuple[Column, ...] = (
    ("Containers", _template("name"), 1),
    ("Images", _template("image"), 1),
    ("Selector", _selector, 1),
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    "Namespace": (NAME, ("Status", _status("phase", default="Active"), 0), AGE),
    "ConfigMap": (NAME, ("Data", lambda each: len(each.get("data") or {}), 0), AGE),
    "Secret": (
        NAME,
        ("Type", lambda each: each.get("type", "Opaque"), 0),
        ("Data", lambda each: len(each.get("data") or {}), 0),
        AGE,
    ),
    "Service": (
        NAME,
        ("Type", _spec("type"), 0),
        ("Cluster-IP", _spec("clusterIP", default="<none>"), 0),
        ("External-IP", lambda _: "<none>", 0),
        ("Port(s)", _service_ports, 0),
        AGE,
        ("Selector", _selector, 1),
    ),
    "Pod": (
        NAME,
        ("Ready", _pod_ready, 0),
        ("Status", pod_status, 0),
        ("Restarts", _restarts, 0),
        AGE,
        ("IP", _status("podIP", default="<none>"), 1),
        ("Node", _spec("nodeName", default="<none>"), 1),
        ("Nominated Node", lambda _: "<none>", 1),
        ("Readiness Gates", lambda _: "<none>", 1),
    ),
    "Event": (
        ("Last Seen", lambda each: since(each.get("lastTimestamp")), 0),
        ("Type", lambda each: each.get("type", ""), 0),
        ("Reason", lambda each: each.get("reason", ""), 0),
        ("Object", _event_object, 0),
        ("Message", lambda each: each.get("message", ""), 0),
        ("Name", _name, 1),
    ),
    "Deployment": (
        NAME,
        ("Ready", _ready, 0),
        ("Up-to-date", _status("updatedReplicas"), 0),
        ("Available", _status("availableReplicas"), 0),
        AGE,
        *TEMPLATE,
    ),
    "ReplicaSet": (
        NAME,
        ("Desired", _spec("replicas", default=0), 0),
        ("Current", _status("replicas"), 0),
        ("Ready", _status("readyReplicas"), 0),
        AGE,
        *TEMPLATE,
    ),
    "StatefulSet": (NAME, ("Ready", _ready, 0), AGE, *TEMPLATE[:2]),
    "DaemonSet": (
        NAME,
        ("Desired", _status("desiredNumberScheduled"), 0),
        ("Current", _status("currentNumberScheduled"), 0),
        ("Ready", _status("numberReady"), 0),
        ("Up-to-date", _status("updatedNumberScheduled"), 0),
        ("Available", _status("numberAvailable"), 0),
        ("Node Selector", lambda _: "<none>", 0),
        AGE,
        *TEMPLATE,
    ),
    "Job": (
        NAME,
        ("Status", _job_status, 0),
        ("Completions", _completions, 0),
        ("Duration", _duration, 0),
        AGE,
        *TEMPLATE,
    ),
    "CronJob": (
        NAME,
        ("Schedule", _spec("schedule"), 0),
        ("Timezone", _spec("timeZone", default="<none>"), 0),
        ("Suspend", lambda each: str(_dig(each, ("spec", "suspend"), False)), 0),  # noqa: FBT003 - a default, no flag
        ("Active", lambda each: len(_dig(each, ("status", "active"), [])), 0),
        ("Last Schedule", _last_schedule, 0),
        AGE,
    ),
    "CustomResourceDefinition": (NAME, ("Created At", _created, 0)),
    "EndpointSlice": (
        NAME,
        ("AddressType", lambda each: each.get("addressType", ""), 0),
        ("Ports", lambda each: _listed(port["port"] for port in each.get("ports") or []), 0),
        ("Endpoints", lambda each: _listed(_addresses(each)), 0),
        AGE,
    ),
}
