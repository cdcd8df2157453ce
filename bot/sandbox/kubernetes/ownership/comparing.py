"""What one object has that another has not, has otherwise, or has no more, as sets of paths."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.kubernetes.ownership.paths import (
    NOTHING,
    Path,
    Paths,
    below,
    element_of,
    is_atomic,
    item_shape,
)
from bot.sandbox.kubernetes.shapes import Shape

ABSENT: Any = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How an object differs from the one before it."""

    added: Paths = NOTHING
    modified: Paths = NOTHING
    removed: Paths = NOTHING

    @property
    def written(self) -> Paths:
        """What the newer one says anew or otherwise."""
        return self.added | self.modified


@dataclass(slots=True)
class _Found:
    added: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)


def difference(shape: Shape, before: Any, after: Any) -> Difference:
    """Compare two values of a shape."""
    found = _Found()
    _compare(shape, before, after, (), found)
    return Difference(
        added=frozenset(found.added - {()}),
        modified=frozenset(found.modified - {()}),
        removed=frozenset(found.removed - {()}),
    )


def _compare(shape: Shape, before: Any, after: Any, path: Path, found: _Found) -> None:
    if before == after:
        return
    if before is ABSENT:
        found.added.add(path)
    elif after is ABSENT:
        found.removed.add(path)
    if _is_leaf(shape, before, after):
        if before is not ABSENT and after is not ABSENT and before != after:
            found.modified.add(path)
        return
    for element, inner, old, new in _parts(shape, before, after):
        _compare(inner, old, new, (*path, element), found)


def _is_leaf(shape: Shape, before: Any, after: Any) -> bool:
    """Say whether two values are compared as wholes: scalars, what is atomic, and what is empty in both."""
    there = [each for each in (before, after) if each is not ABSENT and each is not None]
    if not there or all(each in ({}, []) for each in there):
        return True
    if len(there) == 2 and isinstance(there[0], dict) is not isinstance(there[1], dict):
        return True
    return any(is_atomic(shape, each) for each in there)


def _parts(shape: Shape, before: Any, after: Any) -> Iterator[tuple[str, Shape, Any, Any]]:
    """Yield the parts of two maps or lists side by side: (element, shape, old, new)."""
    if isinstance(before, list) or isinstance(after, list):
        old, new = _items(shape, before), _items(shape, after)
        for element in {**old, **new}:
            yield element, item_shape(shape), old.get(element, ABSENT), new.get(element, ABSENT)
        return
    one = before if isinstance(before, dict) else {}
    two = after if isinstance(after, dict) else {}
    for key in {**one, **two}:
        yield f"f:{key}", below(shape, key), one.get(key, ABSENT), two.get(key, ABSENT)


def _items(shape: Shape, value: Any) -> dict[str, Any]:
    return {element_of(shape, each): each for each in value} if isinstance(value, list) else {}
