"""One thing that is wrong with an object, as the details of a refusal name it: (field, reason, text). Pure."""

import json
from collections.abc import Iterable
from typing import Any

Object = dict[str, Any]
Cause = tuple[str, str, str]


def shown(value: Any) -> str:
    """Write a value as the texts do."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def invalid(field: str, value: Any, text: str) -> Cause:
    """A value that breaks a rule."""
    return field, "FieldValueInvalid", f"Invalid value: {shown(value)}: {text}"


def required(field: str, text: str = "") -> Cause:
    """A field that is missing."""
    return field, "FieldValueRequired", f"Required value: {text}" if text else "Required value"


def unsupported(field: str, value: Any, known: Iterable[str]) -> Cause:
    """A value that is none of those there are."""
    listed = ", ".join(shown(each) for each in known)
    return (
        field,
        "FieldValueNotSupported",
        f"Unsupported value: {shown(value)}: supported values: {listed}",
    )


def duplicate(field: str, value: Any) -> Cause:
    """A value that is there already."""
    return field, "FieldValueDuplicate", f"Duplicate value: {shown(value)}"


def forbidden(field: str, text: str) -> Cause:
    """A field that may not be set, or not be changed."""
    return field, "FieldValueForbidden", f"Forbidden: {text}"


def not_found(field: str, value: Any) -> Cause:
    """A name that leads nowhere within the object."""
    return field, "FieldValueNotFound", f"Not found: {shown(value)}"


IMMUTABLE = "field is immutable"
NEGATIVE = "must be greater than or equal to 0"


def natural(spec: Object, path: str, *fields: str) -> Iterable[Cause]:
    """Refuse numbers below zero."""
    for field in fields:
        value = spec.get(field)
        if isinstance(value, int) and not isinstance(value, bool) and value < 0:
            yield invalid(f"{path}.{field}", value, NEGATIVE)
