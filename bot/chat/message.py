"""A message in no chat's own terms: what presenters write and each chat's renderer turns into its own.

Text is *marked up* by small values, never by a chat's syntax, so that nothing a person wrote (a reason, a
branch name) can become a mention or a link: a renderer escapes every plain string.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Bold:
    """Emphasis."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A literal: an image, a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a URL."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person, by the name in workflows/; notified when `notify`, named otherwise."""

    person: str
    notify: bool = False


@dataclass(frozen=True, slots=True)
class Time:
    """A moment, shown in the reader's own zone."""

    at: datetime
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Icon:
    """A symbol by its meaning: `done`, `failed`, `running`, `waiting`, `pending`, `skipped`, `stopped`, `ship`, `back`, `warning`, `lock`, `unlock`, `freeze`."""

    name: str


@dataclass(frozen=True, slots=True)
class Markup:
    """Slack mrkdwn that a workflow's author wrote: passed through, with mentions of everyone taken out."""

    text: str


Span = str | Bold | Code | Link | Mention | Time | Icon | Markup
Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A short title in large letters."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A paragraph: its lines stand below each other. `faint`: secondary, small."""

    lines: tuple[Line, ...]
    faint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Pairs of a name and a value, side by side where there is room."""

    pairs: tuple[tuple[str, Line], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preformatted:
    """Lines as they are: logs, differences."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Divider:
    """A line across."""


class ButtonStyle(StrEnum):
    """How a button looks."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """A question before a button takes effect."""

    title: str
    text: str
    yes: str
    no: str = "Cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """The same request that a person could type: `command` is its text. `action` is unique in the message."""

    action: str
    label: str
    command: str
    style: ButtonStyle = ButtonStyle.PLAIN
    confirm: Confirm | None = None
    described: str = ""
    """For screen readers: `Approve the step approval of shop/prod#17`."""
    typed: str = ""
    """How a person types the request; empty: as `command` says it."""
    people: tuple[str, ...] | None = None
    """The names of those whom it is offered to; None: everyone. It may be pressed by others, who are refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """A row of buttons."""

    buttons: tuple[Button, ...]


Block = Header | Text | Fields | Preformatted | Divider | Actions


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is shown. `summary` stands in notifications and for screen readers and says it all in a sentence or two."""

    summary: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value to choose."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question of a form. With `choices` it is chosen, else written."""

    name: str
    label: str
    choices: tuple[Choice, ...] = ()
    multiline: bool = False
    optional: bool = False
    hint: str = ""
    initial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Questions that complete a request. `command` is its text so far; `channel` where it was asked."""

    title: str
    submit: str
    command: str
    channel: str
    fields: tuple[Field, ...]
    intro: tuple[Line, ...] = ()
