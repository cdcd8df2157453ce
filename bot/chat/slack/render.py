"""Messages and forms as Slack takes them: Block Kit, fallback text, views. Pure.

What people wrote never becomes markup: paragraphs are rich text, where nothing is parsed; where Slack has only
mrkdwn (small print), `& < >` are escaped as Slack asks and formatting characters are broken up. An author's
notice is mrkdwn on purpose, without its power to notify everyone.
Limits: docs.slack.dev, reference/block-kit.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.chat.language import _
from bot.chat.message import (
    Actions,
    Block,
    Bold,
    Button,
    ButtonStyle,
    Code,
    Divider,
    Field,
    Fields,
    Form,
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

Json = dict[str, Any]
Ids = Mapping[str, str]
"""Slack user ids by the names of people."""

EMOJI = {
    "done": "white_check_mark",
    "failed": "x",
    "running": "hourglass_flowing_sand",
    "waiting": "raised_hand",
    "pending": "white_circle",
    "skipped": "fast_forward",
    "stopped": "octagonal_sign",
    "ship": "ship",
    "back": "rewind",
    "warning": "warning",
    "lock": "lock",
    "unlock": "unlock",
    "freeze": "snowflake",
}
SIGNS = {"done": "✓", "failed": "✗", "warning": "!", "stopped": "■"}

EVERYONE = re.compile(r"<!(channel|here|everyone|subteam\^[^>|]*)(\|[^>]*)?>")
LONGEST_TEXT = 2900
LONGEST_SUMMARY = 2900
LONGEST_LOG = 2500
LONGEST_PARAGRAPH = 6000
MOST_TEXT = 12_500
"""Characters of all blocks together: Slack refuses more than about 13,000 (slackapi/bolt-js#2509)."""

NOTHING = "–"
"""What stands where there is no text: Slack takes no empty one."""


def text_and_blocks(message: Message, ids: Ids) -> tuple[str, list[Json]]:
    """Answer the fallback text and the blocks of a message."""
    blocks = [made for each in message.blocks for made in _block(each, ids)]
    return cut(escape(message.summary), LONGEST_SUMMARY), _fitting(blocks, 50)


def home(message: Message, ids: Ids) -> Json:
    """Answer the view of the App Home."""
    blocks = [made for each in message.blocks for made in _block(each, ids)]
    return {"type": "home", "blocks": _with_own_actions(_fitting(blocks, 100))}


def panel(message: Message, ids: Ids, title: str, metadata: str) -> Json:
    """Answer a modal that shows a message; `metadata` comes back with each press of its buttons."""
    blocks = [made for each in message.blocks for made in _block(each, ids)]
    return {
        "type": "modal",
        "callback_id": "panel",
        "title": _plain(title, 24),
        "close": _plain(_("Close"), 24),
        "private_metadata": metadata,
        "blocks": _with_own_actions(_fitting(blocks, 100)),
    }


def view(form: Form, metadata: str) -> Json:
    """Answer a modal; `metadata` comes back with what is filled in."""
    blocks: list[Json] = []
    if form.intro:
        blocks.append(_rich(form.intro, {}))
    blocks += [_input(each) for each in form.fields]
    return {
        "type": "modal",
        "callback_id": "form",
        "title": _plain(form.title, 24),
        "submit": _plain(form.submit, 24),
        "close": _plain(_("Cancel"), 24),
        "private_metadata": metadata,
        "blocks": blocks,
    }


def escape(text: str) -> str:
    """Escape the three characters that mean something to Slack (docs.slack.dev, formatting text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, longest: int) -> str:
    """Answer `text` with at most `longest` characters, and a sign where some are missing."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def harmless(text: str) -> str:
    """Answer `text` for mrkdwn so that it shows as it was written."""
    return re.sub(r"([*_~`])", "\\1\u200b", escape(text))


def authored(text: str) -> str:
    """Answer an author's mrkdwn without mentions of everyone or of a whole group."""
    return EVERYONE.sub(lambda found: f"@{found[1].partition('^')[0]}", text)


def _block(block: Block, ids: Ids) -> list[Json]:
    match block:
        case Header():
            return [{"type": "header", "text": _plain(block.text, 150)}]
        case Text():
            return _text(block, ids)
        case Fields():
            pairs = [f"*{harmless(name)}*\n{_mrkdwn(line, ids)}" for name, line in block.pairs]
            fields = [{"type": "mrkdwn", "text": cut(each, 2000)} for each in pairs[:10]]
            return [{"type": "section", "fields": fields}]
        case Preformatted():
            return [_preformatted(block.text)]
        case Divider():
            return [{"type": "divider"}]
        case Actions():
            return [{"type": "actions", "elements": [_button(each) for each in block.buttons[:25]]}]


def _fitting(blocks: list[Json], most: int) -> list[Json]:
    """Leave out what a message has no room for: never a button, and the last texts first."""
    room = MOST_TEXT - sum(_size(each) for each in blocks if each["type"] == "actions")
    kept: list[Json] = []
    for each in blocks:
        if each["type"] != "actions":
            if _size(each) > room:
                continue
            room -= _size(each)
        kept.append(each)
    return kept[:most]


def _size(part: Any) -> int:
    """Count the characters of all texts in a part of a message."""
    if isinstance(part, list):
        return sum(_size(each) for each in part)
    if isinstance(part, dict):
        return sum(
            len(value) if key == "text" and isinstance(value, str) else _size(value)
            for key, value in part.items()
        )
    return 0


def _text(block: Text, ids: Ids) -> list[Json]:
    if block.faint:
        return [{"type": "context", "elements": [_mrkdwn_lines(block, ids)]}]
    if any(isinstance(span, Markup) for line in block.lines for span in line):
        return [{"type": "section", "text": _mrkdwn_lines(block, ids)}]
    return [_rich(block.lines, ids)]


def _mrkdwn_lines(block: Text, ids: Ids) -> Json:
    text = "\n".join(_mrkdwn(each, ids) for each in block.lines)
    return {"type": "mrkdwn", "text": cut(text, LONGEST_TEXT) or NOTHING}


def _rich(lines: tuple[Line, ...], ids: Ids) -> Json:
    elements: list[Json] = []
    for at, line in enumerate(lines):
        if at:
            elements.append({"type": "text", "text": "\n"})
        elements += [made for span in line if (made := _element(span, ids)) is not None]
    merged = _shortened(_merged(elements)) or [{"type": "text", "text": NOTHING}]
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": merged}],
    }


def _merged(elements: list[Json]) -> list[Json]:
    """Put neighbouring plain texts together: fewer elements, and words that can be searched for."""
    found: list[Json] = []
    for each in elements:
        plain = each["type"] == "text" and "style" not in each
        if found and plain and found[-1]["type"] == "text" and "style" not in found[-1]:
            found[-1] = {"type": "text", "text": found[-1]["text"] + each["text"]}
        else:
            found.append(each)
    return found


def _shortened(elements: list[Json]) -> list[Json]:
    """Keep what fits into a paragraph."""
    room = LONGEST_PARAGRAPH
    for at, each in enumerate(elements):
        text = str(each.get("text", ""))
        if len(text) > room:
            kept = [{**each, "text": cut(text, room)}] if room else []
            return elements[:at] + kept
        room -= len(text)
    return elements


def _element(span: Span, ids: Ids) -> Json | None:
    match span:
        case str():
            return {"type": "text", "text": span} if span else None
        case Bold():
            return _styled(span.text, "bold")
        case Code():
            return _styled(span.text, "code")
        case Link():
            return {"type": "link", "url": span.url, "text": span.text}
        case Mention():
            user = ids.get(span.person)
            if user and span.notify:
                return {"type": "user", "user_id": user}
            return {"type": "text", "text": f"@{span.person}"}
        case Time():
            return {
                "type": "date",
                "timestamp": int(span.at.timestamp()),
                "format": "{date_short_pretty} {time}" if span.dated else "{time}",
                "fallback": span.at.strftime("%Y-%m-%d %H:%M UTC"),
            }
        case Icon():
            return {"type": "emoji", "name": EMOJI[span.name]}
        case Markup():
            return {"type": "text", "text": span.text} if span.text else None


def _styled(text: str, style: str) -> Json | None:
    return {"type": "text", "text": text, "style": {style: True}} if text else None


def _mrkdwn(line: Line, ids: Ids) -> str:
    return "".join(_mrkdwn_span(each, ids) for each in line)


def _mrkdwn_span(span: Span, ids: Ids) -> str:
    match span:
        case str():
            return harmless(span)
        case Bold():
            return f"*{harmless(span.text)}*"
        case Code():
            return f"`{escape(span.text)}`"
        case Link():
            return f"<{escape(span.url)}|{escape(span.text)}>"
        case Mention():
            user = ids.get(span.person)
            return f"<@{user}>" if user and span.notify else f"@{harmless(span.person)}"
        case Time():
            form = "{date_short_pretty} {time}" if span.dated else "{time}"
            moment = int(span.at.timestamp())
            return f"<!date^{moment}^{form}|{span.at:%Y-%m-%d %H:%M} UTC>"
        case Icon():
            return f":{EMOJI[span.name]}:"
        case Markup():
            return authored(span.text)


def _preformatted(text: str) -> Json:
    short = cut(text, LONGEST_LOG)
    return {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_preformatted",
                "elements": [{"type": "text", "text": short or NOTHING}],
            }
        ],
    }


def _button(button: Button) -> Json:
    made: Json = {
        "type": "button",
        "action_id": button.action,
        "text": _plain(button.label, 75),
        "value": button.command,  # within Slack's 2,000 by the grammar; a part of a command is another one
    }
    if button.style is not ButtonStyle.PLAIN:
        made["style"] = button.style.value
    if button.described:
        made["accessibility_label"] = cut(button.described, 75)
    if button.confirm is not None:
        made["confirm"] = {
            "title": _plain(button.confirm.title, 100),
            "text": _plain(button.confirm.text, 300),
            "confirm": _plain(button.confirm.yes, 30),
            "deny": _plain(_(button.confirm.no), 30),
        }
    return made


def _input(field: Field) -> Json:
    element: Json
    if field.choices:
        options = [{"text": _plain(each.label, 75), "value": each.value} for each in field.choices]
        element = {"type": "static_select", "action_id": field.name, "options": options[:100]}
        chosen = [each for each in options if each["value"] == field.initial]
        if chosen:
            element["initial_option"] = chosen[0]
    else:
        element = {"type": "plain_text_input", "action_id": field.name, "max_length": 500}
        if field.multiline:
            element["multiline"] = True
        if field.initial:
            element["initial_value"] = cut(field.initial, 500)
    made: Json = {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label, 2000),
        "element": element,
        "optional": field.optional,
    }
    if field.hint:
        made["hint"] = _plain(field.hint, 2000)
    return made


def _with_own_actions(blocks: list[Json]) -> list[Json]:
    """Make action ids unique over a whole view: several runs may each have an Approve."""
    for at, block in enumerate(blocks):
        for element in block.get("elements", []) if block["type"] == "actions" else []:
            element["action_id"] = f"{element['action_id']}:{at}"
    return blocks


def _plain(text: str, longest: int) -> Json:
    return {"type": "plain_text", "text": cut(text, longest) or NOTHING, "emoji": True}
