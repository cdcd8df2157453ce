"""Walks several versions of one object side by side, so that each field is seen with all its values. Pure.

Items of lists are found by what tells them apart (containers and variables by name, ports by number), the same in all
versions, so that a variable put in between changes one line and not all that follow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

ABSENT: Final = object()
"""The value of a field that a version does not have."""

KEYS: Final = (
    ("name",),
    ("mountPath",),
    ("devicePath",),
    ("containerPort", "protocol"),
    ("port", "protocol"),
    ("topologyKey", "whenUnsatisfiable"),
    ("ip",),
    ("host",),
    ("path",),
    ("key",),
    ("id",),
    ("type",),
)
"""What tells the items of a list apart: the first of these that all of them have, each its own."""
MAPS: Final = frozenset({"annotations", "binaryData", "data", "labels", "matchLabels"})
"""Maps whose keys are no fields of a kind."""
DEFAULTS: Final = {"protocol": "TCP"}


class Part(NamedTuple):
    """One step of a path: the name of a field, or the label of an item of a list, made of its `keys` (none: its place)."""

    name: str
    item: bool = False
    keys: tuple[str, ...] = ()

    def of(self, value: Any) -> Any:
        """Answer what it leads to in a value; ABSENT when that is not there."""
        if not self.item:
            return value.get(self.name, ABSENT) if isinstance(value, Mapping) else ABSENT
        for at, each in enumerate(value if isinstance(value, list | tuple) else ()):
            if isinstance(each, Mapping) and _label(each, self.keys, at) == self.name:
                return each
        return ABSENT


Path = tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A field and its value in each version."""

    path: Path
    values: tuple[Any, ...]


Stop = Callable[[Path, Sequence[Any]], bool]
"""Says where not to look deeper: what stands there is one field."""


def leaves(versions: Sequence[Any], stop: Stop) -> Iterator[Leaf]:
    """Yield the fields of `versions` (ABSENT: there is none), in the order of the last one that has them."""
    yield from _walk((), tuple(versions), stop)


def holds_others(path: Path, values: Sequence[Any]) -> bool:
    """Say whether what stands at `path` only holds what people look for: labels, or items of a list."""
    in_map = not path[-1].item and path[-1].name in MAPS
    return in_map or any(
        isinstance(each, Mapping) for value in values if isinstance(value, list) for each in value
    )


def _walk(path: Path, values: tuple[Any, ...], stop: Stop) -> Iterator[Leaf]:
    there = [each for each in values if each is not ABSENT]
    if path and stop(path, values):
        yield Leaf(path=path, values=values)
    elif all(isinstance(each, Mapping) for each in there) and any(there):
        for key in _ordered(there):
            below = tuple(_get(each, key) for each in values)
            yield from _walk((*path, Part(key)), below, stop)
    elif (keys := _keys_of(there)) is not None:
        labelled = [
            ABSENT
            if each is ABSENT
            else {_label(item, keys, at): item for at, item in enumerate(each)}
            for each in values
        ]
        for label in _ordered([each for each in labelled if isinstance(each, Mapping)]):
            below = tuple(_get(each, label) for each in labelled)
            yield from _walk((*path, Part(label, item=True, keys=keys)), below, stop)
    else:
        yield Leaf(path=path, values=values)


def _get(value: Any, key: str) -> Any:
    return ABSENT if value is ABSENT else value.get(key, ABSENT)


def _ordered(maps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the keys of all maps once, those of the last map first."""
    yield from dict.fromkeys(key for each in reversed(maps) for key in each)


def _keys_of(lists: Sequence[Any]) -> tuple[str, ...] | None:
    """Answer what tells the items of lists of maps apart; () where only their places do, None where these are none."""
    if not all(isinstance(each, list | tuple) for each in lists):
        return None
    items = [item for each in lists for item in each]
    if not items or not all(isinstance(each, Mapping) for each in items):
        return None
    for keys in KEYS:
        if all(_are_told_apart(each, keys) for each in lists):
            return keys
    return ()


def _are_told_apart(items: Sequence[Mapping[str, Any]], keys: tuple[str, ...]) -> bool:
    return all(keys[0] in each for each in items) and len(
        {_label(each, keys, 0) for each in items}
    ) == len(items)


def _label(item: Mapping[str, Any], keys: tuple[str, ...], at: int) -> str:
    if not keys:
        return str(at)
    first, *rest = (str(item.get(key, DEFAULTS.get(key, ""))) for key in keys)
    more = [each for each, key in zip(rest, keys[1:], strict=True) if each != DEFAULTS.get(key, "")]
    return "/".join([first, *more])
