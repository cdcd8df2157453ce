"""CustomResourceDefinitions: what they must be, the kinds that they make, and which names they get. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.sandbox.kubernetes import builtin
from bot.sandbox.kubernetes.registry import BY_KIND, Resource, Version
from bot.sandbox.kubernetes.structural import shape_of

Object = dict[str, Any]
Cause = tuple[str, str, str]

DEFINITION = BY_KIND["apiextensions.k8s.io/v1", "CustomResourceDefinition"]
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
AGE = ("Age", ".metadata.creationTimestamp", "date", 0)


def resource_of(definition: Object) -> Resource:
    """Answer the kind that a definition makes, by its accepted names."""
    spec = definition["spec"]
    names = definition.get("status", {}).get("acceptedNames") or spec["names"]
    versions = [each for each in spec["versions"] if each.get("served")]
    stored = next(each for each in spec["versions"] if each.get("storage"))
    parts = stored.get("subresources") or {}
    return Resource(
        group=spec["group"],
        version=stored["name"],
        kind=names["kind"],
        plural=names["plural"],
        singular=names.get("singular") or names["kind"].lower(),
        short=tuple(names.get("shortNames", ())),
        namespaced=spec["scope"] == "Namespaced",
        categories=tuple(names.get("categories", ())),
        status="status" in parts,
        scale="scale" in parts,
        generation=True,
        served=tuple(_version(each) for each in versions),
    )


def _version(version: Object) -> Version:
    schema = (version.get("schema") or {}).get("openAPIV3Schema")
    columns = [
        (each["name"], each["jsonPath"], each["type"], each.get("priority", 0))
        for each in version.get("additionalPrinterColumns", [])
    ]
    shape = shape_of(schema) if schema else None
    if shape is not None:
        shape.fields["metadata"] = builtin.metadata()
    return Version(
        name=version["name"],
        shape=shape,
        columns=tuple(columns) or (AGE,),
    )


def is_true(definition: Object, condition: str) -> bool:
    """Say whether a condition of a definition is met: `Established`, `NamesAccepted`, `Terminating`."""
    return any(
        each["type"] == condition and each["status"] == "True"
        for each in (definition.get("status") or {}).get("conditions") or []
    )


def fill(definition: Object) -> None:
    """Fill in the defaults of a definition, in place."""
    spec = definition["spec"]
    names = spec["names"]
    if names.get("kind"):
        names.setdefault("singular", str(names["kind"]).lower())
        names.setdefault("listKind", f"{names['kind']}List")
    spec.setdefault("conversion", {}).setdefault("strategy", "None")
    if not definition.get("status"):
        stored = [each["name"] for each in spec.get("versions", []) if each.get("storage")]
        definition["status"] = {
            "acceptedNames": {"kind": "", "plural": ""},
            "conditions": None,
            "storedVersions": stored or None,
        }


def check(definition: Object, old: Object | None) -> Iterator[Cause]:
    """Yield what is wrong with a definition that replaces `old`."""
    spec = definition.get("spec") or {}
    names, group = spec.get("names") or {}, spec.get("group", "")
    name = definition["metadata"].get("name", "")
    if name != f"{names.get('plural', '')}.{group}":
        said = 'must be spec.names.plural+"."+spec.group'
        yield "metadata.name", "FieldValueInvalid", f'Invalid value: "{name}": {said}'
    if not group:
        yield "spec.group", "FieldValueRequired", "Required value"
    if spec.get("scope") not in {"Cluster", "Namespaced"}:
        known = 'supported values: "Cluster", "Namespaced"'
        said = f'Unsupported value: "{spec.get("scope", "")}": {known}'
        yield (
            ("spec.scope", "FieldValueNotSupported", said)
            if spec.get("scope")
            else ("spec.scope", "FieldValueRequired", "Required value")
        )
    for field in ("plural", "singular", "kind", "listKind"):
        if not names.get(field):
            yield f"spec.names.{field}", "FieldValueRequired", "Required value"
    yield from _versions(spec.get("versions") or [])
    if not (definition.get("status") or {}).get("storedVersions"):
        said = "Invalid value: null: must have at least one stored version"
        yield "status.storedVersions", "FieldValueInvalid", said
    if old is not None and is_true(old, "Established"):
        yield from _frozen(spec, old["spec"])


def _versions(versions: list[Object]) -> Iterator[Cause]:
    if sum(1 for each in versions if each.get("storage")) != 1:
        said = "must have exactly one version marked as storage version"
        yield "spec.versions", "FieldValueInvalid", f"Invalid value: {_listed(versions)}: {said}"
    for at, each in enumerate(versions):
        if not (each.get("schema") or {}).get("openAPIV3Schema"):
            path = f"spec.versions[{at}].schema.openAPIV3Schema"
            yield path, "FieldValueRequired", "Required value"


def _frozen(spec: Object, before: Object) -> Iterator[Cause]:
    for field in ("group", "scope"):
        if spec.get(field) != before[field]:
            said = f'Invalid value: "{spec.get(field)}": field is immutable'
            yield f"spec.{field}", "FieldValueInvalid", said
    for field in ("kind", "plural"):
        if spec["names"].get(field) != before["names"][field]:
            said = f'Invalid value: "{spec["names"].get(field)}": field is immutable'
            yield f"spec.names.{field}", "FieldValueInvalid", said


def _listed(versions: list[Object]) -> str:
    return "[" + ", ".join(str(each.get("name", "")) for each in versions) + "]"


def named(definition: Object, others: Iterable[Object], moment: str) -> Object:
    """Answer the status of a definition among the others of its cluster: its names, and whether it is served."""
    status = definition.get("status") or {}
    spec = definition["spec"]
    wanted, before = spec["names"], status.get("acceptedNames") or {}
    group = [each for each in others if each["spec"]["group"] == spec["group"]]
    taken = set(_names(group, "plural", "singular")) | set(_names(group, "kind", "listKind"))
    accepted, reason, message = dict(before), "NoConflicts", "no conflicts found"
    for field in ("plural", "singular", "kind", "listKind"):
        name = wanted[field]
        if name != before.get(field) and name in taken:
            reason = f"{field[0].upper()}{field[1:]}Conflict"
            message = f'"{name}" is already in use'
        else:
            accepted[field] = name
    clash = [each for each in wanted.get("shortNames", []) if each in taken]
    if clash:
        reason, message = "ShortNamesConflict", f'"{clash[0]}" is already in use'
    elif "shortNames" in wanted:
        accepted["shortNames"] = wanted["shortNames"]
    if "categories" in wanted:
        accepted["categories"] = wanted["categories"]
    good = reason == "NoConflicts"
    conditions = [
        _condition(status, "NamesAccepted", good, reason, message, moment),
        *([] if is_true(definition, "Established") or not good else [_established(status, moment)]),
    ]
    kinds = {each["type"] for each in conditions}
    kept = [each for each in status.get("conditions") or [] if each["type"] not in kinds]
    stored = [*(status.get("storedVersions") or [])]
    stored += [
        each["name"]
        for each in spec["versions"]
        if each.get("storage") and each["name"] not in stored
    ]
    return {
        "acceptedNames": accepted,
        "conditions": [*conditions, *kept],
        "storedVersions": stored,
    }


def terminating(definition: Object, moment: str) -> Object:
    """Answer the status of a definition that is told to go."""
    status = definition.get("status") or {}
    said = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
    made = _condition(status, "Terminating", True, "InstanceDeletionPending", said, moment)  # noqa: FBT003 - a condition's value
    kept = [each for each in status.get("conditions") or [] if each["type"] != "Terminating"]
    return {**status, "conditions": [*kept, made]}


def _names(definitions: Iterable[Object], *fields: str) -> Iterator[str]:
    for each in definitions:
        accepted = (each.get("status") or {}).get("acceptedNames") or {}
        yield from (accepted[field] for field in fields if accepted.get(field))
        yield from accepted.get("shortNames", [])


def _established(status: Object, moment: str) -> Object:
    said = "the initial names have been accepted"
    return _condition(status, "Established", True, "InitialNamesAccepted", said, moment)  # noqa: FBT003 - a condition's value


def _condition(
    status: Mapping[str, Any],
    kind: str,
    value: bool,  # noqa: FBT001 - a condition's value
    reason: str,
    message: str,
    moment: str,
) -> Object:
    made = {"type": kind, "status": str(value), "reason": reason, "message": message}
    old = next((each for each in status.get("conditions") or [] if each["type"] == kind), None)
    same = old is not None and old["status"] == made["status"]
    return {**made, "lastTransitionTime": old["lastTransitionTime"] if old and same else moment}
