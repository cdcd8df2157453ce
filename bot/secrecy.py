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
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from typing_extensions import override

MASK: Final = "•••"
SHORTEST: Final = 6
"""Characters of a value that is masked: what is shorter stands in too much that is none of it."""
SHORTEST_HALF: Final = 8
"""Characters of a secret that are masked at the end of a text without the rest, and never less than half of it."""
CUT: Final = "…"
"""What a text ends with that was cut."""
LONGEST_TAIL: Final = 4096
"""Characters at the end of a text that was cut in which the beginning of a secret is looked for."""
KEPT_TEXTS: Final = 5000
"""Texts of which it is remembered what they are without secrets."""
KEPT_LENGTH: Final = 300
"""Characters of the longest of them."""
MOST: Final = 1000
"""Values that are remembered of those learned at use; the oldest is forgotten first."""
MOST_TOKENS: Final = 2000
"""Keys and tokens that are remembered of the documents among them: however many one has, it pushes out no value."""
TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_.~-]{20,}")
"""What may be a key or a token in a document such as a kubeconfig."""
CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL
)
"""It is public, in whatever document it stands."""
PASSWORD: Final = re.compile(r"passw|secret|token", re.IGNORECASE)
"""What is in the name of a parameter of a URL that is secret however short it is."""
OF_TOKENS: Final = tuple(re.compile(each) for each in ("[A-Z]", "[a-z]", "[0-9]"))
SIGNING: Final = "whsec_"
"""What a secret of Standard Webhooks begins with."""
SHORTEST_IN_URL: Final = 12
"""Characters of a parameter of a URL, or of the end of its path, that is a token and no word."""
ESCAPE: Final = re.compile(r"%[0-9A-F]{2}")

T = TypeVar("T")
Kept = Mapping[type, Collection[str]]


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

    def __init__(self, above: "Secrecy | None" = None, *, beside: "Secrecy | None" = None) -> None:
        """`above` is a register of which all counts here, too; `beside` one whose names are spared, and no more."""
        self._above = above
        self._beside = above or beside
        self._lasting: set[str] = set()
        self._passing: dict[str, tuple[str, ...]] = {}
        """What is secret in each value: a value counts once, whatever is in it."""
        self._tokens: dict[str, None] = {}
        self._spared: frozenset[str] = frozenset()
        self._forms: dict[str, frozenset[str]] = {}
        """Of what is looked for, so that they are made once."""
        self._own = _Needles(())
        self._together: tuple[_Needles, _Needles] | None = None
        """The needles of the register above, and those of both."""

    def learn(self, *values: str, lasting: bool = False) -> None:
        """Take down values as secret; `lasting`: for good, and not only until many others have come."""
        for each in values:
            text = each.strip()
            parts, tokens = tuple(_parts(text)), tuple(_of_document(text))
            if lasting:
                self._lasting.update(parts, tokens)
            elif not self._lasting.issuperset((*parts, *tokens)):
                self._passing.pop(text, None)
                self._passing[text] = parts
                for token in tokens:
                    self._tokens.pop(token, None)
                    self._tokens[token] = None
        _forget(self._passing, MOST)
        _forget(self._tokens, MOST_TOKENS)
        if self._known() != self._forms.keys():
            self._look_for()

    def spare(self, names: Collection[str]) -> tuple[str, ...]:
        """Mask nothing that is no more than one of these names, which everybody reads; answer those that were secret."""
        self._spared = frozenset(names)
        self._look_for()
        return tuple(sorted(self._spared & self._all()))

    def below(self) -> "Secrecy":
        """Answer a register that knows all of this one, and what it learns besides."""
        return Secrecy(self)

    def apart(self) -> "Secrecy":
        """Answer a register that knows nothing of this one, and spares the names that this one does."""
        return Secrecy(beside=self)

    def clean(self, text: str) -> str:
        """Answer a text with each secret in it masked, the longest first.

        The beginning of one, too, at the end of a text that was cut, which ends with `…`: at least half of it.
        """
        return text if len(text) < SHORTEST else self._needles().taken_out_of(text)

    def cleaned(self, value: T, kept: Kept = MappingProxyType({})) -> T:
        """Answer a value with all texts in it cleaned: maps, lists and dataclasses; the same one where nothing is secret.

        `kept` names for types of dataclasses the fields that stay as they are: what is no text for people.
        """
        return _mapped(value, self, kept) if self._needles().all else value

    def key(self, text: str) -> str:
        """Answer a key of a map with each whole secret in it masked: a key is never cut."""
        return text if len(text) < SHORTEST else self._needles().whole_taken_out_of(text)

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
        return value in self._spared or (self._beside is not None and self._beside._spares(value))

    def _all(self) -> set[str]:
        return {
            *self._lasting,
            *self._tokens,
            *(part for parts in self._passing.values() for part in parts),
        }

    def _known(self) -> set[str]:
        return {each for each in self._all() if not self._spares(each)}

    def _look_for(self) -> None:
        self._forms = {each: self._forms.get(each) or _forms(each) for each in self._known()}
        self._own = _Needles({each for forms in self._forms.values() for each in forms})
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

    def whole_taken_out_of(self, text: str) -> str:
        """Answer a text with all of them masked that are in it as a whole."""
        first = bisect_left(self.all, -len(text), key=lambda each: -len(each))
        for each in self.all[first:]:
            if each in text:
                text = text.replace(each, MASK)
        return text

    def _looked_through(self, text: str) -> str:
        text = self.whole_taken_out_of(text)
        if not text.endswith(CUT):
            return text
        end = len(text.rstrip(CUT))
        first = max(0, end - min(self._longest, LONGEST_TAIL))
        for at in range(first, end - SHORTEST_HALF + 1):
            for each in self._heads.get(text[at : at + SHORTEST_HALF], ()):
                if len(each) <= 2 * (end - at) and each.startswith(text[at:end]):
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


def _forget(known: dict[str, Any], most: int) -> None:
    """Forget the oldest of what is more than `most`."""
    for oldest in list(known)[: max(0, len(known) - most)]:
        del known[oldest]


def _parts(text: str) -> Iterator[str]:
    """Yield a value and what is secret in it by itself: the password of a URL, each of several secrets to sign with."""
    found = (text, *_of_url(text), *_of_signing(text))
    yield from dict.fromkeys(each for each in found if len(each) >= SHORTEST)


def _of_signing(text: str) -> Iterator[str]:
    """Yield the secrets of Standard Webhooks in a text, which may have several, with what it is that they say."""
    if text.startswith(SIGNING):
        for each in text.split():
            yield from (each, each.removeprefix(SIGNING))


def _of_url(text: str) -> Iterator[str]:
    if "://" not in text or any(each.isspace() for each in text):
        return
    try:
        found = urlsplit(text)
        password = found.password or ""
    except ValueError:
        return
    yield from (password, unquote(password))
    for name, value in parse_qsl(found.query):
        if len(value) >= SHORTEST_IN_URL or PASSWORD.search(name):
            yield value
    last = found.path.rpartition("/")[2]
    if len(last) >= SHORTEST_IN_URL and OF_TOKENS[2].search(last):
        yield last


def _of_document(text: str) -> Iterator[str]:
    if "\n" in text or text.startswith(("{", "[")):
        for found in TOKEN.findall(CERTIFICATE.sub("", text)):
            if all(each.search(found) for each in OF_TOKENS):
                yield found


def _forms(value: str) -> frozenset[str]:
    """Answer how others may write a value, as far as that is long enough to be masked."""
    in_url = {quote(value, safe=""), quote(value), quote_plus(value)}
    found = {
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
    return frozenset(each for each in found if len(each) >= SHORTEST)


def _in_base64(raw: bytes) -> Iterator[str]:
    """Yield the characters that a value has in base64 wherever it begins in what is encoded: three ways."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw).decode()
        # A character has six bits: those that share one with what stands around are not the value's own.
        own = coded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        yield from (own, own.replace("+", "-").replace("/", "_"))


def _mapped(value: Any, secrecy: Secrecy, kept: Kept) -> Any:
    """Answer a value with its texts cleaned; itself where they are clean."""
    if isinstance(value, str):
        return value if isinstance(value, Enum) else secrecy.clean(value)
    if isinstance(value, Mapping):
        made = {_key(key, secrecy): _mapped(each, secrecy, kept) for key, each in value.items()}
        same = all(key in value and value[key] is each for key, each in made.items())
        return value if same else made
    if isinstance(value, list | tuple):
        items = [_mapped(each, secrecy, kept) for each in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        named = isinstance(value, tuple) and hasattr(value, "_fields")
        return type(value)(*items) if named else type(value)(items)
    if is_dataclass(value) and not isinstance(value, type):
        left = kept.get(type(value), ())
        changed = {
            each.name: new
            for each in fields(value)
            if each.init
            and each.name not in left
            and (new := _mapped(getattr(value, each.name), secrecy, kept))
            is not getattr(value, each.name)
        }
        return replace(value, **changed) if changed else value
    return value


def _key(key: Any, secrecy: Secrecy) -> Any:
    return secrecy.key(key) if isinstance(key, str) and not isinstance(key, Enum) else key
