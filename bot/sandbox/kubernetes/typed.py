"""What server-side apply refuses before it merges: what does not fit the kind's shape. Pure.

The real API server answers these mistakes with 500 and without a reason, unlike those of other writes.
"""

import json
from collections.abc import Iterator
from typing import Any

from bot.sandbox.kubernetes.decoding import first_unreadable
from bot.sandbox.kubernetes.errors import WITHOUT, StatusError
from bot.sandbox.kubernetes.ownership.paths import (
    ANY,
    KeyMissingError,
    element_of,
    item_shape,
    spell_element,
)
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.shapes import Shape

Object = dict[str, Any]
HEAD = frozenset({"apiVersion", "kind"})


def check(resource: Resource, version: str, shape: Shape, subject: Object) -> None:
    """Raise StatusError 500 for an object that cannot be applied as its kind."""
    kind = f"{resource.api_version_of(version)}, Kind={resource.kind}"
    meta = subject["metadata"]
    place = f"{meta.get('namespace', '')}/{meta.get('name', '')}; {kind}"
    body = {key: value for key, value in subject.items() if key not in HEAD}
    problems = list(_problems(shape, body, ""))
    if problems:
        said = problems[0] if len(problems) == 1 else "\n  ".join(["errors:", *problems])
        said = f"failed to create typed patch object ({place}): {said}"
        raise StatusError(500, said, reason=WITHOUT)
    unreadable = "" if resource.served else first_unreadable(shape, body)
    if unreadable:
        raise StatusError(
            500,
            f"failed to convert new object ({place}) to proper version: unable to convert unstructured "
            f"object to {kind}: {unreadable}",
            reason=WITHOUT,
        )


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    if shape.form in {"object", "map"}:
        yield from _map(shape, value, path)
    elif shape.form == "list":
        yield from _list(shape, value, path)
    elif shape.form in {"integer", "number"}:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{path}: expected numeric (int or float), got {_type(value)}"
    elif shape.form in {"string", "bytes"}:
        if not isinstance(value, str):
            yield f"{path}: expected string, got &value.valueUnstructured{{Value:{_literal(value)}}}"
    elif shape.form == "boolean" and not isinstance(value, bool):
        yield f"{path}: expected boolean, got &{{{_plain(value)}}}"


def _map(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: expected map, got &{{{_plain(value)}}}"
        return
    for key, each in value.items():
        here = f"{path}.{key}"
        inner = shape.below(key)
        if inner is None and shape.form == "object" and not shape.open:
            yield f"{here}: field not declared in schema"
            return
        yield from _problems(inner or ANY, each, here)


def _list(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: expected list, got &{{{_plain(value)}}}"
        return
    seen: set[str] = set()
    for at, each in enumerate(value):
        here = f"{path}[{at}]"
        if shape.relation in {"set", "map"}:
            try:
                element = element_of(shape, each)
            except KeyMissingError as error:
                yield f"{path}: element {at}: {error}"
                return
            here = path + spell_element(element)
            if element in seen:
                yield f"{path}: duplicate entries for key {spell_element(element)}"
            seen.add(element)
        yield from _problems(item_shape(shape), each, here)


def _type(value: object) -> str:
    """Name the type of a value as Go's `%T` does."""
    if isinstance(value, bool):
        return "bool"
    names = {str: "string", int: "int64", float: "float64", dict: "map[string]interface {}"}
    return names.get(type(value), "[]interface {}")


def _plain(value: object) -> str:
    """Write a value as Go's `%v` does."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{_plain(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(_plain(each) for each in value) + "]"
    if isinstance(value, bool) or value is None:
        return "<nil>" if value is None else str(value).lower()
    return str(value)


def _literal(value: object) -> str:
    """Write a value as Go's `%#v` does."""
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(key)}:{_literal(value[key])}" for key in sorted(value))
        return f"map[string]interface {{}}{{{inside}}}"
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(_literal(each) for each in value)}}}"
    return json.dumps(value)
