"""Protobuf, as kubectl's `create` sends it: read into the object that JSON would have said, by the shape of its kind. Pure."""

import base64
import json
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.kubernetes import builtin
from bot.sandbox.kubernetes.shapes import Shape

Object = dict[str, Any]
Field = tuple[int, Any]

MAGIC = b"k8s\x00"
NOTHING = ("", 0, False, b"")
INT_TEXT = 1


class UnreadableError(ValueError):
    """The bytes are no message of the kind."""


def read(raw: bytes) -> Object:
    """Read an object. Raises UnreadableError."""
    if not raw.startswith(MAGIC):
        raise UnreadableError("provided data does not appear to be a protobuf message")
    try:
        envelope = dict(_fields(raw[len(MAGIC) :]))
        head = dict(_fields(envelope.get(1, b"")))
        version, kind = head.get(1, b"").decode(), head.get(2, b"").decode()
        shape = builtin.shape_of(kind)
        if shape is None:
            raise UnreadableError(f"there is no kind {kind!r} in {version!r}")
        return {"apiVersion": version, "kind": kind, **_object(shape, envelope.get(2, b""))}
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise UnreadableError(f"the message breaks off: {error}") from error


def _fields(raw: bytes) -> Iterator[Field]:
    """Yield (number, value) of each field: an int, or bytes."""
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(raw, at)
            yield number, value
        elif wire == 2:
            length, at = _varint(raw, at)
            if at + length > len(raw):
                raise UnreadableError("the message breaks off")
            yield number, raw[at : at + length]
            at += length
        elif wire in {1, 5}:
            width = 8 if wire == 1 else 4
            yield number, struct.unpack("<d" if wire == 1 else "<f", raw[at : at + width])[0]
            at += width
        else:
            raise UnreadableError(f"there is no wire type {wire}")


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7


def _object(shape: Shape, raw: bytes) -> Object:
    numbers = {number: name for name, number in shape.numbers.items()}
    outer = {number[0] for number in numbers if len(number) > 1}
    made: Object = {}
    for number, value in _fields(raw):
        found = (
            [((number, inner), each) for inner, each in _fields(value)]
            if number in outer
            else [((number,), value)]
        )
        for place, each in found:
            name = numbers.get(place)
            if name is not None:
                _put(made, shape, name, each)
    return made


def _put(made: Object, owner: Shape, name: str, value: Any) -> None:
    """Add a field's value to an object; a value that only means that nothing was said is left out."""
    shape = owner.fields[name]
    if shape.form == "list":
        made.setdefault(name, []).append(_value(shape.item or shape, value))
    elif shape.form == "map":
        entry = dict(_fields(value))
        inner = shape.item or shape
        key = entry.get(1, b"").decode()
        made.setdefault(name, {})[key] = _value(inner, entry.get(2, b""))
    else:
        found = _value(shape, value)
        said = found is not None and (found not in NOTHING or name in owner.told)
        empty = found == {} and name in owner.present
        if said and not empty:
            made[name] = found


def _value(shape: Shape, value: Any) -> Any:
    readers: dict[str, Callable[[Any], Any]] = {
        "boolean": bool,
        "integer": _signed,
        "number": float,
        "bytes": lambda raw: base64.b64encode(raw).decode(),
        "time": _time,
        "quantity": lambda raw: dict(_fields(raw)).get(1, b"0").decode(),
        "int-or-string": _int_or_string,
        "any": _any,
    }
    if shape.form == "object":
        return _object(shape, value)
    if shape.form in readers:
        return readers[shape.form](value)
    return value.decode() if isinstance(value, bytes) else value


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _time(raw: bytes) -> str | None:
    seconds = dict(_fields(raw)).get(1)
    if not seconds or _signed(seconds) <= 0:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _int_or_string(raw: bytes) -> int | str:
    found = dict(_fields(raw))
    if found.get(1, 0) == INT_TEXT:
        return str(found.get(3, b"").decode())
    return _signed(found.get(2, 0))


def _any(raw: bytes) -> Any:
    found = dict(_fields(raw)).get(1, b"")
    return json.loads(found) if found else None
