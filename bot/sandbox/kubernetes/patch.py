"""The other ways to change an object: JSON patch, JSON merge patch and strategic merge patch. Pure.

Strategic merge covers what kubectl sends: lists merged by their keys, `$patch: delete|replace`,
`$deleteFromPrimitiveList/…`, `$setElementOrder/…` and `$retainKeys`.
"""

import copy
from typing import Any

from bot.sandbox.kubernetes.errors import WITHOUT, StatusError
from bot.sandbox.kubernetes.ownership.paths import ANY
from bot.sandbox.kubernetes.shapes import Shape

Json = Any
OPERATIONS = frozenset({"add", "remove", "replace", "move", "copy", "test"})


def merge_patch(live: Json, patch: Json) -> Json:
    """RFC 7386: null removes, objects merge, anything else replaces."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(live) if isinstance(live, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def json_patch(live: Json, operations: Json) -> Json:
    """RFC 6902. Raises StatusError 400 for what is no list of operations, 422 when one cannot be done."""
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        found = "object" if isinstance(operations, dict) else type(operations).__name__
        said = f"json: cannot unmarshal {found} into Go value of type []handlers.jsonPatchOp"
        raise StatusError(400, f"error decoding patch: {said}")
    subject = copy.deepcopy(live)
    for each in operations:
        if not {"op", "path"} <= each.keys() or each["op"] not in OPERATIONS:
            raise _rejected()
        if each["op"] in {"move", "copy"}:
            value = _pointed(subject, each["from"])
            if each["op"] == "move":
                subject = _operate(subject, "remove", each["from"], None)
            subject = _operate(subject, "add", each["path"], value)
        else:
            subject = _operate(subject, each["op"], each["path"], each.get("value"))
    return subject


def strategic_merge(shape: Shape, live: Json, patch: Json) -> Json:
    """Kubernetes' own patch for built-in kinds: lists of items that have keys are merged, as the shape says."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    if patch.get("$patch") == "replace":
        return {key: copy.deepcopy(value) for key, value in patch.items() if key != "$patch"}
    merged = dict(live) if isinstance(live, dict) else {}
    retained = patch.get("$retainKeys")
    if retained is not None:
        merged = {key: value for key, value in merged.items() if key in retained}
    for key, value in patch.items():
        if key.startswith("$"):
            _direct(shape, merged, patch, key)
        elif value is None or (isinstance(value, dict) and value.get("$patch") == "delete"):
            merged.pop(key, None)
        elif isinstance(value, list):
            order = patch.get(f"$setElementOrder/{key}")
            inner = shape.below(key) or ANY
            merged[key] = _merge_list(inner, merged.get(key) or [], value, order)
        else:
            merged[key] = strategic_merge(shape.below(key) or ANY, merged.get(key), value)
    return merged


def _direct(shape: Shape, merged: Json, patch: Json, key: str) -> None:
    """Do what a directive of a patch says to a list beside it, in place."""
    directive, _, name = key.partition("/")
    if directive == "$deleteFromPrimitiveList":
        merged[name] = [each for each in merged.get(name, []) if each not in patch[key]]
    elif directive == "$setElementOrder" and name not in patch and name in merged:
        merged[name] = _merge_list(shape.below(name) or ANY, merged[name], [], patch[key])


def _merge_list(
    shape: Shape, live: list[Json], patch: list[Json], order: list[Json] | None
) -> list[Json]:
    if shape.relation == "set":
        return [*live, *(each for each in patch if each not in live)]
    if any(isinstance(each, dict) and each.get("$patch") == "replace" for each in patch):
        return [copy.deepcopy(each) for each in patch if "$patch" not in each]
    if shape.relation != "map":
        return copy.deepcopy(patch)
    key, item = shape.keys[0], shape.item or ANY
    merged = {each.get(key): each for each in live}
    for each in patch:
        if not isinstance(each, dict) or key not in each:
            said = f"map: {each} does not contain declared merge key: {key}"
            raise StatusError(500, said, reason=WITHOUT)
        if each.get("$patch") == "delete":
            merged.pop(each[key], None)
        elif each[key] in merged:
            merged[each[key]] = strategic_merge(item, merged[each[key]], each)
        else:
            merged[each[key]] = copy.deepcopy(each)
    wanted = [each.get(key) for each in (patch if order is None else order)]
    return [
        merged[name] for name in _ordered(list(merged), wanted, [each.get(key) for each in live])
    ]


def _ordered(names: list[Json], wanted: list[Json], before: list[Json]) -> list[Json]:
    """Order a list's items: those of the patch in its order, the others where they stood among them.

    An item that is new stands before what only the server has.
    """
    right = [each for each in wanted if each in names]
    left = [each for each in before if each in names and each not in right]
    found: list[Json] = []
    while left and right:
        first = right[0] in before and before.index(left[0]) < before.index(right[0])
        found.append(left.pop(0) if first else right.pop(0))
    return [*found, *left, *right]


def _parts(pointer: str) -> list[str]:
    return [each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]]


def _pointed(subject: Json, pointer: str) -> Json:
    here = subject
    for part in _parts(pointer):
        try:
            here = here[int(part)] if isinstance(here, list) else here[part]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise _rejected() from error
    return here


def _operate(subject: Json, op: str, pointer: str, value: Json) -> Json:
    parts = _parts(pointer)
    if not parts:
        return copy.deepcopy(value)
    if op == "test":
        if _pointed(subject, pointer) != value:
            raise _rejected()
        return subject
    parent = _pointed(subject, "".join(f"/{_escape(part)}" for part in parts[:-1]))
    last = parts[-1]
    if isinstance(parent, list):
        at = len(parent) if last == "-" else _index(last, parent, adding=op == "add")
        if op == "add":
            parent.insert(at, copy.deepcopy(value))
        elif op == "replace":
            parent[at] = copy.deepcopy(value)
        else:
            del parent[at]
    elif not isinstance(parent, dict):
        raise _rejected()
    elif op == "remove":
        if last not in parent:
            raise _rejected()
        del parent[last]
    else:
        parent[last] = copy.deepcopy(value)
    return subject


def _index(text: str, items: list[Json], *, adding: bool) -> int:
    if not text.isdigit() or int(text) >= len(items) + (1 if adding else 0):
        raise _rejected()
    return int(text)


def _rejected() -> StatusError:
    said = "the server rejected our request due to an error in our request"
    return StatusError(422, said, details={})


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
