"""Which fields an object has and who manages them: the path sets behind `metadata.managedFields`.

A path is a tuple of elements: a field name (`f:spec`), an item of a list-map by its keys
(`k:{"name":"web"}`) or an item of a set (`v:"x"`); the encoding is that of `fieldsV1`
(kubernetes-sigs/structured-merge-diff). Pure.
"""

import json
from collections.abc import Iterator
from typing import Any

from bot.sandbox.kubernetes.registry import ATOMIC_MAPS, KEY_DEFAULTS, SET_LISTS, item_keys

Path = tuple[str, ...]
Paths = frozenset[Path]
Object = dict[str, Any]

UNMANAGED = frozenset({"apiVersion", "kind", "status"})
UNMANAGED_META = frozenset(
    {
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "managedFields",
        "selfLink",
    }
)


def item_path(keys: tuple[str, ...], item: Object) -> str:
    """Answer the path element of an item of a list-map."""
    found = {key: item.get(key, KEY_DEFAULTS.get(key)) for key in keys}
    return "k:" + json.dumps(
        {key: value for key, value in sorted(found.items()) if value is not None},
        separators=(",", ":"),
    )


def value_path(item: object) -> str:
    """Answer the path element of an item of a set."""
    return "v:" + json.dumps(item, separators=(",", ":"))


def paths_of(subject: Object) -> Paths:
    """Answer the paths of what an object says: its leaves, and the items of its list-maps."""
    found: set[Path] = set()
    for key, value in subject.items():
        if key in UNMANAGED:
            continue
        if key == "metadata":
            kept = {name: each for name, each in value.items() if name not in UNMANAGED_META}
            if kept:
                found.update(_paths(("f:metadata",), "metadata", kept))
        else:
            found.update(_paths((f"f:{key}",), key, value))
    return frozenset(found)


def _paths(path: Path, field: str, value: object) -> Iterator[Path]:
    if isinstance(value, dict) and value and field not in ATOMIC_MAPS:
        for key, each in value.items():
            yield from _paths((*path, f"f:{key}"), key, each)
        return
    if isinstance(value, list) and value:
        keys = item_keys(field, value)
        if keys is not None:
            for item in value:
                element = (*path, item_path(keys, item))
                yield element
                for key, each in item.items():
                    yield from _paths((*element, f"f:{key}"), key, each)
            return
        if field in SET_LISTS:
            yield from ((*path, value_path(item)) for item in value)
            return
    yield path


def value_at(subject: Any, path: Path) -> tuple[bool, Any]:
    """Answer (whether it is there, its value) for a path."""
    here, field = subject, ""
    for element in path:
        if element.startswith("f:"):
            field = element[2:]
            if not isinstance(here, dict) or field not in here:
                return False, None
            here = here[field]
            continue
        index = index_of(here, field, element)
        if index is None:
            return False, None
        here = here[index]
    return True, here


def index_of(items: Any, field: str, element: str) -> int | None:
    """Answer where in a list the item of a `k:` or `v:` element stands."""
    if not isinstance(items, list):
        return None
    keys = item_keys(field, items) if element.startswith("k:") else None
    for index, item in enumerate(items):
        found = item_path(keys, item) if keys else value_path(item)
        if found == element:
            return index
    return None


def encode(paths: Paths) -> Object:
    """Write paths as a `fieldsV1` object."""
    root: Object = {}
    for path in sorted(paths):
        here = root
        for element in path:
            here = here.setdefault(element, {})
        if path[-1][:2] in {"k:", "v:"} and path[-1][:1] == "k":
            here["."] = {}
    return root


def decode(fields: Object) -> Paths:
    """Read the paths of a `fieldsV1` object."""
    return frozenset(_decode((), fields))


def _decode(path: Path, here: Object) -> Iterator[Path]:
    if not here or "." in here:
        yield path
    for element, below in here.items():
        if element != ".":
            yield from _decode((*path, element), below)


def spell(path: Path) -> str:
    """Write a path as error texts do: `.spec.template.spec.containers[name="web"].image`."""
    said = ""
    for element in path:
        if element.startswith("f:"):
            said += "." + element[2:]
        elif element.startswith("k:"):
            keys = json.loads(element[2:])
            said += "[" + ",".join(f"{key}={json.dumps(keys[key])}" for key in sorted(keys)) + "]"
        else:
            said += f"[={element[2:]}]"
    return said
