"""Server-side apply: merges what a manager wants into what is there, and keeps account of who owns what.

Follows the rules of Kubernetes: a field that another manager owns with another value is a conflict unless
forced; a field that a manager no longer applies goes away when nobody else owns it. Pure: the caller stores.
"""

import copy
from dataclasses import dataclass
from typing import Any

from bot.sandbox.kubernetes import errors
from bot.sandbox.kubernetes.fields import (
    Path,
    Paths,
    decode,
    encode,
    index_of,
    item_path,
    paths_of,
    spell,
    value_at,
    value_path,
)
from bot.sandbox.kubernetes.registry import ATOMIC_MAPS, SET_LISTS, item_keys

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Manager:
    """Who writes: a name, and `Apply` or `Update`, perhaps through a subresource."""

    name: str
    operation: str
    subresource: str = ""


Owners = dict[Manager, Paths]


def owners_of(subject: Object) -> Owners:
    """Read `metadata.managedFields`."""
    return {
        Manager(each["manager"], each["operation"], each.get("subresource", "")): decode(
            each.get("fieldsV1", {})
        )
        for each in subject["metadata"].get("managedFields", [])
    }


def with_owners(subject: Object, owners: Owners, before: Object | None, moment: str) -> Object:
    """Write `metadata.managedFields`; an entry whose fields did not change keeps its time."""
    known = {
        (each["manager"], each["operation"], each.get("subresource", "")): each
        for each in (before["metadata"].get("managedFields", []) if before else [])
    }
    entries = []
    for manager, paths in owners.items():
        if not paths:
            continue
        entry: Object = {
            "apiVersion": subject["apiVersion"],
            "fieldsType": "FieldsV1",
            "fieldsV1": encode(paths),
            "manager": manager.name,
            "operation": manager.operation,
            "time": moment,
        }
        if manager.subresource:
            entry["subresource"] = manager.subresource
        old = known.get((manager.name, manager.operation, manager.subresource))
        if old is not None and old["fieldsV1"] == entry["fieldsV1"]:
            entry["time"] = old["time"]
        entries.append(entry)
    meta = {key: value for key, value in subject["metadata"].items() if key != "managedFields"}
    if entries:
        meta["managedFields"] = entries
    return {**subject, "metadata": meta}


def apply(
    live: Object | None, wanted: Object, manager: Manager, *, force: bool
) -> tuple[Object, Owners]:
    """Merge `wanted` into `live`; answer the object and who owns its fields.

    Raises StatusError 409 that names each field in conflict and its manager.
    """
    mine = paths_of(wanted)
    if live is None:
        return copy.deepcopy(wanted), {manager: mine}
    owners = owners_of(live)
    conflicts = _conflicts(live, wanted, mine, owners, manager)
    if conflicts and not force:
        raise errors.field_conflicts(conflicts)
    if conflicts:
        lost = {path for path in mine if value_at(live, path) != value_at(wanted, path)}
        owners = {
            each: paths if each == manager else paths - lost for each, paths in owners.items()
        }
    merged = _merge(live, wanted, "")
    before = owners.pop(manager, frozenset())
    others = frozenset().union(*owners.values()) if owners else frozenset()
    for path in sorted(before - mine, key=len, reverse=True):
        if path not in others and not any(other[: len(path)] == path for other in others | mine):
            _remove(merged, path)
    owners[manager] = mine
    return merged, owners


def update(live: Object | None, written: Object, manager: Manager) -> Owners:
    """Answer who owns what after an ordinary write: what it changed is the writer's now."""
    now = paths_of(written)
    if live is None:
        return {manager: now}
    changed = {path for path in now if value_at(live, path) != value_at(written, path)}
    owners = {
        each: frozenset(path for path in paths - changed if value_at(written, path)[0])
        for each, paths in owners_of(live).items()
    }
    mine = owners.get(manager, frozenset()) | changed
    if mine:
        owners[manager] = mine
    return owners


def _conflicts(
    live: Object, wanted: Object, mine: Paths, owners: Owners, manager: Manager
) -> list[tuple[str, str]]:
    found = []
    for other, paths in owners.items():
        if other == manager:
            continue
        for path in sorted(mine & paths):
            leaf = path[-1].startswith("f:")
            if leaf and value_at(live, path) != value_at(wanted, path):
                by = f'conflict with "{other.name}"'
                if other.subresource:
                    by += f' with subresource "{other.subresource}"'
                if other.operation == "Update":
                    by += f" using {live['apiVersion']}"
                found.append((spell(path), by))
    return found


def _merge(live: Any, wanted: Any, field: str) -> Any:
    if isinstance(live, dict) and isinstance(wanted, dict) and field not in ATOMIC_MAPS:
        merged = dict(live)
        for key, value in wanted.items():
            merged[key] = _merge(live[key], value, key) if key in live else copy.deepcopy(value)
        return merged
    if isinstance(live, list) and isinstance(wanted, list) and wanted:
        keys = item_keys(field, [*live, *wanted])
        if keys is not None:
            return _merge_items(live, wanted, keys)
        if field in SET_LISTS:
            return [*live, *(each for each in wanted if each not in live)]
    return copy.deepcopy(wanted)


def _merge_items(live: list[Any], wanted: list[Any], keys: tuple[str, ...]) -> list[Any]:
    """Merge a list-map: the applied order leads, what only others want follows."""
    there = {item_path(keys, each): each for each in live}
    merged = []
    for item in wanted:
        old = there.pop(item_path(keys, item), None)
        merged.append(copy.deepcopy(item) if old is None else _merge(old, item, ""))
    return [*merged, *there.values()]


def _remove(subject: Any, path: Path) -> None:
    """Take a field or item out, and the maps that are empty then."""
    *above, last = path
    there, parent = value_at(subject, tuple(above))
    if not there:
        return
    if last.startswith("f:"):
        if isinstance(parent, dict):
            parent.pop(last[2:], None)
    else:
        field = above[-1][2:] if above else ""
        index = _index(parent, field, last)
        if index is not None:
            del parent[index]
    if parent in ({}, []) and above and above[-1].startswith("f:"):
        _remove(subject, tuple(above))


def _index(items: list[Any], field: str, element: str) -> int | None:
    if element.startswith("v:"):
        return next((at for at, each in enumerate(items) if value_path(each) == element), None)
    return index_of(items, field, element)
