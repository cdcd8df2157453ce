"""Reading the body of a write as an object of its kind: types, unknown fields, amounts and times. Pure.

The texts are those of the real API server, which are those of Go's JSON decoder.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.quantities import canonical, is_quantity
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.shapes import Shape

Object = dict[str, Any]

HEAD = frozenset({"apiVersion", "kind"})
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
QUANTITY_TEXT = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
FORMS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "map": dict,
    "list": list,
    "string": str,
    "bytes": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def decoded(
    resource: Resource, version: str, shape: Shape, subject: Object, *, strict: bool
) -> Object:
    """Answer an object of a built-in kind as it was read: without nulls and without what is not known.

    Raises StatusError 400, with `strict` for unknown fields, too.
    """
    head = f'{resource.kind} in version "{version}" cannot be handled as a {resource.kind}: '
    body = {key: value for key, value in subject.items() if key not in HEAD}
    wrong = next(_misfits(shape, body, "", ""), "") or first_unreadable(shape, body)
    if wrong:
        raise StatusError(400, head + wrong)
    unknown = [f'unknown field "{each}"' for each in _unknown(shape, body, "")] if strict else []
    if unknown:
        raise StatusError(400, f"{head}strict decoding error: {', '.join(unknown)}")
    return normal(shape, subject)


def normal(shape: Shape, subject: Object) -> Object:
    """Answer an object of a built-in kind without nulls and unknown fields, its amounts as they are written."""
    body = {key: value for key, value in subject.items() if key not in HEAD}
    kept = _kept(shape, body)
    return {**{key: subject[key] for key in ("apiVersion", "kind")}, **kept}


def first_unreadable(shape: Shape, value: Any) -> str:
    """Answer what is wrong with the first amount, time or encoded text that cannot be read; empty for none."""
    if isinstance(value, dict):
        for key, each in value.items():
            inner = shape.below(key)
            found = first_unreadable(inner, each) if inner is not None else ""
            if found:
                return found
    elif isinstance(value, list):
        for each in value:
            found = first_unreadable(shape.item, each) if shape.item is not None else ""
            if found:
                return found
    elif value is not None:
        return _unreadable(shape, value)
    return ""


def _unreadable(shape: Shape, value: Any) -> str:
    if shape.form == "quantity" and not is_quantity(value):
        return QUANTITY_TEXT
    if shape.form == "time" and not _is_time(value):
        form = "2006-01-02T15:04:05Z07:00"
        return f'parsing time "{value}" as "{form}": cannot parse "{value}" as "2006"'
    if shape.form == "bytes" and isinstance(value, str):
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return f"illegal base64 data at input byte {_bad_byte(value)}"
    return ""


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _bad_byte(text: str) -> int:
    """Answer where Go's decoder stumbles: at a strange letter, or where the text breaks off."""
    match = re.search(r"[^A-Za-z0-9+/=\r\n]", text)
    if match is not None:
        return match.start()
    padding = text.find("=")
    return padding if padding >= 0 else len(text) // 4 * 4


def _misfits(shape: Shape, value: Any, owner: str, path: str) -> Iterator[str]:
    """Yield what Go's decoder says of values of the wrong type; `owner` is the struct that a path begins in."""
    wanted = FORMS.get(shape.form)
    if value is None or wanted is None:
        return
    whole = shape.form == "integer" and isinstance(value, float) and value.is_integer()
    fits = isinstance(value, wanted) and isinstance(value, bool) is (shape.form == "boolean")
    if not fits and not whole:
        found = _called(value, shape)
        yield f"json: cannot unmarshal {found} into Go struct field {owner}.{path} of type {_go(shape)}"
    elif isinstance(value, dict):
        for key, each in value.items():
            inner = shape.below(key)
            if inner is None:
                continue
            if shape.form == "object":
                yield from _misfits(inner, each, shape.name, f"{path}.{key}" if path else key)
            else:
                yield from _misfits(inner, each, owner, path)
    elif isinstance(value, list) and shape.item is not None:
        for each in value:
            yield from _misfits(shape.item, each, owner, path)


def _called(value: Any, shape: Shape) -> str:
    if isinstance(value, float) and shape.form == "integer":
        return f"number {value:g}"
    names = {bool: "bool", int: "number", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


def _go(shape: Shape) -> str:
    """Name a shape as Go does."""
    if shape.form == "list" and shape.item is not None:
        return f"[]{_go(shape.item)}"
    if shape.form == "map" and shape.item is not None:
        return f"map[string]{_go(shape.item)}"
    if shape.form == "object":
        return f"v1.{shape.name}"
    return {"bytes": "[]uint8"}.get(shape.form, shape.name or shape.form)


def _unknown(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict) and shape.form in {"object", "map"}:
        for key, each in value.items():
            here = f"{path}.{key}" if path else key
            inner = shape.below(key)
            if inner is None:
                yield here
            else:
                yield from _unknown(inner, each, here)
    elif isinstance(value, list) and shape.item is not None:
        for at, each in enumerate(value):
            yield from _unknown(shape.item, each, f"{path}[{at}]")


def _is_left_out(owner: Shape, key: str, shape: Shape, value: Any) -> bool:
    """Say whether a list or map is empty and therefore not there."""
    return shape.form in {"list", "map"} and value in ([], {}) and key not in owner.required


def _kept(shape: Shape, value: Any) -> Any:
    if isinstance(value, dict) and shape.form in {"object", "map"}:
        return {
            key: _kept(inner, each)
            for key, each in value.items()
            if each is not None
            and (inner := shape.below(key)) is not None
            and not _is_left_out(shape, key, inner, each)
        }
    if isinstance(value, list) and shape.item is not None:
        return [_kept(shape.item, each) for each in value]
    if shape.form == "integer" and isinstance(value, float):
        return int(value)
    return canonical(value) if shape.form == "quantity" else value
