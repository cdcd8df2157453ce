"""What stands in a cell of a table: times, counts and texts read off an object. Pure."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]
Column = tuple[str, Callable[[Object], Any], int]
"""A heading, what stands below it, and its priority: 1 is shown by `-o wide` only."""
NONE = "<none>"


def age(subject: Object) -> str:
    """Answer how old an object is, as kubectl writes it: `5s`, `3m12s`, `2h`, `4d`."""
    return since(subject["metadata"].get("creationTimestamp"))


def since(moment: str | None, until: str | None = None) -> str:
    """Answer how long ago a moment was (or how long before `until`), as kubectl writes it."""
    if not moment:
        return "<unknown>"
    end = datetime.fromisoformat(until) if until else datetime.now(UTC)
    seconds = int((end - datetime.fromisoformat(moment)).total_seconds())
    if seconds < 120:
        return f"{max(0, seconds)}s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = minutes // 60
    return f"{hours}h" if hours < 48 else f"{hours // 24}d"


def dig(here: Any, *path: str, default: Any = None) -> Any:
    """Answer what a path leads to, or the default."""
    for key in path:
        here = here.get(key) if isinstance(here, dict) else None
    return default if here is None else here


def at(*path: str, default: Any = "") -> Callable[[Object], Any]:
    """Make a cell of what a path leads to."""
    return lambda subject: dig(subject, *path, default=default)


def name(subject: Object) -> str:
    """Answer an object's name."""
    return str(subject["metadata"]["name"])


def of_template(field: str, *path: str) -> Callable[[Object], str]:
    """Make a cell of a field of all containers of a template."""

    def cell(subject: Object) -> str:
        containers = dig(subject, *path, "spec", "containers", default=[])
        return ",".join(str(each.get(field, "")) for each in containers)

    return cell


def selector(subject: Object) -> str:
    """Answer a workload's or Service's selector as text."""
    found = dig(subject, "spec", "selector", default={})
    found = found.get("matchLabels", {} if "matchExpressions" in found else found)
    return labels(found)


def labels(found: Object) -> str:
    """Write labels as a selector."""
    return ",".join(f"{key}={value}" for key, value in sorted(found.items())) or NONE


def ready(subject: Object) -> str:
    """Answer how many replicas of how many are ready."""
    wanted = dig(subject, "spec", "replicas", default=1)
    return f"{dig(subject, 'status', 'readyReplicas', default=0)}/{wanted}"


def size(*fields: str) -> Callable[[Object], int]:
    """Make a cell that counts the entries of fields."""
    return lambda subject: sum(len(subject.get(field) or {}) for field in fields)


def listed(values: Iterable[object], empty: str = "<unset>", most: int = 3) -> str:
    """Join the first few values, as kubectl does."""
    found = [str(each) for each in values]
    more = f" + {len(found) - most} more..." if len(found) > most else ""
    return ",".join(found[:most]) + more or empty


def modes(subject: Object, *path: str) -> str:
    """Answer access modes in short: `RWO`."""
    short = {
        "ReadWriteOnce": "RWO",
        "ReadOnlyMany": "ROX",
        "ReadWriteMany": "RWX",
        "ReadWriteOncePod": "RWOP",
    }
    return ",".join(short.get(each, each) for each in dig(subject, *path, default=[]))
