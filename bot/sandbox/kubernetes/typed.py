"""What server-side apply refuses before it merges: what does not fit the kind's schema. Pure.

The real API server answers these mistakes with 500 (seen of kube-apiserver 1.32), unlike those of other writes.
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.validation import CONTAINER_FIELDS, QUANTITY, QUANTITY_TEXT, SPEC_FIELDS

Object = dict[str, Any]

TOP_FIELDS: dict[str, frozenset[str]] = {
    "ConfigMap": frozenset({"data", "binaryData", "immutable"}),
    "Secret": frozenset({"data", "stringData", "immutable", "type"}),
    **{
        kind: frozenset({"spec", "status"})
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service")
    },
}
NUMBERS = ("replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")


def check(resource: Resource, subject: Object) -> None:
    """Raise StatusError 500 for an object that cannot be applied as its kind."""
    problems = [*_top(resource, subject), *_spec(resource, subject.get("spec"))]
    if problems:
        said = problems[0] if len(problems) == 1 else "\n  ".join(["errors:", *problems])
        raise StatusError(
            500, f"failed to create typed patch object ({_named(resource, subject)}): {said}"
        )
    for quantity in _quantities(subject):
        if not QUANTITY.fullmatch(str(quantity)):
            raise StatusError(
                500,
                f"failed to convert new object ({_named(resource, subject)}) to proper version: unable "
                f"to convert unstructured object to {_kind(resource)}: {QUANTITY_TEXT}",
            )


def _kind(resource: Resource) -> str:
    return f"{resource.api_version}, Kind={resource.kind}"


def _named(resource: Resource, subject: Object) -> str:
    meta = subject["metadata"]
    return f"{meta.get('namespace', '')}/{meta.get('name', '')}; {_kind(resource)}"


def _top(resource: Resource, subject: Object) -> Iterator[str]:
    known = TOP_FIELDS.get(resource.kind)
    for key in subject:
        if known is not None and key not in known | {"apiVersion", "kind", "metadata"}:
            yield f".{key}: field not declared in schema"


def _spec(resource: Resource, spec: Any) -> Iterator[str]:
    if not isinstance(spec, dict):
        return
    known = SPEC_FIELDS.get(resource.kind)
    for key, value in spec.items():
        if known is not None and key not in known:
            yield f".spec.{key}: field not declared in schema"
        elif key in NUMBERS and (not isinstance(value, int | float) or isinstance(value, bool)):
            yield f".spec.{key}: expected numeric (int or float), got {_type(value)}"
    for kind in ("containers", "initContainers"):
        yield from _containers(_pod(spec).get(kind) or [], f".spec.template.spec.{kind}")


def _containers(containers: list[Any], path: str) -> Iterator[str]:
    seen: set[str] = set()
    for container in containers:
        if not isinstance(container, dict):
            yield f"{path}: expected map, got {_type(container)}"
            continue
        place = f'[name="{container.get("name", "")}"]'
        if place in seen:
            yield f"{path}: duplicate entries for key {place}"
        seen.add(place)
        for key in container:
            if key not in CONTAINER_FIELDS:
                yield f"{path}{place}.{key}: field not declared in schema"


def _quantities(subject: Object) -> Iterator[object]:
    spec = subject.get("spec")
    pod = _pod(spec) if isinstance(spec, dict) else {}
    for container in [*(pod.get("containers") or []), *(pod.get("initContainers") or [])]:
        for values in (container.get("resources") or {}).values():
            yield from values.values() if isinstance(values, dict) else ()


def _pod(spec: Object) -> Object:
    template = spec.get("template")
    found = template.get("spec") if isinstance(template, dict) else None
    return found if isinstance(found, dict) else {}


def _type(value: object) -> str:
    names = {str: "string", bool: "boolean", dict: "map", list: "list", type(None): "null"}
    return names.get(type(value), type(value).__name__)
