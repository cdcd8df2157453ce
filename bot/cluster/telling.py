"""What was found out about several objects, cut to what a message takes and a file for the rest. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cluster.port import Explanation

LINES = 20
"""Lines of an explanation."""
LOG_LINES = 5
"""Lines of one log among them."""
WIDTH = 200
"""Characters of a line."""
LOG_BYTES = 200_000
"""Bytes of the file."""


@dataclass(frozen=True, slots=True)
class Words:
    """What one container said last, oldest line first, without secrets."""

    pod: str
    container: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one object: lines without secrets, and the last words of its containers."""

    lines: tuple[str, ...]
    said: tuple[Words, ...] = ()


def told(found: Sequence[Told]) -> Explanation:
    """Put together what is known of all objects: each gets its share of the lines."""
    share = max(LOG_LINES + 1, LINES // max(1, len(found)))
    lines = [line for each in found for line in _share(each, share)]
    shown = tuple(dict.fromkeys(lines))[:LINES]
    said = [each for one in found for each in one.said]
    return Explanation(lines=shown, log=_log(said) if _is_more(said, shown) else "")


def _share(one: Told, share: int) -> list[str]:
    """Answer the lines of one object: what is known, then the end of what was said."""
    known = [_cut(each) for each in one.lines[: max(1, share - LOG_LINES * bool(one.said))]]
    left = share - len(known)
    for each in one.said:
        most = max(1, min(left, LOG_LINES if one.lines else left // len(one.said)))
        known += [_cut(f"{each.container} | {line}") for line in each.lines[-most:]]
    return known


def _is_more(said: Sequence[Words], shown: Sequence[str]) -> bool:
    """Say whether something was said that does not stand among the lines as it was."""
    whole = set(shown)
    return any(f"{each.container} | {line}" not in whole for each in said for line in each.lines)


def _log(said: Sequence[Words]) -> str:
    """Write all that was said, the last part of it when it is too much for a file."""
    parts = ["\n".join([f"# {each.pod}, container {each.container}", *each.lines]) for each in said]
    raw = "\n\n".join(parts).encode()
    if len(raw) <= LOG_BYTES:
        return raw.decode() + "\n"
    kept = raw[-LOG_BYTES:]
    return kept[kept.find(b"\n") + 1 :].decode(errors="ignore") + "\n"


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
