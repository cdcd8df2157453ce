"""What becomes of one object by a delivery, field by field, and why: three versions of it and their owners compared. Pure.

What was sent last, what is to be sent, what is there and what the API server says would be there. A field changes because
this delivery says something else than the last one, or because someone has changed the cluster since (drift), or both. A
value is what we have sent when the server says that we own the field, whatever our account says: an account is written
before its object is applied. What the server keeps for itself is no difference.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from bot.forecast.alignment import ABSENT, Leaf, Path, holds_others, leaves
from bot.forecast.ownership import Owner, latest_other, owners_of
from bot.forecast.spelling import field_name
from bot.forecast.telling import Told, told, told_value
from bot.rendering.cloud.modules import sensitive_in
from bot.rendering.objects import ROUND, Manifest

REPLICAS: Final = ["spec", "replicas"]
"""What an autoscaler sets of an object that does not say it."""
AMOUNTS: Final = frozenset({"limits", "requests", "hard", "capacity", "sizeLimit", "divisor"})
"""Where quantities stand, which the server writes in its own way (`1000m` is `1`)."""
NOISE: Final = (
    ROUND,
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/",
    "deprecated.daemonset.template.generation",
    "pv.kubernetes.io/",
    "volume.kubernetes.io/",
    "volume.beta.kubernetes.io/",
)
"""Beginnings of the annotations that tools and controllers keep for themselves."""


class Why(StrEnum):
    """Whose doing a change is."""

    REVISION = "revision"
    DRIFT = "drift"
    """Someone has changed it since, and it is put back."""
    BOTH = "both"


class Fate(StrEnum):
    """What becomes of an object."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    GONE = "gone"
    """It is deleted: the application no longer contains it."""
    LEFT = "left"
    """The application no longer contains it, and it is not deleted."""
    REFUSED = "refused"
    READ = "read"
    """It is only looked at."""
    AGAIN = "again"
    """A Job that failed is deleted and runs again."""
    STANDS = "stands"
    """A Job that is there, or has succeeded once: it is not run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field that changes. Values are without secrets; empty: it is not there."""

    field: str
    before: str = ""
    after: str = ""
    excerpt: tuple[str, ...] = ()
    """Of long values: the lines that differ, in place of both."""
    why: Why = Why.REVISION
    by: str = ""
    """The manager that has set it since, where someone has."""
    at: datetime | None = None
    contested: bool = False
    """That manager owns it, and a delivery does not take it over: it fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldKept:
    """A field that another manager has set and that stays."""

    field: str
    value: str
    by: str
    at: datetime | None = None
    sent: str = ""
    """What was sent, where it is not only added."""
    automatic: bool = False
    """Whether a part of Kubernetes has set it, as an autoscaler does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectForecast:
    """What becomes of one object."""

    kind: str
    name: str
    namespace: str = ""
    component: str = ""
    """The component it belongs to; empty: it belongs to a step."""
    fate: Fate
    summary: str = ""
    """Of an object that comes or goes: what it is."""
    changes: tuple[FieldChange, ...] = ()
    stays: tuple[FieldKept, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    """Fields that others own and that are not among the changes, each with its manager: the delivery fails."""
    said: str = ""
    """Why it is refused, left, or not run again."""
    missing: bool = False
    """It was sent before, and it is not there."""

    @property
    def title(self) -> str:
        """What people call it: `Deployment web`."""
        return f"{self.kind} {self.name}"

    @property
    def fails(self) -> bool:
        """Whether its delivery fails."""
        return (
            self.fate is Fate.REFUSED
            or bool(self.claims)
            or any(each.contested for each in self.changes)
        )

    @property
    def drifted(self) -> bool:
        """Whether someone has changed it since it was sent."""
        return self.missing or any(each.why is not Why.REVISION for each in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """One object as it was sent last (None: never), is to be sent, is, and would be (None: not there)."""

    sent: Manifest | None
    wanted: Manifest
    live: Manifest | None
    becomes: Manifest


def changes_of(
    versions: Versions, claims: Collection[tuple[str, str]] = ()
) -> tuple[tuple[FieldChange, ...], tuple[FieldKept, ...], tuple[tuple[str, str], ...]]:
    """Answer the fields that change, those of others that stay, and which of `claims` are no field that changes.

    `claims` are the fields that other managers own with another value, each with its manager. Nothing of all that for
    an object that is not there yet.
    """
    if versions.live is None:
        return (), (), tuple(claims)
    comparison = _Comparison(versions, versions.live, claims)
    return comparison.found()


def has_arrived(sent: Manifest, live: Manifest) -> bool:
    """Say whether the API server took an object that was to be sent: no field that is ours has another value."""
    versions = Versions(sent=sent, wanted=sent, live=live, becomes=live)
    return not _Comparison(versions, live, ()).is_older()


class _Comparison:
    """The comparison of one object that is there."""

    def __init__(
        self, versions: Versions, live: Manifest, claims: Collection[tuple[str, str]]
    ) -> None:
        self._versions = versions
        self._live = live
        self._claims = claims
        self._claimed: set[tuple[str, str]] = set()
        modules = [(each.get("spec") or {}).get("hcl") for each in (live, versions.wanted)]
        self._sensitive = frozenset(name for each in modules for name in sensitive_in(each))
        self._was_applied = True

    def found(
        self,
    ) -> tuple[tuple[FieldChange, ...], tuple[FieldKept, ...], tuple[tuple[str, str], ...]]:
        """Look at each field."""
        fields = self._fields()
        self._was_applied = not any(self._is_older(each) for each in fields)
        changes: list[FieldChange] = []
        stays: list[FieldKept] = []
        for leaf in fields:
            before, sent, wanted, after = leaf.values
            if before != after:
                changes.append(self._change(leaf))
            elif before not in (ABSENT, sent) and (wanted is ABSENT or sent is not ABSENT):
                kept = self._kept(leaf)
                stays += [kept] if kept else []
        rest = tuple(each for each in self._claims if each not in self._claimed)
        return tuple(changes), tuple(stays), rest

    def is_older(self) -> bool:
        """Say whether what is there is older than what was sent last: that never arrived."""
        return any(self._is_older(each) for each in self._fields())

    def _fields(self) -> list[Leaf]:
        given = self._versions
        secret = given.wanted["kind"] == "Secret"
        said = [_bare(each, blank=secret) for each in (given.sent, given.wanted)]
        there = [_bare(each) for each in (self._live, given.becomes)]
        return list(leaves((there[0], *said, there[1]), _is_one_field))

    def _is_older(self, leaf: Leaf) -> bool:
        """Say whether a field has a value of ours that is not the one that was sent last: that never arrived."""
        before, sent = leaf.values[:2]
        if not isinstance(sent, str | int | bool) or before in (ABSENT, sent):
            return False
        amount = any(each.name in AMOUNTS for each in leaf.path)
        secret = self._live["kind"] == "Secret"
        return not (amount or secret) and any(
            each.ours for each in owners_of(self._live, leaf.path)
        )

    def _change(self, leaf: Leaf) -> FieldChange:
        before, _, _, after = leaf.values
        owners = owners_of(self._live, leaf.path) if before is not ABSENT else []
        other = latest_other(owners)
        why = self._why(leaf, owners, other)
        held = {(each.field, each.manager) for each in owners if not each.ours} & set(self._claims)
        self._claimed |= held
        if held:
            other = next(each for each in owners if (each.field, each.manager) in held)
        tells = other if held or why is not Why.REVISION else None
        said = self._told(leaf.path, before, after)
        return FieldChange(
            field=field_name(leaf.path, self._live, self._versions.becomes),
            before=said.before,
            after=said.after,
            excerpt=said.excerpt,
            why=why,
            by=tells.manager if tells else "",
            at=tells.at if tells else None,
            contested=bool(held),
        )

    def _why(self, leaf: Leaf, owners: Sequence[Owner], other: Owner | None) -> Why:
        before, sent, wanted, _ = leaf.values
        if self._versions.sent is None or sent is wanted is ABSENT:
            return Why.REVISION
        if before is ABSENT:
            drifted = sent is not ABSENT and self._was_applied
        else:
            # What a Secret says as `stringData` is owned as that, although it is kept as `data`.
            drifted = other is not None and not any(each.ours for each in owners)
        if not drifted:
            return Why.REVISION
        return Why.DRIFT if sent == wanted else Why.BOTH

    def _kept(self, leaf: Leaf) -> FieldKept | None:
        value, sent = leaf.values[:2]
        if self._versions.sent is None:
            return None  # all of it is someone else's, defaults included
        other = latest_other(owners_of(self._live, leaf.path))
        if other is None and value != 1 and [each.name for each in leaf.path] == REPLICAS:
            other = Owner(manager="", subresource="scale")  # the server keeps no account of that
        if other is None or other.automatic:
            return None
        name = field_name(leaf.path, self._live, self._versions.becomes)
        return FieldKept(
            field=name,
            value=told_value(value, leaf.path, hidden=self._is_hidden(leaf.path)),
            by=other.manager,
            at=other.at,
            sent=""
            if sent is ABSENT
            else told_value(sent, leaf.path, hidden=self._is_hidden(leaf.path)),
            automatic=bool(other.subresource),
        )

    def _told(self, path: Path, before: Any, after: Any) -> Told:
        return told(path, before, after, hidden=self._is_hidden(path))

    def _is_hidden(self, path: Path) -> bool:
        if self._live["kind"] == "Secret":
            return path[0].name == "data"
        names = [each.name for each in path[:3]]
        variable = bool(self._sensitive) and names[:2] == ["spec", "variable"]
        return variable and (len(names) < 3 or names[2] in self._sensitive)


def _is_one_field(path: Path, values: Sequence[Any]) -> bool:
    """Say where not to look deeper: at what comes or goes as a whole, and at what only others have."""
    live, sent, wanted, becomes = values
    if holds_others(path, values):
        return False
    if live is ABSENT or becomes is ABSENT:
        return True
    return sent is ABSENT and wanted is ABSENT and live == becomes


def _bare(manifest: Manifest | None, *, blank: bool = False) -> Any:
    """Answer what of an object is someone's wish; of a Secret its values in one map, where they are not to be told `blank`."""
    if manifest is None:
        return ABSENT
    left = ("apiVersion", "kind", "metadata", "status", "stringData")
    made: Manifest = {key: each for key, each in manifest.items() if key not in left}
    metadata = manifest["metadata"]
    made["metadata"] = {
        "labels": dict(metadata.get("labels") or {}),
        "annotations": {
            key: each
            for key, each in (metadata.get("annotations") or {}).items()
            if not key.startswith(NOISE)
        },
    }
    texts = manifest.get("stringData")
    if isinstance(texts, Mapping):
        made["data"] = {**(made.get("data") or {}), **texts}
    if blank and isinstance(made.get("data"), Mapping):
        made["data"] = dict.fromkeys(made["data"], "")
    return made
