"""What a step waits for in an object, in the forms of `kubectl wait --for`. Pure.

`create`, `delete`, `condition=Ready[=True]`, `jsonpath={.status.phase}[=Bound]`: without a value it is enough that something
is there. A condition that is of an older generation of the object does not count, as in kubectl.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.cluster.conditions import condition_of
from bot.cluster.port import Manifest

FORMS = "create, delete, condition=NAME[=VALUE] or jsonpath={PATH}[=VALUE]"
PART = re.compile(
    r"""\.(?P<name>(?:\\.|[^.\[\]{}\\'"=\s])+)"""
    r"""|\[(?P<index>-?\d+)\]"""
    r"""|\['(?P<single>[^']+)'\]"""
    r"""|\["(?P<double>[^"]+)"\]"""
    r"""|\[\?\(@(?P<field>(?:\.[^.\[\]{}\\'"=\s]+)+)\s*==\s*(?:"(?P<is>[^"]*)"|'(?P<was>[^']*)')\)\]"""
)
"""One part of a path: a field, a place in a list, or the first item of which a field has a value."""


@dataclass(frozen=True, slots=True)
class There:
    """The object exists, or does not any more."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition has a status."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    """An item of a list: the first of which a field has a value."""

    field: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Path:
    """Something stands at a path; `value` is what, if only that will do."""

    written: str
    parts: tuple[str | int | Filter, ...]
    value: str | None


Awaited = There | Condition | Path


def awaited(text: str) -> Awaited:
    """Read a `for`. Raises ValueError that says what would be right."""
    said = text.strip()
    if said in {"create", "delete"}:
        return There(said == "create")
    form, equals, rest = said.partition("=")
    if form == "condition" and equals:
        name, _, value = rest.partition("=")
        if name:
            return Condition(name, value or "True")
    if form == "jsonpath" and equals:
        return _path(rest)
    raise ValueError(f"expected {FORMS}, found {text!r}")


def is_so(wanted: Awaited, live: Manifest | None) -> bool:
    """Say whether an object, or its absence, is what is waited for."""
    if isinstance(wanted, There):
        return (live is not None) is wanted.wanted
    if live is None:
        return False
    if isinstance(wanted, Condition):
        return _status(wanted, live).casefold() == wanted.value.casefold()
    found = _found(wanted.parts, live)
    if wanted.value is None:
        return found not in (None, "", [], {})
    return found is not None and _written(found) == wanted.value


def instead(wanted: Awaited, live: Manifest | None) -> str:
    """Say, after the object's name, what is there instead."""
    if live is None:
        return "is not there yet"
    if isinstance(wanted, There):
        return "is still there"
    if isinstance(wanted, Condition):
        status = _status(wanted, live)
        return f"has {wanted.name} {status}" if status else f"has no condition {wanted.name} yet"
    found = _found(wanted.parts, live)
    if found is None:
        return f"has no {wanted.written} yet"
    if isinstance(found, dict | list):
        return f"has more than one value at {wanted.written}"
    return f"has {_written(found)} at {wanted.written}"


def _path(text: str) -> Path:
    text = text.replace("'{", "{").replace("}'", "}")  # quotes that only a shell needs
    if text.startswith("{"):
        written, closed, rest = text[1:].partition("}")
        if not closed or (rest and not rest.startswith("=")):
            raise ValueError(f"expected {FORMS}, found {text!r}")
        value = rest[1:] if rest else None
    else:
        written, equals, rest = text.partition("=")
        value = rest if equals else None
    return Path(written, _parts(written), value)


def _parts(written: str) -> tuple[str | int | Filter, ...]:
    text = written.strip().removeprefix("$")
    if text and text[0] not in ".[":
        text = f".{text}"
    parts: list[str | int | Filter] = []
    at = 0
    while at < len(text):
        found = PART.match(text, at)
        if found is None:
            raise ValueError(f"expected a path such as {{.status.phase}}, found {written!r}")
        parts.append(_part(found))
        at = found.end()
    if not parts:
        raise ValueError("expected a path such as {.status.phase}")
    return tuple(parts)


def _part(found: re.Match[str]) -> str | int | Filter:
    if found["index"] is not None:
        return int(found["index"])
    if found["field"] is not None:
        value = found["is"] if found["is"] is not None else found["was"]
        return Filter(tuple(found["field"][1:].split(".")), value)
    return str(found["single"] or found["double"] or re.sub(r"\\(.)", r"\1", found["name"]))


def _found(parts: tuple[str | int | Filter, ...], live: Any) -> Any:
    here = live
    for part in parts:
        if isinstance(part, Filter):
            items = here if isinstance(here, list) else []
            here = next((each for each in items if _fits(part, each)), None)
        elif isinstance(part, int):
            inside = isinstance(here, list) and -len(here) <= part < len(here)
            here = here[part] if inside else None
        else:
            here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _fits(wanted: Filter, item: Any) -> bool:
    found = _found(wanted.field, item)
    return found is not None and _written(found) == wanted.value


def _status(wanted: Condition, live: Manifest) -> str:
    """Answer the status of a condition, whose name is known however it is written; empty when it is not there."""
    for each in (live.get("status") or {}).get("conditions") or []:
        name = str(each.get("type", "")) if isinstance(each, Mapping) else ""
        if name.casefold() == wanted.name.casefold():
            return str(condition_of(live, name).get("status", ""))
    return ""


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
