"""Merging what is applied into what is there, and taking parts out again."""

import copy
from typing import Any

from bot.sandbox.kubernetes.ownership.paths import (
    Paths,
    below,
    element_of,
    is_atomic,
    item_shape,
)
from bot.sandbox.kubernetes.shapes import Shape

Tree = dict[str, Any]
HERE = ""
"""The key of a tree's node that says that the node itself is a member."""


def merge(shape: Shape, live: Any, wanted: Any) -> Any:
    """Answer `live` with what `wanted` says in place."""
    if isinstance(live, dict) and isinstance(wanted, dict) and not is_atomic(shape, wanted):
        if not live and not wanted:
            return {}
        merged = dict(live)
        for key, value in wanted.items():
            if key in live:
                merged[key] = merge(below(shape, key), live[key], value)
            else:
                merged[key] = copy.deepcopy(value)
        return merged
    if isinstance(live, list) and isinstance(wanted, list) and not is_atomic(shape, wanted):
        return _merge_lists(shape, live, wanted)
    if wanted is None and isinstance(live, dict | list) and not is_atomic(shape, live):
        return live
    return copy.deepcopy(wanted)


def _merge_lists(shape: Shape, live: list[Any], wanted: list[Any]) -> list[Any]:
    """Merge two lists whose items are told apart: what is wanted comes in its order, the rest stays where it was."""
    old = [(element_of(shape, each), each) for each in live]
    new = [(element_of(shape, each), each) for each in wanted]
    there, asked = dict(old), dict(new)
    shared = [element for element, _ in new if element in there]
    merged: list[Any] = []
    done: set[str] = set()
    left = right = 0
    while left < len(old) or right < len(new):
        if left < len(old) and right < len(new):
            element = old[left][0]
            if element == new[right][0]:
                merged.append(merge(item_shape(shape), there[element], asked[element]))
                done.add(element)
                left, right, shared = left + 1, right + 1, shared[1:]
                continue
            if element in asked and shared and shared[0] != element:
                left += 1
                continue
        if left < len(old):
            element, item = old[left]
            if element not in asked:
                merged.append(item)
                left += 1
                continue
            if element in done:
                left += 1
        if right < len(new):
            element, item = new[right]
            kept = there.get(element)
            merged.append(
                copy.deepcopy(item) if kept is None else merge(item_shape(shape), kept, item)
            )
            done.add(element)
            right += 1
            if shared and shared[0] == element:
                shared = shared[1:]
    return merged


def without(shape: Shape, value: Any, paths: Paths) -> Any:
    """Answer a value without the members of a set; maps and lists that are empty then go, too."""
    tree: Tree = {}
    for path in paths:
        here = tree
        for element in path:
            here = here.setdefault(element, {})
        here[HERE] = True
    return _without(shape, value, tree)


def _without(shape: Shape, value: Any, tree: Tree) -> Any:
    if not isinstance(value, dict | list) or not value or is_atomic(shape, value):
        return value
    if isinstance(value, dict):
        kept = {}
        for key, each in value.items():
            branch = tree.get(f"f:{key}")
            if branch is None:
                kept[key] = each
            elif HERE not in branch:
                rest = _without(below(shape, key), each, branch)
                if rest is not None:
                    kept[key] = rest
        return kept or None
    items = []
    for each in value:
        branch = tree.get(element_of(shape, each))
        if branch is None:
            items.append(each)
        elif HERE not in branch:
            items.append(_without(item_shape(shape), each, branch))
    return items or None
