"""What is known to be secret in this process, so that it can be taken out of whatever leaves it, by its value.

A value is known in the forms in which others repeat it: as it is, in JSON, in a URL, in HTML and in base64, alone or within
something longer. It is no guess: what nobody has said to be secret is looked for elsewhere (`bot.rendering.redaction`).
Nothing here reads a setting, and the pure core knows nothing of it: texts are cleaned where they cross a border.
"""

import base64
import html
import json
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from typing_extensions import override

MASK: Final = "•••"
SHORTEST: Final = 6
"""Characters of a value that is masked: what is shorter stands in too much that is none of it."""
SHORTEST_HALF: Final = 8
"""Characters of a secret that are masked at the end of a text without the rest."""
KEPT_TEXTS: Final = 5000
"""Texts of which it is remembered what they are without secrets."""
KEPT_LENGTH: Final = 300
"""Characters of the longest of them."""
MOST: Final = 1000
"""Values that are remembered of those learned at use; the oldest is forgotten first."""
TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_.~-]{20,}")
"""What may be a key or a token in a document such as a kubeconfig."""
OF_TOKENS: Final = tuple(re.compile(each) for each in ("[A-Z]", "[a-z]", "[0-9]"))
SHORTEST_IN_URL: Final = 12
"""Characters of a parameter of a URL, or of the end of its path, that is a token and no word."""
ESCAPE: Final = re.compile(r"%[0-9A-F]{2}")

T = TypeVar("T")


class Secret:
    """A text that does not show itself."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Answer the text, for the one call that needs it."""
        return self._text

    @override
    def __repr__(self) -> str:
        return "Secret(…)" if self._text else "Secret()"

    def __bool__(self) -> bool:
        return bool(self._text)


class Secrecy:
    """A register of secret values. One for a process, and one `below` it for what is secret to a part of it alone."""

    def __init__(self, above: "Secrecy | None" = None) -> None:
        self._above = above
        self._lasting: set[str] = set()
        self._passing: dict[str, None] = {}
        self._spared: frozenset[str] = frozenset()
        self._own = _Needles(())
        self._together: tuple[_Needles, _Needles] | None = None
        """The needles of the register above, and those of both."""

    def learn(self, *values: str, lasting: bool = False) -> None:
        """Take down values as secret; `lasting`: for good, and not only until many others have come."""
        before = {*self._lasting, *self._passing}
        for part in (part for each in values for part in _parts(each)):
            if lasting:
                self._lasting.add(part)
            elif part not in self._lasting:
                self._passing.pop(part, None)
                self._passing[part] = None
        for oldest in list(self._passing)[: max(0, len(self._passing) - MOST)]:
            del self._passing[oldest]
        if before != {*self._lasting, *self._passing}:
            self._look_for()

    def spare(self, names: Collection[str]) -> tuple[str, ...]:
        """Mask nothing that is no more than one of these names, which everybody reads; answer those that were secret."""
        self._spared = frozenset(names)
        self._look_for()
        return tuple(sorted(self._spared & {*self._lasting, *self._passing}))

    def below(self) -> "Secrecy":
        """Answer a register that knows all of this one, and what it learns besides."""
        return Secrecy(self)

    def clean(self, text: str) -> str:
        """Answer a text with each secret in it masked, the longest first; the first half of one, too, where a text was cut."""
        return text if len(text) < SHORTEST else self._needles().taken_out_of(text)

    def cleaned(self, value: T) -> T:
        """Answer a value with all texts in it cleaned: maps, lists and dataclasses; the same one where nothing is secret."""
        return _mapped(value, self) if self._needles().all else value

    def holds(self, value: object) -> bool:
        """Say whether a secret is in a text, or in a text within a value."""
        return self.cleaned(value) is not value

    def _needles(self) -> "_Needles":
        if self._above is None:
            return self._own
        above = self._above._needles()
        if not self._own.all:
            return above
        if self._together is None or self._together[0] is not above:
            self._together = (above, _Needles({*above.all, *self._own.all}))
        return self._together[1]

    def _spares(self, value: str) -> bool:
        return value in self._spared or (self._above is not None and self._above._spares(value))

    def _look_for(self) -> None:
        kept = [each for each in (*self._lasting, *self._passing) if not self._spares(each)]
        found = {form for each in kept for form in _forms(each) if len(form) >= SHORTEST}
        self._own = _Needles(found)
        self._together = None


class _Needles:
    """Forms of secrets, to be looked for: the longest first, so that none is left of what a shorter one is part of."""

    def __init__(self, forms: Collection[str]) -> None:
        self.all = tuple(sorted(forms, key=len, reverse=True))
        self._heads: dict[str, list[str]] = {}
        for each in self.all:
            if "://" not in each:  # an address begins as many others do
                self._heads.setdefault(each[:SHORTEST_HALF], []).append(each)
        self._longest = len(self.all[0]) if self.all else 0
        self._known: dict[str, str] = {}
        """Messages are made again and again of the same few texts."""

    def taken_out_of(self, text: str) -> str:
        """Answer a text with all of them masked, and one that is cut at its end."""
        if not self.all or len(text) > KEPT_LENGTH:
            return self._looked_through(text)
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= KEPT_TEXTS:
                self._known.clear()
            found = self._known[text] = self._looked_through(text)
        # The very same text: that is how a value is known to be clean.
        return text if found == text else found

    def _looked_through(self, text: str) -> str:
        first = bisect_left(self.all, -len(text), key=lambda each: -len(each))
        for each in self.all[first:]:
            if each in text:
                text = text.replace(each, MASK)
        end = len(text.rstrip("…"))
        for at in range(max(0, end - self._longest), end - SHORTEST_HALF + 1):
            for each in self._heads.get(text[at : at + SHORTEST_HALF], ()):
                if each.startswith(text[at:end]):
                    return f"{text[:at]}{MASK}"
        return text


_here: ContextVar[Secrecy | None] = ContextVar("secrecy", default=None)


@contextmanager
def keeping(secrecy: Secrecy) -> Iterator[None]:
    """Let `secrecy` count for the log lines of all that is done inside."""
    token = _here.set(secrecy)
    try:
        yield
    finally:
        _here.reset(token)


def kept_here(text: str, otherwise: Secrecy) -> str:
    """Answer a text cleaned by the register that counts here, or by another where none does."""
    return (_here.get() or otherwise).clean(text)


def leaves(value: object) -> Iterator[str]:
    """Yield the texts and numbers in a value that is secret: of a Secret of Kubernetes its data, and what that means."""
    if isinstance(value, Mapping):
        inside = [value.get("data"), value.get("stringData")]
        for each in inside if value.get("kind") == "Secret" else value.values():
            yield from leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, str):
        yield value
        meant = _decoded(value)
        if meant:
            yield meant
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _decoded(text: str) -> str:
    """Answer what a text means in base64; empty where it is none, or no text."""
    try:
        meant = base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""
    return meant if meant.strip().isprintable() or "\n" in meant else ""


def _parts(value: str) -> Iterator[str]:
    """Yield a value and what is secret in it by itself: the password of a URL, the keys in a document."""
    text = value.strip()
    yield from (
        each for each in (text, *_of_url(text), *_of_document(text)) if len(each) >= SHORTEST
    )


def _of_url(text: str) -> Iterator[str]:
    if "://" not in text or any(each.isspace() for each in text):
        return
    try:
        found = urlsplit(text)
        password = found.password or ""
    except ValueError:
        return
    yield from (password, unquote(password))
    for _, value in parse_qsl(found.query):
        if len(value) >= SHORTEST_IN_URL:
            yield value
    last = found.path.rpartition("/")[2]
    if len(last) >= SHORTEST_IN_URL and OF_TOKENS[2].search(last):
        yield last


def _of_document(text: str) -> Iterator[str]:
    if "\n" in text or text.startswith(("{", "[")):
        for found in TOKEN.findall(text):
            if all(each.search(found) for each in OF_TOKENS):
                yield found


def _forms(value: str) -> set[str]:
    """Answer how others may write a value."""
    in_url = {quote(value, safe=""), quote(value), quote_plus(value)}
    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
        *in_url,
        *(ESCAPE.sub(lambda found: found[0].lower(), each) for each in in_url),
        *_in_base64(value.encode()),
    }


def _in_base64(raw: bytes) -> Iterator[str]:
    """Yield the characters that a value has in base64 wherever it begins in what is encoded: three ways."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw).decode()
        # A character has six bits: those that share one with what stands around are not the value's own.
        own = coded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        yield from (own, own.replace("+", "-").replace("/", "_"))


def _mapped(value: Any, secrecy: Secrecy) -> Any:
    """Answer a value with its texts cleaned; itself where they are clean."""
    if isinstance(value, str):
        return value if isinstance(value, Enum) else secrecy.clean(value)
    if isinstance(value, Mapping):
        made = {_mapped(key, secrecy): _mapped(each, secrecy) for key, each in value.items()}
        same = all(key in value and value[key] is each for key, each in made.items())
        return value if same else made
    if isinstance(value, list | tuple):
        items = [_mapped(each, secrecy) for each in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        named = isinstance(value, tuple) and hasattr(value, "_fields")
        return type(value)(*items) if named else type(value)(items)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: new
            for each in fields(value)
            if each.init
            and (new := _mapped(getattr(value, each.name), secrecy))
            is not getattr(value, each.name)
        }
        return replace(value, **changed) if changed else value
    return value
