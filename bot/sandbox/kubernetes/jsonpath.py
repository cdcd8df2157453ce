"""The part of JSONPath that printer columns use: `.status.phase`, `.a['b.c']`, `.list[0].x`, `.list[?(@.type=="Ready")].x`. Pure."""

import re
from typing import Any

STEP = re.compile(
    r"\.(?P<field>(?:\\.|[^.\[\\])+)"
    r"|\[\?\(@\.(?P<key>[\w.-]+)\s*==\s*[\"'](?P<value>[^\"']*)[\"']\)\]"
    r"|\[['\"](?P<quoted>[^'\"]+)['\"]\]"
    r"|\[(?P<index>-?\d+|\*)\]"
)


def first(subject: Any, path: str) -> Any:
    """Answer the first value that a path leads to; None when it leads nowhere."""
    here = [subject]
    for step in STEP.finditer(path.strip("{}")):
        here = [found for each in here for found in _step(each, step)]
    return here[0] if here else None


def _step(here: Any, step: re.Match[str]) -> list[Any]:
    name = step["field"] or step["quoted"]
    if name is not None:
        name = name.replace("\\.", ".")
        return [here[name]] if isinstance(here, dict) and name in here else []
    items = here if isinstance(here, list) else []
    if step["key"] is not None:
        return [each for each in items if _at(each, step["key"]) == step["value"]]
    if step["index"] == "*":
        return list(items)
    at = int(step["index"])
    return [items[at]] if -len(items) <= at < len(items) else []


def _at(here: Any, path: str) -> str | None:
    for key in path.split("."):
        here = here.get(key) if isinstance(here, dict) else None
    return None if here is None else str(here)
