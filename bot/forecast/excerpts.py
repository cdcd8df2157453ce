"""What of two long texts differs, short enough for a phone. Pure."""

import difflib
from typing import Final

from bot.wording import Sentence

LONG: Final = 100
"""Characters from which a text is not shown whole."""
MOST_LINES: Final = 12
TOO_LONG: Final = 200_000
"""Characters from which a text is not looked into: everyone would wait for it."""
LONGEST_LINE: Final = 90
AROUND: Final = 25
"""Characters shown before the first difference of two long lines, and after the last."""


def is_long(text: str) -> bool:
    """Say whether a text is shown by excerpt only."""
    return "\n" in text.strip("\n") or len(text) > LONG


def excerpt(before: str, after: str) -> tuple[str, ...]:
    """Answer the lines of two texts that differ, each with `-` or `+`, with a line around them and a sign where some are missing."""
    found: list[str] = []
    old, new = before.splitlines(), after.splitlines()
    for at, line in enumerate(difflib.unified_diff(old, new, lineterm="", n=1)):
        if at < 2:
            continue  # the names of the files, which are none
        if line.startswith("@@"):
            found += ["…"] if found else []
        else:
            found.append(cut(line, LONGEST_LINE))
    if len(found) > MOST_LINES:
        more = len(found) - MOST_LINES + 1
        found = [*found[: MOST_LINES - 1], Sentence("… {n} more lines", n=more)]
    return tuple(found)


def changed_lines(before: str, after: str) -> int:
    """Count the lines that go and come."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return sum(at > 1 and each[:1] in {"-", "+"} for at, each in enumerate(lines))


def around(before: str, after: str) -> tuple[str, str]:
    """Answer two texts of one line each, cut to where they differ."""
    if max(len(before), len(after)) <= LONG:
        return before, after
    shortest = min(len(before), len(after))
    first = next((at for at in range(shortest) if before[at] != after[at]), shortest)
    last = next(
        (at for at in range(shortest - first) if before[-1 - at] != after[-1 - at]),
        shortest - first,
    )
    return _window(before, first, last), _window(after, first, last)


def cut(text: str, longest: int = LONG) -> str:
    """Answer a text with at most `longest` characters and a sign where some are missing."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _window(text: str, first: int, last: int) -> str:
    begin, end = max(0, first - AROUND), min(len(text), len(text) - last + AROUND)
    return cut(f"{'…' if begin else ''}{text[begin:end]}{'…' if end < len(text) else ''}")
