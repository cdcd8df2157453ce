"""The values of a field as a person reads them, short and without secrets. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.forecast.alignment import ABSENT, Path
from bot.forecast.excerpts import TOO_LONG, around, changed_lines, cut, excerpt, is_long
from bot.forecast.masking import is_secret, shown
from bot.rendering.images import parse_image
from bot.rendering.redaction import HIDDEN
from bot.wording import Sentence

_SOURCES: Final = {"secretKeyRef": "Secret", "configMapKeyRef": "ConfigMap"}
_DIGEST: Final = 12
"""Characters of a digest that tell it from others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a field was and becomes (empty: not there), or of long values the lines that differ."""

    before: str = ""
    after: str = ""
    excerpt: tuple[str, ...] = ()


def told(path: Path, before: Any, after: Any, *, hidden: bool = False) -> Told:
    """Tell how a field changes. `hidden`: only that it does."""
    secret = hidden or is_secret(_names(path))
    if secret:
        return Told(before=_or_nothing(before, HIDDEN), after=_or_nothing(after, HIDDEN))
    if any(isinstance(each, str) and len(each) > TOO_LONG for each in (before, after)):
        return Told(before=_size(before), after=_size(after))
    was, becomes = _text(before, path), _text(after, path)
    if was == becomes:  # what differs is a secret inside of it
        return Told(before=HIDDEN, after=HIDDEN)
    if path[-1].name == "image" and was and becomes:
        was, becomes = _images(was, becomes)
        return Told(before=was, after=becomes)
    if was and becomes and ("\n" in was.strip("\n") or "\n" in becomes.strip("\n")):
        lines = excerpt(was, becomes)
        whole = changed_lines(str(before), str(after)) == changed_lines(was, becomes)
        rest = Sentence("… and what is hidden here ({hidden})", hidden=HIDDEN)
        return Told(excerpt=lines if whole else (*lines, rest))
    if was and becomes:
        was, becomes = around(was, becomes)
    return Told(before=_short(was), after=_short(becomes))


def told_value(value: Any, path: Path, *, hidden: bool = False) -> str:
    """Tell one value."""
    if hidden or is_secret(_names(path)):
        return HIDDEN
    return _short(_text(value, path))


def _size(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    return Sentence("{n},000 characters", n=f"{len(value) / 1000:.0f}")


def _or_nothing(value: Any, text: str) -> str:
    return "" if value is ABSENT else text


def _names(path: Path) -> list[str]:
    """Answer the names by which a secret is known: of fields and variables, not of containers and volumes."""
    return [
        each.name
        for at, each in enumerate(path)
        if not each.item
        or path[at - 1].name == "env"
        or [one.name for one in path[at + 1 :]] == ["value"]
    ]


def _text(value: Any, path: Path) -> str:
    """Answer a value as a text without secrets; empty: it is not there."""
    if value is ABSENT:
        return ""
    if not isinstance(value, Mapping):
        return shown(value, _names(path))
    if "value" in value and set(value) <= {"name", "value"}:
        return shown(value["value"], _names(path))
    source = value.get("valueFrom")
    if isinstance(source, Mapping):
        for kind, what in _SOURCES.items():
            if isinstance(source.get(kind), Mapping):
                name, key = source[kind].get("name"), source[kind].get("key")
                return Sentence("from {what} {name}, {key}", what=what, name=name, key=key)
    if isinstance(value.get("image"), str):
        return shown(value["image"], ("image",))
    return shown({key: each for key, each in value.items() if key != "name"} or value, _names(path))


def _images(before: str, after: str) -> tuple[str, str]:
    """Answer two images without what they have in common."""
    try:
        old, new = parse_image(before), parse_image(after)
    except ValueError:
        return _short(before), _short(after)
    if old.name != new.name or not (old.complete and new.complete):
        return _short(before), _short(after)
    if old.tag != new.tag and old.tag and new.tag:
        return old.tag, new.tag
    return _version(old.tag, old.digest), _version(new.tag, new.digest)


def _version(tag: str, digest: str) -> str:
    algorithm, _, content = digest.partition(":")
    short = f"@{algorithm}:{content[:_DIGEST]}…" if digest else ""
    return f"{tag}{short}" or Sentence("no version")


def _short(text: str) -> str:
    """Answer a text that a line has room for."""
    if not is_long(text):
        return text if isinstance(text, Sentence) else text.strip("\n")
    lines = text.strip("\n").splitlines()
    return Sentence("{n} lines", n=len(lines)) if len(lines) > 1 else cut(text)
