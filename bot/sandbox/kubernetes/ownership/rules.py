"""What becomes of the account when somebody writes: an ordinary write takes what it changes, an apply what it says.

An apply that would change what somebody else owns is a conflict, unless forced; what a manager no longer applies goes
when nobody else owns it.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.kubernetes import errors
from bot.sandbox.kubernetes.ownership.comparing import Difference, difference
from bot.sandbox.kubernetes.ownership.managers import Manager, Owners, Share, owners_of
from bot.sandbox.kubernetes.ownership.merging import merge, without
from bot.sandbox.kubernetes.ownership.paths import (
    NOTHING,
    KeyMissingError,
    Path,
    Paths,
    named,
    paths_of,
    spell,
)
from bot.sandbox.kubernetes.shapes import Shape

Object = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who writes, in which version of the kind, when, and which parts its way of writing leaves alone."""

    manager: Manager
    shape: Shape
    version: str
    """The apiVersion that it writes in."""
    moment: str
    ignored: tuple[Path, ...] = ()
    """Fields, with all that is below them, that this way of writing neither changes nor owns."""


def update(live: Object, written: Object, writer: Writer) -> Owners:
    """Answer who owns what after an ordinary write: what it changed is the writer's now.

    Before there is an object, `live` is what one is that says nothing (`blank`).
    """
    known = owners_of(live)
    if not known and _is_stored(live):
        return {}  # of what nobody's account was ever kept, none begins before somebody applies it
    try:
        changed = difference(writer.shape, _bare(live), _bare(written))
    except KeyMissingError:
        return known  # as the real one: what cannot be told apart is checked by others
    owners, _ = _reconciled(known, changed, None, writer, force=True)
    mine = _relevant(changed.written, writer.ignored)
    me = writer.manager.in_version(writer.version)
    old = owners.get(me)
    if mine:
        before = old.paths if old is not None else NOTHING
        owners[me] = Share(paths=before | mine, version=writer.version, time=writer.moment)
    return owners


def apply(live: Object, wanted: Object, writer: Writer, *, force: bool) -> tuple[Object, Owners]:
    """Merge `wanted` into `live`; answer the object and who owns its fields.

    Raises StatusError 409 that names each field in conflict and its manager.
    """
    shape, me = writer.shape, writer.manager
    owners = owners_of(live) or _before_the_first(live, writer)
    last = owners.get(me)
    said = _relevant(paths_of(shape, _bare(wanted)), writer.ignored)
    share = Share(paths=said, version=writer.version, time=last.time if last else "")
    owners[me] = share
    merged = merge(shape, _bare(live), _bare(wanted))
    if last is not None and last.paths:
        merged = _pruned(shape, merged, owners, last.paths)
    changed = difference(shape, _bare(live), merged)
    owners, conflicts = _reconciled(owners, changed, me, writer, force=force)
    if conflicts:
        raise errors.field_conflicts(conflicts)
    quiet = merged == _bare(live) and last is not None and last.paths == said
    if not quiet:
        owners[me] = replace(share, time=writer.moment)
    return _with_meta(live, merged), owners


def _reconciled(
    owners: Owners, changed: Difference, me: Manager | None, writer: Writer, *, force: bool
) -> tuple[Owners, Sequence[tuple[str, str]]]:
    """Take from the other managers what has changed or gone; answer that, or the conflicts."""
    taken = _relevant(changed.written, writer.ignored)
    gone = _relevant(changed.removed, writer.ignored)
    conflicts: list[tuple[str, str]] = []
    kept: Owners = {}
    for manager, share in owners.items():
        if manager == me:
            kept[manager] = share
            continue
        lost = share.paths & taken
        if lost and not force:
            conflicts += [(spell(path), _by(manager, share)) for path in sorted(lost)]
        paths = share.paths - lost - gone
        if paths:
            kept[manager] = share if paths == share.paths else replace(share, paths=paths)
    return kept, conflicts


def _is_stored(live: Object) -> bool:
    return "uid" in (live.get("metadata") or {})


def _before_the_first(live: Object, writer: Writer) -> Owners:
    """Give what is there to nobody in particular, when it is applied for the first time."""
    if not _is_stored(live):
        return {}
    found = difference(writer.shape, blank(writer.shape), _bare(live))
    nobody = Manager("before-first-apply", "Update").in_version(writer.version)
    paths = _relevant(found.written, writer.ignored)
    return {nobody: Share(paths=paths, version=writer.version, time=writer.moment)}


def _by(manager: Manager, share: Share) -> str:
    said = f'conflict with "{manager.name}"'
    if manager.subresource:
        said += f' with subresource "{manager.subresource}"'
    if manager.operation == "Update":
        said += f" using {share.version}"
    return said


def _pruned(shape: Shape, merged: Object, owners: Owners, last: Paths) -> Object:
    """Take out what was applied last time and is no more, unless somebody owns it."""
    there = named(shape, paths_of(shape, merged))
    owned = named(shape, frozenset[Path]().union(*(each.paths for each in owners.values())))
    gone = (there - owned) & named(shape, last)
    found: Object = without(shape, merged, gone) or {}
    return found


def _relevant(paths: Paths, ignored: tuple[Path, ...]) -> Paths:
    if not ignored:
        return paths
    return frozenset(
        path for path in paths if not any(path[: len(each)] == each for each in ignored)
    )


def _bare(subject: Object) -> Object:
    """Answer an object without its account."""
    meta = {
        key: value
        for key, value in (subject.get("metadata") or {}).items()
        if key != "managedFields"
    }
    return {**subject, "metadata": meta}


def _with_meta(live: Object, merged: Object) -> Object:
    made = copy.deepcopy(merged)
    made.setdefault("metadata", copy.deepcopy(live.get("metadata") or {}))
    return made


def blank(shape: Shape) -> Object:
    """Answer what an object is before anything was said of it: the parts that are always there."""
    made: Object = {name: blank(shape.fields[name]) for name in shape.present}
    for name in shape.required:
        if shape.fields[name].form in {"list", "map"} and shape.numbers:
            made[name] = None
    return made
