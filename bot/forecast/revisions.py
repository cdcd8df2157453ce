"""What two revisions differ in, object by object, from what was rendered then. Pure.

Of a Secret only its keys were kept: whether a value differs cannot be told.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.forecast.alignment import ABSENT, Path, holds_others, leaves
from bot.forecast.fates import Fate, FieldChange, ObjectForecast
from bot.forecast.spelling import field_name
from bot.forecast.summaries import summary
from bot.forecast.telling import told
from bot.rendering.objects import Manifest
from bot.rendering.repeating import Kept
from bot.run.inventory import Ref, ref_of


def between(before: Kept, after: Kept) -> dict[str, tuple[ObjectForecast, ...]]:
    """Answer what becomes of each object when `after` follows `before`, by target."""
    targets = dict.fromkeys(target for target, _ in [*after, *before])
    return {each: tuple(_in_target(before, after, each)) for each in targets}


def _in_target(before: Kept, after: Kept, target: str) -> Iterator[ObjectForecast]:
    old, new = _objects(before, target), _objects(after, target)
    for ref in dict.fromkeys([*new, *old]):
        component, manifest = new.get(ref) or old[ref]
        changes = _changes(old[ref][1], new[ref][1]) if ref in old and ref in new else ()
        fate = Fate.CHANGED if changes else Fate.SAME
        if ref not in old or ref not in new:
            fate = Fate.GONE if ref in old else Fate.NEW
        yield ObjectForecast(
            kind=ref.kind,
            name=ref.name,
            namespace=ref.namespace,
            component=component,
            fate=fate,
            summary=summary(manifest),
            changes=changes,
        )


def _objects(kept: Kept, target: str) -> dict[Ref, tuple[str, Manifest]]:
    """Answer the objects of a target with their components, by what they are over versions of their kinds."""
    return {
        ref_of(each)._replace(api_version=ref_of(each).group): (component, each)
        for (where, component), manifests in kept.items()
        if where == target
        for each in manifests
    }


def _changes(before: Manifest, after: Manifest) -> tuple[FieldChange, ...]:
    hidden = after["kind"] == "Secret"
    found: list[FieldChange] = []
    for leaf in leaves((before, after), _comes_or_goes):
        was, becomes = leaf.values
        if was == becomes:
            continue
        secret = hidden and leaf.path[0].name in {"data", "stringData"}
        said = told(leaf.path, was, becomes, hidden=secret)
        found.append(
            FieldChange(
                field=field_name(leaf.path, before, after),
                before=said.before,
                after=said.after,
                excerpt=said.excerpt,
            )
        )
    return tuple(found)


def _comes_or_goes(path: Path, values: Sequence[Any]) -> bool:
    return not holds_others(path, values) and any(each is ABSENT for each in values)
