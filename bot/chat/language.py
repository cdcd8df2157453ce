"""The languages that the bot speaks. A sentence stands in the code in English, and in a catalogue in each other language.

After gettext's conventions: the English text is the key, `{name}` is filled in after the translation, and a number
chooses the form of the plural. What the language is follows from who reads (`speaking`), so that presenters say
what they say without knowing it. A text that no catalogue has stays English: a test fails for each of them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Final

from babel.messages.pofile import read_po

from bot.chat.message import Line, Span
from bot.languages import ENGLISH, LANGUAGES
from bot.wording import Sentence

__all__ = ["LANGUAGES", "_", "line", "ngettext", "nline", "one_after_the_other", "speaking"]

_speaking: ContextVar[str] = ContextVar("speaking", default=ENGLISH)

BETWEEN_SENTENCES: Final = {ENGLISH: " "}
"""What stands between two sentences; in Chinese nothing does."""


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything inside in a language of `LANGUAGES`; one that is not known, or empty, is English."""
    token = _speaking.set(language if language in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _speaking.reset(token)


def spoken() -> str:
    """Answer the language that is spoken."""
    return _speaking.get()


def _(text: str, /, **values: object) -> str:
    """Say a text in the language that is spoken, with `{name}` filled in. A Sentence brings its own values."""
    if isinstance(text, Sentence):
        return _(text.template, **text.values)
    said = _translated(text)
    return said.format(**{name: _value(each) for name, each in values.items()}) if values else said


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Say the form of a text that fits a number; `{n}` is the number."""
    return _plural(one, many, n).format(
        n=n, **{name: _value(each) for name, each in values.items()}
    )


def line(text: str, /, **values: Span | Line | int) -> Line:
    """Say a text with marked-up parts in place of `{name}`."""
    return _filled(_translated(text), values)


def nline(one: str, many: str, n: int, /, **values: Span | Line | int) -> Line:
    """Say the form of a line that fits a number; `{n}` is the number."""
    return _filled(_plural(one, many, n), {"n": n, **values})


def one_after_the_other(*sentences: str) -> str:
    """Put sentences one after the other; empty ones are left out."""
    return BETWEEN_SENTENCES.get(spoken(), "").join(each for each in sentences if each)


def _value(value: object) -> object:
    return _(value) if isinstance(value, Sentence) else value


def _filled(text: str, values: dict[str, Span | Line | int]) -> Line:
    spans: list[Span] = []
    for literal, name, _spec, _conversion in Formatter().parse(text):
        if literal:
            spans.append(literal)
        if name is not None:
            value = values[name]
            if isinstance(value, tuple):
                spans += value
            else:
                spans.append(str(_value(value)) if isinstance(value, str | int) else value)
    return _together(spans)


def _together(spans: list[Span]) -> Line:
    """Join texts that stand beside each other, so that the same words make the same line."""
    joined: list[Span] = []
    for each in spans:
        if isinstance(each, str) and joined and isinstance(joined[-1], str):
            joined[-1] = f"{joined[-1]}{each}"
        elif each != "":
            joined.append(each)
    return tuple(joined)


def _translated(text: str) -> str:
    return catalogue(spoken()).get(text, text)


def _plural(one: str, many: str, n: int) -> str:
    return catalogue(spoken()).get(one) or (one if n == 1 else many)


@cache
def catalogue(language: str) -> dict[str, str]:
    """Read what the texts are in a language, by their English; nothing for English itself.

    Of a text with forms of the plural it is the first: Chinese has no other.
    """
    if language == ENGLISH:
        return {}
    path = files("bot.chat").joinpath("locale", language, "LC_MESSAGES", "shipmate.po")
    with path.open("rb") as file:
        read = read_po(file, locale=language)
    return {_first(each.id): _first(each.string) for each in read if each.id and each.string}


def _first(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else text[0]
