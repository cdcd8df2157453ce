"""Sets of fields: the paths of what an object says, and how `fieldsV1` and error texts write them.

A path is a tuple of elements: a field name (`f:spec`), an item of a list by its keys (`k:{"name":"web"}`) or an item
of a set (`v:"x"`).
"""

import json
from collections.abc import Iterator
from typing import Any

from bot.sandbox.kubernetes.shapes import Shape

Path = tuple[str, ...]
Paths = frozenset[Path]
Object = dict[str, Any]

ANY = Shape(form="any")
NOTHING: Paths = frozenset()


class KeyMissingError(ValueError):
    """An item of a list lacks the keys that would tell it from the others."""


def is_atomic(shape: Shape, value: Any) -> bool:
    """Say whether a value is owned as a whole, whatever is in it."""
    if isinstance(value, dict):
        return shape.form not in {"object", "map", "any"} or shape.relation == "atomic"
    if isinstance(value, list):
        return shape.form != "list" or shape.relation not in {"set", "map"}
    return True


def element_of(shape: Shape, item: Any) -> str:
    """Answer the path element of a list's item. Raises KeyMissingError."""
    if shape.relation == "set":
        return "v:" + json.dumps(item, separators=(",", ":"))
    if not isinstance(item, dict):
        what = "a null element" if item is None else "non-map elements"
        raise KeyMissingError(f"associative list with keys may not have {what}")
    defaults = shape.item.defaults if shape.item is not None else {}
    found = {
        key: item.get(key, defaults.get(key))
        for key in shape.keys
        if key in item or key in defaults
    }
    if not found:
        named = " ".join(json.dumps(each) for each in shape.keys)
        raise KeyMissingError(
            "associative list with keys has an element that omits all key fields "
            f"[{named}] (and doesn't have default values for any key fields)"
        )
    return "k:" + json.dumps(dict(sorted(found.items())), separators=(",", ":"))


def below(shape: Shape, key: str) -> Shape:
    """Answer the shape of a field; of what is not known, that of anything."""
    return shape.below(key) or ANY


def item_shape(shape: Shape) -> Shape:
    """Answer the shape of a list's items."""
    return shape.item or ANY


def paths_of(shape: Shape, value: Any) -> Paths:
    """Answer the paths of what a value says: its leaves, and the items of its lists."""
    return frozenset(_walk(shape, value, ()))


def _walk(shape: Shape, value: Any, path: Path) -> Iterator[Path]:
    if is_atomic(shape, value):
        yield path
        return
    if isinstance(value, dict):
        for key, each in value.items():
            here = (*path, f"f:{key}")
            yield from _walk(below(shape, key), each, here)
            if each is None or each == {} or key not in shape.fields:
                yield here
    else:
        for item in value:
            here = (*path, element_of(shape, item))
            yield here
            if isinstance(item, dict):
                yield from _walk(item_shape(shape), item, here)


def named(shape: Shape, paths: Paths) -> Paths:
    """Add to a set the named fields above its members: what is said below a field says the field."""
    found = set(paths)
    for path in paths:
        here: Shape = shape
        for at, element in enumerate(path[:-1], 1):
            if element.startswith("f:"):
                known = here.below(element[2:])
                if known is not None and here.form == "object":
                    found.add(path[:at])
                here = known or ANY
            else:
                here = item_shape(here)
    return frozenset(found)


def encode(paths: Paths) -> Object:
    """Write paths as a `fieldsV1` object."""
    root: Object = {}
    for path in sorted(paths):
        here = root
        for element in path:
            here = here.setdefault(element, {})
        here["."] = {}
    return _encoded(root)


def _encoded(node: Object) -> Object:
    """Leave the mark of a member out where nothing is below it."""
    if node.keys() == {"."}:
        return {}
    return {element: _encoded(node[element]) for element in sorted(node)}


def decode(fields: Object) -> Paths:
    """Read the paths of a `fieldsV1` object."""
    return frozenset(_decode((), fields))


def _decode(path: Path, here: Object) -> Iterator[Path]:
    if path and (not here or "." in here):
        yield path
    for element, under in here.items():
        if element != ".":
            yield from _decode((*path, element), under)


def spell(path: Path) -> str:
    """Write a path as error texts do: `.spec.template.spec.containers[name="web"].image`."""
    return "".join(spell_element(each) for each in path)


def spell_element(element: str) -> str:
    """Write one element of a path as error texts do."""
    if element.startswith("f:"):
        return "." + element[2:]
    if element.startswith("k:"):
        keys = json.loads(element[2:])
        return "[" + ",".join(f"{key}={json.dumps(keys[key])}" for key in sorted(keys)) + "]"
    return f"[={element[2:]}]"
