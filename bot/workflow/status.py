"""`status` as expressions know it: its fields, the names a step answers to, and what an `if` refers to. Pure."""

import re
from collections.abc import Iterator

from bot.catalog.model import Step

STATUS_FIELDS = (
    "phase",
    "reason",
    "message",
    "id",
    "name",
    "type",
    "firstExecuteTime",
    "lastExecuteTime",
    "succeeded",
    "failed",
    "skipped",
    "timeout",
    "failedAfterRetries",
    "terminate",
)

QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
REFERENCE = re.compile(
    r"(?<![\w.\])])status\s*(?:\.\s*(\w+)|\[\s*(?:\"([^\"]*)\"|'([^']*)')\s*\])"
    r"(?:\s*\.\s*(\w+)|\[\s*(?:\"(\w+)\"|'(\w+)')\s*\])?"
)


def also_known_as(step: Step) -> Iterator[str]:
    """Yield the names under which `status` has a step: its own, and as in KubeVela that of its object."""
    yield step.name
    for key in ("name", "component"):
        other = step.properties.get(key)
        if isinstance(other, str) and other and "${{" not in other:
            yield other
            return


def status_references(expression: str) -> Iterator[tuple[str, str]]:
    """Yield (step, field) of each `status.STEP.FIELD` in an expression; the field may be empty."""
    for found in REFERENCE.finditer(expression):
        if _in_text(expression, found.start()):
            continue
        step = found[1] or found[2] or found[3] or ""
        yield step, found[4] or found[5] or found[6] or ""


def _in_text(expression: str, at: int) -> bool:
    return any(found.start() < at < found.end() for found in QUOTED.finditer(expression))
