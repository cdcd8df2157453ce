"""Label and field selectors, as query parameters carry them."""

import re
from collections.abc import Callable
from typing import Any

from bot.sandbox.kubernetes.errors import StatusError

Object = dict[str, Any]
Test = Callable[[Object], bool]

NAMES = ("metadata.name", "metadata.namespace")
SET_BASED = re.compile(r"^(?P<key>[^\s!=,]+)\s+(?P<op>in|notin)\s+\((?P<values>[^)]*)\)$")
VALUE = re.compile(r"([A-Za-z0-9]([\w.-]*[A-Za-z0-9])?)?", re.ASCII)
KEY = re.compile(r"([a-z0-9.-]+/)?[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?", re.ASCII)


def labels(text: str) -> Test:
    """Parse a label selector (`app=web,tier!=db,env in (a,b),!old`). Raises StatusError 400."""
    tests = [_requirement(part.strip()) for part in _split(text) if part.strip()]

    def matches(subject: Object) -> bool:
        found: dict[str, str] = subject["metadata"].get("labels") or {}
        return all(test(found) for test in tests)

    return matches


def fields(text: str, known: tuple[str, ...] = ()) -> Test:
    """Parse a field selector (`metadata.name=web,status.phase!=Running`). Raises StatusError 400.

    `known` are the fields that can be selected by, beside the name and the namespace.
    """
    wanted: list[tuple[list[str], bool, str]] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        equal = "!=" not in part
        path, found, value = part.replace("==", "=").partition("=" if equal else "!=")
        if not found:
            raise StatusError(400, f"unable to parse requirement: invalid selector: '{part}'")
        if path not in {*NAMES, *known}:
            listed = f'only "{NAMES[0]}", "{NAMES[1]}"'
            said = f'"{path}" is not a known field selector: {listed}'
            raise StatusError(400, f"field label not supported: {path}" if known else said)
        wanted.append((path.split("."), equal, value))

    def matches(subject: Object) -> bool:
        return all((_at(subject, path) == value) is equal for path, equal, value in wanted)

    return matches


def selector_labels(selector: Object) -> Test:
    """Make a test of a LabelSelector object (matchLabels and matchExpressions)."""
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or []:
        values = ",".join(each.get("values") or [])
        parts.append(
            {
                "In": f"{each['key']} in ({values})",
                "NotIn": f"{each['key']} notin ({values})",
                "Exists": each["key"],
                "DoesNotExist": f"!{each['key']}",
            }[each["operator"]]
        )
    return labels(",".join(parts))


def _at(subject: Object, path: list[str]) -> str:
    found: Any = subject
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    if found is None:
        return ""
    return str(found).lower() if isinstance(found, bool) else str(found)


def _split(text: str) -> list[str]:
    return re.split(r",(?![^(]*\))", text)


def _requirement(part: str) -> Callable[[dict[str, str]], bool]:
    match = SET_BASED.match(part)
    if match:
        key, values = _key(match["key"]), {_value(each) for each in match["values"].split(",")}
        if match["op"] == "in":
            return lambda found: found.get(key) in values
        return lambda found: found.get(key) not in values
    if part.startswith("!"):
        absent = _key(part[1:])
        return lambda found: absent not in found
    if "!=" in part:
        name, _, text = part.partition("!=")
        key, value = _key(name), _value(text)
        return lambda found: found.get(key) != value
    if "=" in part:
        name, _, text = part.replace("==", "=").partition("=")
        key, value = _key(name), _value(text)
        return lambda found: found.get(key) == value
    present = _key(part)
    return lambda found: present in found


def _key(text: str) -> str:
    words = text.split()
    if len(words) > 1 and KEY.fullmatch(words[0]):
        operators = "in, notin, =, ==, !=, gt, lt"
        raise StatusError(
            400, f"unable to parse requirement: found '{words[1]}', expected: {operators}"
        )
    if not KEY.fullmatch(text.strip()):
        raise StatusError(
            400, f"unable to parse requirement: found '{text.strip()}', expected: identifier"
        )
    return text.strip()


def _value(text: str) -> str:
    if not VALUE.fullmatch(text.strip()):
        raise StatusError(
            400, f'unable to parse requirement: values[0]: Invalid value: "{text.strip()}"'
        )
    return text.strip()
