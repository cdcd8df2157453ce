"""Cuts typed text into words, as forgiving as a phone's keyboard asks for.

Knows quotation marks of several languages, dashes that a phone makes of `--`, Slack's escaping and links,
and backticks. Knows no verb: what a word means is `grammar`'s business. Everything that `quote` writes is
read back exactly, so that a button's command means what it meant when it was made.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from bot.command.chinese import OPTION_NAMES, english_option, loosened

_END = r"(?=[.,;`，。；、]*(?:\s|\Z))"
_TEXT_FLAGS = re.DOTALL

OPTION = re.compile(
    rf"[-‐‑‒–—―−－─]{{1,3}}(?P<name>[A-Za-zＡ-Ｚａ-ｚ][A-Za-zＡ-Ｚａ-ｚ-]*|{OPTION_NAMES})"
    r"(?:(?P<equals>[=＝])|(?=\s|\Z|[「『《“＂]))"
)
PAIR = re.compile(r"[A-Za-z0-9Ａ-Ｚａ-ｚ０-９][A-Za-z0-9Ａ-Ｚａ-ｚ０-９._-]*[=＝]")
BARE = re.compile(r"(?:<[^<>]*>|\S)*")
GAP = re.compile(r"\s*")
AFTER_QUOTE = re.compile(r"[.,;`，。；、]*")
QUOTED = (
    re.compile(
        rf'"(?P<inner>(?:\\["\\]|\\(?!["\\])|[^"\\]|"(?!{_END}))*)"{_END}',
        _TEXT_FLAGS,
    ),
    re.compile(
        rf'["“”„«»＂](?P<inner>(?:[^“”«»"＂]|[“”«»"＂](?!{_END}))*)[“”«»"＂]{_END}',
        _TEXT_FLAGS,
    ),
    re.compile(rf"[「『《](?P<inner>(?:[^」』》]|[」』》](?!{_END}))*)[」』》]{_END}", _TEXT_FLAGS),
    re.compile(rf"['‘’‚‹›](?P<inner>(?:[^'‘’‹›]|['‘’‹›](?!{_END}))*)['‘’‹›]{_END}", _TEXT_FLAGS),
)
UNCLOSED = re.compile(r'["“„«＂「『《]')
PUNCTUATION = "，。；、！？｡､"
"""What an input method for Chinese puts behind a word; never part of an argument."""
MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
ENTITY = re.compile(r"&(amp|lt|gt);")
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
SPOKEN_TO = re.compile(r"\A(\s*(?:<@[^<>]*>|@[^\s<>:：,，]+))[:：,，]")
PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:/#@+-]*[A-Za-z0-9_:/#@+-])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word. `text` is what it says as an argument, `raw` how that was typed.

    For an option, `option` is its name, and `text` and `raw` are what follows its `=` (`assigned`), if there
    is one; `head` is what stands before that. `end` is where the word ends.
    """

    text: str
    raw: str
    end: int
    head: str = ""
    option: str = ""
    assigned: bool = False
    quoted: bool = False
    unclosed: bool = False
    """It begins with a quotation mark that nothing closes."""

    @property
    def typed(self) -> str:
        """The whole word as it was typed."""
        return self.head + self.raw


def clean(text: str) -> str:
    """Take out what cannot be seen: control characters, zero-width and direction marks.

    A sign right behind whom the text speaks to, as `@shipmate：deploy` has it, becomes a space; so does nothing
    between a Chinese verb and what follows it.
    """
    return loosened(SPOKEN_TO.sub(r"\1 ", INVISIBLE.sub("", text)))


def split(text: str) -> list[Word]:
    """Cut `text` at white space of any kind, quoted parts kept together."""
    words: list[Word] = []
    position = _skip(text, 0)
    while position < len(text):
        words.append(_word(text, position))
        position = _skip(text, words[-1].end)
    return words


def free(text: str) -> str:
    """Answer what free text says: Slack's links, mentions and escapes as a person reads them."""
    return _decoded(text).strip()


def unescaped(text: str) -> str:
    """Undo the escaping of `&`, `<` and `>` that Slack does on the way."""
    return ENTITY.sub(_character, text)


def quote(value: str) -> str:
    """Write `value` as one word that is read back exactly."""
    if PLAIN.fullmatch(value):
        return value
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _skip(text: str, position: int) -> int:
    gap = GAP.match(text, position)
    return gap.end() if gap else position


def _word(text: str, start: int) -> Word:
    option = OPTION.match(text, start)
    if option is None:
        return _value(text, start)
    name = english_option(_plain(option["name"]).lower())
    if not option["equals"]:
        return Word(text="", raw="", end=option.end(), head=option[0], option=name)
    return replace(_value(text, option.end()), head=option[0], option=name, assigned=True)


def _value(text: str, body: int) -> Word:
    """Read what begins at `body`; a `component=` before a quoted image belongs to the word."""
    pair = PAIR.match(text, body)
    inside = pair.end() if pair else body
    for form in QUOTED:
        quoted = form.match(text, inside)
        if quoted is not None:
            said = re.sub(r'\\(["\\])', r"\1", quoted["inner"])
            after = AFTER_QUOTE.match(text, quoted.end())
            end = after.end() if after else quoted.end()
            value = _plain(text[body:inside]) + _decoded(said)
            return Word(text=value, raw=text[body:end], end=end, quoted=True)
    bare = BARE.match(text, body)
    raw = bare[0] if bare else ""
    return Word(
        text=_plain(_decoded(raw.strip("`"))),
        raw=raw,
        end=body + len(raw),
        unclosed=UNCLOSED.match(text, inside) is not None,
    )


def _decoded(text: str) -> str:
    return unescaped(MARKUP.sub(_readable, text))


def _plain(text: str) -> str:
    """Answer a word in the characters that a name has: full-width letters, digits and signs are the plain ones."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.rstrip(PUNCTUATION))


def _character(entity: re.Match[str]) -> str:
    return {"amp": "&", "lt": "<", "gt": ">"}[entity[1]]


def _readable(markup: re.Match[str]) -> str:
    """Answer what Slack's `<…>` stands for: `<http://x|x>` for x, `<@U1|dev>` for @dev."""
    target, label = markup[1], markup[2] or ""
    sign = target[:1]
    if sign in {"@", "#"}:
        return sign + (label or target[1:])
    if sign == "!":
        return label or "@" + target[1:]
    if not re.match(r"(?:https?://|mailto:|tel:)", target):
        return markup[0]
    address = re.sub(r"^(?:mailto|tel):", "", target)
    if not label or address.rstrip("/").endswith(label.rstrip("/")):
        return label or address
    return f"{label} ({address})"
