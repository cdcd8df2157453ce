"""What a message or card looks like: its parts and its buttons, for the page and for programs. Pure.

A face is `{title, parts, buttons}`. A part is a component of a StandardCard (`markdown`, `text`, `image`, `divider` …);
a button is `{id, label, style, url, params}`, where the url is empty for one that asks the app.
"""

import json
from collections.abc import Callable
from typing import Any

from bot.sandbox.dingtalk.cards import STANDARD

Json = dict[str, Any]


def card_face(template: str, variables: Json) -> Json:
    """Answer what a card shows: a StandardCard from its JSON, a template from its variables."""
    return _standard(variables) if template == STANDARD else _template(variables)


def message_face(kind: str, content: Json) -> Json:
    """Answer what a message that is no card shows; `kind` is a msgtype."""
    return _KINDS[kind](content)


def words_of(face: Json) -> str:
    """Answer everything that a face says, a line for each part."""
    said = [face["title"], *(str(part.get("text", "")) for part in face["parts"])]
    return "\n".join(each for each in said if each)


def _standard(card: Json) -> Json:
    header = card.get("header") or {}
    parts, buttons = [], []
    for part in card.get("contents", []):
        actions = part.get("actions", []) if part["type"] == "action" else []
        accessory = part.get("extra") if part["type"] == "section" else None
        buttons += [
            _standard_button(each) for each in [*actions, *([accessory] if accessory else [])]
        ]
        if part["type"] != "action":
            parts.append(_standard_part(part))
    title = (header.get("title") or {}).get("text", "")
    return {"title": title, "parts": parts, "buttons": buttons}


def _standard_part(part: Json) -> Json:
    if part["type"] == "section":
        texts = part["fields"]["list"] if part.get("fields") else [part["content"]]
        return {"type": "text", "text": "\n".join(each["text"] for each in texts)}
    if part["type"] == "imageList":
        return {"type": "images", "images": part.get("images", [])}
    return {key: part[key] for key in ("type", "text", "image") if key in part}


def _standard_button(button: Json) -> Json:
    return {
        "id": button["id"],
        "label": button["label"]["text"],
        "style": button.get("status", "normal"),
        "url": _address(button) if button["actionType"] == "openLink" else "",
        "params": {},
    }


def _address(button: Json) -> str:
    url = button.get("url") or {}
    return str(url.get("all") or url.get("pc") or "") if isinstance(url, dict) else str(url)


def _template(variables: Json) -> Json:
    try:
        buttons = json.loads(variables.get("buttons") or "[]")
    except ValueError:
        buttons = None
    return {
        "title": variables.get("title", ""),
        "parts": [{"type": "markdown", "text": variables.get("text", "")}],
        "buttons": [
            {
                "id": str(each.get("id", "")),
                "label": str(each.get("text", "")),
                "style": str(each.get("style", "normal")),
                "url": str(each.get("url", "")),
                "params": each.get("params") or {},
            }
            # the client shows no list that it cannot read
            for each in (buttons if isinstance(buttons, list) else ())
            if isinstance(each, dict)
        ],
    }


def _text(content: Json) -> Json:
    return {"title": "", "parts": [{"type": "text", "text": content["content"]}], "buttons": []}


def _markdown(content: Json) -> Json:
    return {"title": "", "parts": [{"type": "markdown", "text": content["text"]}], "buttons": []}


def _link(content: Json) -> Json:
    part = {"type": "link", "text": content["text"], "url": content["messageUrl"]}
    if content.get("picUrl"):
        part["image"] = content["picUrl"]
    return {"title": content["title"], "parts": [part], "buttons": []}


def _action_card(content: Json) -> Json:
    single = content.get("singleTitle")
    buttons = (
        [(single, content.get("singleURL", ""))]
        if single
        else [(each["title"], each["actionURL"]) for each in content.get("btns", [])]
    )
    return {
        "title": "",
        "parts": [{"type": "markdown", "text": content["text"]}],
        "buttons": [
            {"id": f"link{number}", "label": label, "style": "normal", "url": url, "params": {}}
            for number, (label, url) in enumerate(buttons)
        ],
    }


def _feed_card(content: Json) -> Json:
    return {
        "title": "",
        "parts": [
            {
                "type": "link",
                "text": each["title"],
                "url": each["messageURL"],
                "image": str(each.get("picURL") or each.get("picUrl") or ""),
            }
            for each in content["links"]
        ],
        "buttons": [],
    }


def _image(content: Json) -> Json:
    return {"title": "", "parts": [{"type": "image", "image": content["photoURL"]}], "buttons": []}


_KINDS: dict[str, Callable[[Json], Json]] = {
    "text": _text,
    "markdown": _markdown,
    "link": _link,
    "actionCard": _action_card,
    "feedCard": _feed_card,
    "image": _image,
}
