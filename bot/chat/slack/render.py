"""Messages and forms as Slack takes them: Block Kit, fallback text, views. Pure.

What people wrote never becomes markup: paragraphs are rich text, where nothing is parsed; where Slack has only
mrkdwn (small print), `& < >` are escaped as Slack asks and formatting characters are broken up. An author's
notice is mrkdwn on purpose, without its power to notify everyone.
Limits: docs.slack.dev, reference/block-kit.
"""

import re
from collections.abc import Mapping
from typing import Any

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
}
SIGNS = {"done": "✓", "failed": "✗", "warning": "!", "stopped": "■"}

EVERYONE = re.compile(r"<!(channel|here|everyone|subteam\^[^>|]*)(\|[^>]*)?>")
LONGEST_TEXT = 2900
LONGEST_SUMMARY = 2900
LONGEST_LOG = 2500


def text_and_blocks(message: Message, ids: Ids) -> tuple[str, list[Json]]:
    """Answer the fallback text and the blocks of a message."""
    blocks = [made for each in message.blocks for made in _block(each, ids)]
    return escape(message.summary)[:LONGEST_SUMMARY], blocks[:50]


def home(message: Message, ids: Ids) -> Json:
    """Answer the view of the App Home."""
    blocks = [made for each in message.blocks for made in _block(each, ids)]
    return {"type": "home", "blocks": _with_own_actions(blocks[:100])}


def view(form: Form, metadata: str) -> Json:
    """Answer a modal; `metadata` comes back with what is filled in."""
    blocks: list[Json] = []
    if form.intro:
        blocks.append(_rich(form.intro, {}))
    blocks += [_input(each) for each in form.fields]
    return {
        "type": "modal",
        "callback_id": "form",
        "title": _plain(form.title[:24]),
        "submit": _plain(form.submit[:24]),
        "close": _plain("Cancel"),
        "private_metadata": metadata,
        "blocks": blocks,
    }


def escape(text: str) -> str:
    """Escape the three characters that mean something to Slack (docs.slack.dev, formatting text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def harmless(text: str) -> str:
    """Answer `text` for mrkdwn so that it shows as it was written."""
    return re.sub(r"([*_~`])", "\\1\u200b", escape(text))


def authored(text: str) -> str:
    """Answer an author's mrkdwn without mentions of everyone or of a whole group."""
    return EVERYONE.sub(lambda found: f"@{found[1].partition('^')[0]}", text)[:LONGEST_TEXT]


def _block(block: Block, ids: Ids) -> list[Json]:
    match block:
        case Header():
            return [{"type": "header", "text": _plain(block.text[:150])}]
        case Text():
            return _text(block, ids)
        case Fields():
            pairs = [f"*{harmless(name)}*\n{_mrkdwn(line, ids)}" for name, line in block.pairs]
            fields = [{"type": "mrkdwn", "text": each[:2000]} for each in pairs[:10]]
            return [{"type": "section", "fields": fields}]
        case Preformatted():
            return [_preformatted(block.text)]
        case Divider():
            return [{"type": "divider"}]
        case Actions():
            return [{"type": "actions", "elements": [_button(each) for each in block.buttons[:25]]}]


def _text(block: Text, ids: Ids) -> list[Json]:
    if block.faint:
        text = "\n".join(_mrkdwn(each, ids) for each in block.lines)
        return [{"type": "context", "elements": [{"type": "mrkdwn", "text": text[:LONGEST_TEXT]}]}]
    if any(isinstance(span, Markup) for line in block.lines for span in line):
        text = "\n".join(_mrkdwn(each, ids) for each in block.lines)
        return [{"type": "section", "text": {"type": "mrkdwn", "text": text[:LONGEST_TEXT]}}]
    return [_rich(block.lines, ids)]


def _rich(lines: tuple[Line, ...], ids: Ids) -> Json:
    elements: list[Json] = []
    for at, line in enumerate(lines):
        if at:
            elements.append({"type": "text", "text": "\n"})
        elements += [made for span in line if (made := _element(span, ids)) is not None]
    merged = _merged(elements) or [{"type": "text", "text": " "}]
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


def _element(span: Span, ids: Ids) -> Json | None:
    match span:
        case str():
            return {"type": "text", "text": span} if span else None
        case Bold():
            return {"type": "text", "text": span.text, "style": {"bold": True}}
        case Code():
            return {"type": "text", "text": span.text, "style": {"code": True}}
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
            return {"type": "text", "text": span.text}


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
    short = text if len(text) <= LONGEST_LOG else text[: LONGEST_LOG - 1] + "…"
    return {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_preformatted",
                "elements": [{"type": "text", "text": short or " "}],
            }
        ],
    }


def _button(button: Button) -> Json:
    made: Json = {
        "type": "button",
        "action_id": button.action[:255],
        "text": _plain(button.label[:75]),
        "value": button.command[:2000],
    }
    if button.style is not ButtonStyle.PLAIN:
        made["style"] = button.style.value
    if button.described:
        made["accessibility_label"] = button.described[:75]
    if button.confirm is not None:
        made["confirm"] = {
            "title": _plain(button.confirm.title[:100]),
            "text": _plain(button.confirm.text[:300]),
            "confirm": _plain(button.confirm.yes[:30]),
            "deny": _plain(button.confirm.no[:30]),
        }
    return made


def _input(field: Field) -> Json:
    element: Json
    if field.choices:
        options = [
            {"text": _plain(each.label[:75]), "value": each.value[:150]} for each in field.choices
        ]
        element = {"type": "static_select", "action_id": field.name, "options": options[:100]}
        chosen = [each for each in options if each["value"] == field.initial]
        if chosen:
            element["initial_option"] = chosen[0]
    else:
        element = {"type": "plain_text_input", "action_id": field.name, "max_length": 500}
        if field.multiline:
            element["multiline"] = True
        if field.initial:
            element["initial_value"] = field.initial
    made: Json = {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label),
        "element": element,
        "optional": field.optional,
    }
    if field.hint:
        made["hint"] = _plain(field.hint)
    return made


def _with_own_actions(blocks: list[Json]) -> list[Json]:
    """Make action ids unique over a whole view: several runs may each have an Approve."""
    for at, block in enumerate(blocks):
        for element in block.get("elements", []) if block["type"] == "actions" else []:
            element["action_id"] = f"{element['action_id']}:{at}"
    return blocks


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}
