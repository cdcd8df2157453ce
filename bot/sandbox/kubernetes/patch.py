"""The other ways to change an object: JSON patch, JSON merge patch and strategic merge patch. Pure.

Strategic merge covers what kubectl sends: list-maps merged by their keys, `$patch: delete|replace`,
`$deleteFromPrimitiveList/…`, `$setElementOrder/…` and `$retainKeys`.
"""

import copy
from typing import Any

from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.registry import LIST_MAP_KEYS, SET_LISTS

Json = Any


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
    """RFC 6902. Raises StatusError 422 when a path is not there or a test fails."""
    subject = copy.deepcopy(live)
    for each in operations:
        if each["op"] in {"move", "copy"}:
            value = _pointed(subject, each["from"])
            if each["op"] == "move":
                subject = _operate(subject, "remove", each["from"], None)
            subject = _operate(subject, "add", each["path"], value)
        else:
            subject = _operate(subject, each["op"], each["path"], each.get("value"))
    return subject


def strategic_merge(live: Json, patch: Json) -> Json:
    """Kubernetes' own patch for built-in kinds."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    if patch.get("$patch") == "replace":
        return {key: copy.deepcopy(value) for key, value in patch.items() if key != "$patch"}
    merged = dict(live) if isinstance(live, dict) else {}
    retained = patch.get("$retainKeys")
    if retained is not None:
        merged = {key: value for key, value in merged.items() if key in retained}
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            merged[name] = [each for each in merged.get(name, []) if each not in value]
        elif key.startswith("$"):
            continue
        elif value is None:
            merged.pop(key, None)
        elif isinstance(value, list):
            merged[key] = _merge_list(merged.get(key) or [], value, key)
        else:
            merged[key] = strategic_merge(merged.get(key), value)
    return merged


def _merge_list(live: list[Json], patch: list[Json], field: str) -> list[Json]:
    if field in SET_LISTS:
        return [*live, *(each for each in patch if each not in live)]
    key = _merge_key(field, patch)
    if key is None:
        return copy.deepcopy(patch)
    if any(each.get("$patch") == "replace" for each in patch):
        return [copy.deepcopy(each) for each in patch if "$patch" not in each]
    merged = list(live)
    for each in patch:
        at = next((i for i, item in enumerate(merged) if item.get(key) == each.get(key)), None)
        if each.get("$patch") == "delete":
            if at is not None:
                del merged[at]
        elif at is None:
            merged.append(copy.deepcopy(each))
        else:
            merged[at] = strategic_merge(merged[at], each)
    return merged


def _merge_key(field: str, items: list[Json]) -> str | None:
    for keys in LIST_MAP_KEYS.get(field, ()):
        if all(isinstance(each, dict) and (keys[0] in each or "$patch" in each) for each in items):
            return keys[0]
    return None


def _parts(pointer: str) -> list[str]:
    return [each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]]


def _pointed(subject: Json, pointer: str) -> Json:
    here = subject
    for part in _parts(pointer):
        try:
            here = here[int(part)] if isinstance(here, list) else here[part]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise StatusError(
                422, "the server rejected our request due to an error in our request"
            ) from error
    return here


def _operate(subject: Json, op: str, pointer: str, value: Json) -> Json:
    parts = _parts(pointer)
    if not parts:
        return copy.deepcopy(value)
    if op == "test":
        if _pointed(subject, pointer) != value:
            raise StatusError(422, f"testing value {pointer} failed")
        return subject
    parent = _pointed(subject, "".join(f"/{_escape(part)}" for part in parts[:-1]))
    last = parts[-1]
    if isinstance(parent, list):
        at = len(parent) if last == "-" else int(last)
        if op == "add":
            parent.insert(at, copy.deepcopy(value))
        elif op == "replace":
            parent[at] = copy.deepcopy(value)
        else:
            del parent[at]
    elif op == "remove":
        if last not in parent:
            raise StatusError(422, f"the path {pointer} is not there")
        del parent[last]
    else:
        parent[last] = copy.deepcopy(value)
    return subject


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
