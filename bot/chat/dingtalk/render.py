"""Messages as DingTalk takes them: its Markdown, StandardCards, the variables of a template. Pure.

What people wrote never becomes markup: the signs that mean something are broken up by a space that nobody sees. A single
line break counts for nothing in DingTalk, so lines end with two spaces. There are no tables and no code; a log is a quote.
Source: open-dingtalk/developerpedia; the sample cards of dingtalk-stream.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any, Final

from bot.chat.message import (
    Actions,
    Block,
    Bold,
    Button,
    ButtonStyle,
    Code,
    Divider,
    Fields,
    Header,
    Icon,
    Line,
    Link,
    Markup,
    Mention,
    Message,
    Preformatted,
    Span,
    Text,
    Time,
)
from bot.chat.reception import SURE

Json = dict[str, Any]

ICONS: Final[Mapping[str, str]] = {
    "done": "✅",
    "failed": "❌",
    "running": "⏳",
    "waiting": "✋",
    "pending": "⚪",
    "skipped": "⏭️",
    "stopped": "🛑",
    "ship": "🚢",
    "back": "⏪",
    "warning": "⚠️",
    "lock": "🔒",
    "unlock": "🔓",
    "freeze": "❄️",
}
STYLES: Final[Mapping[ButtonStyle, str]] = {
    ButtonStyle.PLAIN: "normal",
    ButtonStyle.PRIMARY: "primary",
    ButtonStyle.DANGER: "warning",
}
ZONE: Final = timezone(timedelta(hours=8))
"""China has one zone, all year; DingTalk says no other one of its users."""
MEANS: Final = re.compile(r"([*_~`\[\]<>!|\\])")
BEGINS: Final = re.compile(r"(?m)^(\s*)([#>+-]|\d+\.)")
LONGEST_BYTES: Final = 12_000
"""Of a text: DingTalk takes some 15,000 for a whole message."""
LONGEST_TITLE: Final = 80
LONGEST_LABEL: Final = 40
LONGEST_LOG: Final = 2_000
NAME: Final = "Shipmate"
BREAK: Final = "  \n"
HIDDEN: Final = "\u200b"
INDENT: Final = "\u2003"
"""A wide space: Markdown drops the usual ones at the beginning of a line."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a message: a text, a row of buttons, or a line across (neither)."""

    text: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message in DingTalk's terms. `title` is what the list of conversations shows."""

    title: str
    parts: tuple[Part, ...]
    headed: bool = False
    """Whether the title is a header of its own, and says nothing that stands below."""

    @property
    def buttons(self) -> tuple[Button, ...]:
        """All buttons."""
        return tuple(each for part in self.parts for each in part.buttons)


def rendered(message: Message) -> Rendered:
    """Render a message."""
    header = next((each.text for each in message.blocks if isinstance(each, Header)), "")
    summary = _unmarked(message.summary) if _is_authored(message) else message.summary
    parts = [_part(each) for each in message.blocks if not isinstance(each, Header)]
    return Rendered(
        title=cut(header or " ".join(summary.split()), LONGEST_TITLE),
        parts=_fitting(parts),
        headed=bool(header),
    )


def standard_card(message: Rendered, *, pressed: bool = True) -> Json:
    """Answer the JSON of a StandardCard that cannot be forwarded. `pressed`: it has buttons, and else their requests in words."""
    contents: list[Json] = []
    for number, each in enumerate(message.parts):
        if each.buttons and pressed:
            actions = [_button(one, f"{number}.{at}") for at, one in enumerate(each.buttons)]
            contents.append({"type": "action", "actions": actions, "id": f"actions{number}"})
        elif each.text or each.buttons:
            text = each.text or _typed(each.buttons)
            contents.append({"type": "markdown", "text": text, "id": f"text{number}"})
        else:
            contents.append({"type": "divider", "id": f"line{number}"})
    return {
        "config": {"autoLayout": True, "enableForward": False},
        "header": {"title": {"type": "text", "text": _heading(message)}},
        "contents": contents,
    }


def _heading(message: Rendered) -> str:
    """Answer what stands above a card: its title, unless that is said right below."""
    first = message.parts[0].text if message.parts else ""
    said = first.replace(HIDDEN, "").replace("**", "")
    return message.title if message.headed or message.title not in said else NAME


def in_words(message: Rendered) -> str:
    """Answer all of a message as Markdown, with the requests of its buttons as one types them."""
    texts = [_typed(each.buttons) if each.buttons else each.text or "---" for each in message.parts]
    if message.headed:
        texts.insert(0, f"### {harmless(message.title)}")
    return shortened("\n\n".join(each for each in texts if each))


def variables(message: Rendered, *, viewer: str = "") -> dict[str, str]:
    """Answer the variables of a template, as `viewer` sees them: by name, or as everyone does."""
    texts = [each.text or "---" for each in message.parts if not each.buttons]
    buttons = [
        {
            "id": f"button{number}",
            "text": cut(each.label, LONGEST_LABEL),
            "style": STYLES[each.style],
            "params": {"command": _carried(each)},
        }
        for number, each in enumerate(message.buttons)
        if each.people is None or viewer in each.people
    ]
    return {
        "title": message.title,
        "text": shortened("\n\n".join(each for each in texts if each)),
        "buttons": json.dumps(buttons, ensure_ascii=False),
    }


def harmless(text: str) -> str:
    """Answer `text` so that it shows as it was written."""
    broken = MEANS.sub(rf"\1{HIDDEN}", text)
    return BEGINS.sub(rf"\1{HIDDEN}\2", broken)


def cut(text: str, longest: int) -> str:
    """Answer `text` with at most `longest` characters, and a sign where some are missing."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def shortened(text: str) -> str:
    """Answer what of a text DingTalk takes."""
    raw = text.encode(errors="replace")
    if len(raw) <= LONGEST_BYTES:
        return raw.decode()
    return f"{raw[: LONGEST_BYTES - 3].decode(errors='ignore')}…"


def authored(text: str) -> str:
    """Answer an author's Slack mrkdwn in DingTalk's Markdown."""
    text = re.sub(r"<!(?:channel|here|everyone|subteam\^[^>|]*)(?:\|[^>]*)?>", "", text)
    text = re.sub(r"<([^<>|@#!]+)\|([^<>]*)>", r"[\2](\1)", text)
    text = re.sub(r"<(https?://[^<>|]+)>", r"[\1](\1)", text)
    text = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"**\1**", text)
    text = re.sub(r"(?<![\w_])_([^_\n]+)_(?![\w_])", r"*\1*", text)
    text = re.sub(r"`+([^`\n]+)`+", r"\1", text)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return BREAK.join(text.splitlines())


def mentioned(message: Message) -> tuple[str, ...]:
    """Name those whom a message notifies."""
    return tuple(
        dict.fromkeys(
            span.person
            for block in message.blocks
            if isinstance(block, Text)
            for line in block.lines
            for span in line
            if isinstance(span, Mention) and span.notify
        )
    )


def _is_authored(message: Message) -> bool:
    texts = [each for each in message.blocks if isinstance(each, Text)]
    return any(isinstance(span, Markup) for each in texts for line in each.lines for span in line)


def _unmarked(text: str) -> str:
    """Answer an author's mrkdwn as words, for a title: nothing is marked up there."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", authored(text)).replace("*", "")


def _part(block: Block) -> Part:
    match block:
        case Header():
            return Part(f"### {harmless(block.text)}")
        case Text():
            return Part(BREAK.join(_line(each) for each in block.lines))
        case Fields():
            return Part(
                BREAK.join(f"**{harmless(name)}**: {_line(it)}" for name, it in block.pairs)
            )
        case Preformatted():
            return Part(_quoted(block.text))
        case Divider():
            return Part()
        case Actions():
            return Part(buttons=block.buttons)


def _line(line: Line) -> str:
    shown = "".join(_span(each) for each in line)
    text = shown.lstrip(" ")
    return INDENT * ((len(shown) - len(text) + 2) // 3) + text


def _span(span: Span) -> str:
    match span:
        case str():
            return harmless(span)
        case Bold():
            return _bold(span.text)
        case Code():
            return _bold(span.text.removeprefix("/shipmate "))
        case Link():
            return f"[{harmless(span.text)}]({_address(span.url)})"
        case Mention():
            return f"@{harmless(span.person)}"
        case Time():
            form = "%Y-%m-%d %H:%M" if span.dated else "%H:%M"
            return f"{span.at.astimezone(ZONE):{form}} UTC+8"
        case Icon():
            return ICONS[span.name]
        case Markup():
            return authored(span.text)


def _bold(text: str) -> str:
    """Emphasize a text; spaces at its ends would keep it from being emphasized."""
    said = harmless(text.strip())
    return f"**{said}**" if said else ""


def _address(url: str) -> str:
    return url.replace(" ", "%20").replace("(", "%28").replace(")", "%29")


def _quoted(text: str) -> str:
    lines = cut(text, LONGEST_LOG).splitlines() or ["–"]
    return "\n".join(f"> {harmless(each)}  " for each in lines)


def _button(button: Button, number: str) -> Json:
    return {
        "type": "button",
        "label": {"type": "text", "text": cut(button.label, LONGEST_LABEL), "id": f"label{number}"},
        "actionType": "request",
        "status": STYLES[button.style],
        "id": _carried(button),  # all that comes back of a press
    }


def _carried(button: Button) -> str:
    """Answer what a button carries: its command, and that it asks first, by a message as there are no dialogs."""
    return f"{SURE}{button.command}" if button.confirm is not None else button.command


def _typed(buttons: Iterable[Button]) -> str:
    """Write how the requests of buttons are typed, a line for each that is one."""
    return BREAK.join(
        f"{harmless(each.label)}: {_bold(each.typed or each.command)}"
        for each in buttons
        if " " in each.command
    )


def _fitting(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Leave out what a message has no room for: never a button, and the last texts first."""
    room = LONGEST_BYTES
    kept: list[Part] = []
    for each in parts:
        size = len(each.text.encode(errors="replace"))
        if size > room and kept and not each.buttons:
            continue
        text = shortened(each.text) if size > room else each.text
        room -= min(size, room)
        kept.append(Part(text, each.buttons))
    return tuple(kept)
