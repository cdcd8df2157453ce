"""Who manages what of one object: `metadata.managedFields`, read and written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.kubernetes.ownership.paths import Paths, decode, encode

Object = dict[str, Any]

MOST_UPDATERS = 10
ANCIENT = "ancient-changes"
UNOWNED: Paths = frozenset(
    [
        ("f:apiVersion",),
        ("f:kind",),
        ("f:metadata",),
        *(
            ("f:metadata", f"f:{each}")
            for each in (
                "name",
                "namespace",
                "creationTimestamp",
                "selfLink",
                "uid",
                "clusterName",
                "generation",
                "managedFields",
                "resourceVersion",
            )
        ),
    ]
)


@dataclass(frozen=True, slots=True)
class Manager:
    """Who writes: a name, and `Apply` or `Update`, perhaps through a subresource; of an update, in which version."""

    name: str
    operation: str
    subresource: str = ""
    version: str = ""

    def in_version(self, api_version: str) -> "Manager":
        """Answer the manager as it writes in a version: one that applies is the same in all."""
        return self if self.operation == "Apply" else replace(self, version=api_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one manager owns: in which version it said so, and when."""

    paths: Paths
    version: str
    time: str


Owners = dict[Manager, Share]


def owners_of(subject: Object) -> Owners:
    """Read who owns what."""
    found: Owners = {}
    for each in (subject.get("metadata") or {}).get("managedFields") or []:
        manager = Manager(each["manager"], each["operation"], each.get("subresource", ""))
        found[manager.in_version(each["apiVersion"])] = Share(
            paths=decode(each.get("fieldsV1") or {}),
            version=each["apiVersion"],
            time=each.get("time", ""),
        )
    return found


def with_owners(subject: Object, owners: Owners) -> Object:
    """Answer an object with the account of its owners in place."""
    entries = []
    for manager, share in _capped(owners).items():
        paths = share.paths - UNOWNED
        if not paths:
            continue
        entry: Object = {
            "apiVersion": share.version,
            "fieldsType": "FieldsV1",
            "fieldsV1": encode(paths),
            "manager": manager.name,
            "operation": manager.operation,
        }
        if manager.subresource:
            entry["subresource"] = manager.subresource
        if share.time:
            entry["time"] = share.time
        entries.append(entry)
    meta = {key: value for key, value in subject["metadata"].items() if key != "managedFields"}
    if entries:
        meta["managedFields"] = sorted(entries, key=_order)
    return {**subject, "metadata": meta}


def _order(entry: Object) -> tuple[str, str, str, str, str]:
    return (
        entry["operation"],
        entry.get("time", ""),
        entry["manager"],
        entry["apiVersion"],
        entry.get("subresource", ""),
    )


def _capped(owners: Owners) -> Owners:
    """Gather the oldest of many updaters of one version into one entry, as the real server does."""
    updaters = sorted(
        (each for each in owners if each.operation == "Update" and not each.subresource),
        key=lambda each: owners[each].time,
    )
    if len(updaters) <= MOST_UPDATERS:
        return owners
    old = updaters[: len(updaters) - MOST_UPDATERS + 1]
    kept = {each: share for each, share in owners.items() if each not in old}
    for version in {owners[each].version for each in old}:
        shares = [owners[each] for each in old if owners[each].version == version]
        manager = Manager(ANCIENT, "Update").in_version(version)
        kept[manager] = Share(
            paths=_union(each.paths for each in shares),
            version=version,
            time=max(each.time for each in shares),
        )
    return kept


def _union(sets: Iterable[Paths]) -> Paths:
    return frozenset[tuple[str, ...]]().union(*sets)
