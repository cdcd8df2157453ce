"""Who owns the fields of a live object: the `managedFields` that the API server keeps, read for one field at a time. Pure.

What a manager owns is written there as a tree: `f:` is a field, `k:` an item of a list by its keys, `v:` one of a set. A
leaf owns everything below it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.rendering.alignment import Path
from bot.rendering.objects import Manifest

OURS: Final = "shipmate"
"""The field manager by which Shipmate applies."""
OF_THE_CLUSTER: Final = frozenset(
    {
        "cloud-controller-manager",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kubelet",
    }
)
"""Managers that are a part of Kubernetes: what they write is nobody's wish, but for a scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who owns a field. `field` is its path as the API server writes it: `.spec.replicas`."""

    manager: str
    at: datetime | None = None
    """When it wrote last; None: the server does not say."""
    subresource: str = ""
    field: str = ""
    controls: bool = False
    """Whether it writes the status of the object, too: it is the controller of its kind."""

    @property
    def ours(self) -> bool:
        """Whether it is Shipmate."""
        return self.manager == OURS

    @property
    def automatic(self) -> bool:
        """Whether it is a controller that does its work, and not one that carries out somebody's wish."""
        return (self.controls or self.manager in OF_THE_CLUSTER) and self.subresource != "scale"


def owners_of(live: Manifest, path: Path) -> list[Owner]:
    """Answer who owns a field of a live object, or something below it: the latest first."""
    found = list(_owners(live, path))
    return sorted(found, key=lambda each: each.at.timestamp() if each.at else 0.0, reverse=True)


def _owners(live: Manifest, path: Path) -> Iterator[Owner]:
    entries = live["metadata"].get("managedFields") or ()
    controllers = {
        each.get("manager") for each in entries if "f:status" in each.get("fieldsV1", {})
    }
    for entry in entries:
        field = _held(entry.get("fieldsV1") or {}, live, path)
        if field:
            yield Owner(
                manager=str(entry.get("manager", "")),
                at=_moment(entry.get("time")),
                subresource=str(entry.get("subresource", "")),
                field=field,
                controls=entry.get("manager") in controllers,
            )


def _held(fields: Mapping[str, Any], live: Any, path: Path) -> str:
    """Answer how the server spells a field that `fields` has; empty: it has it not."""
    said = ""
    for part in path:
        if said and not fields:
            return said  # it owns the whole
        live = part.of(live)
        if part.item:
            element = _element(fields, live)
            spelled = _spelled(element) if element else ""
        else:
            element, spelled = f"f:{part.name}", f".{part.name}"
        if not element or element not in fields:
            return ""
        fields, said = fields[element], said + spelled
    return said


def _element(fields: Mapping[str, Any], item: Any) -> str:
    """Find the element of an item among those that a manager has of its list."""
    if not isinstance(item, Mapping):
        return ""
    for element in fields:
        if element.startswith("k:"):
            keys = json.loads(element[2:])
            if all(item.get(key) == value for key, value in keys.items()):
                return element
    return ""


def _spelled(element: str) -> str:
    keys = json.loads(element[2:])
    inside = ",".join(f"{key}={json.dumps(keys[key])}" for key in sorted(keys))
    return f"[{inside}]"


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def latest_other(owners: Sequence[Owner]) -> Owner | None:
    """Answer the other manager that wrote a field last, if one did."""
    return next((each for each in owners if not each.ours), None)
