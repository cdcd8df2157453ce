"""Checks the JSON of a StandardCard: known components, each with what it needs. Pure.

Source: the sample cards of dingtalk-stream (`interactive_card`), which name every component that there is.
"""

from collections.abc import Callable, Collection
from typing import Any

from bot.sandbox.dingtalk.errors import DingTalkRefusal

Json = dict[str, Any]

STYLES = frozenset({"primary", "normal", "warning"})


def check_card(card: Json) -> None:
    """Check the whole card. Raises DingTalkRefusal that says where."""
    contents = card.get("contents")
    if not isinstance(contents, list):
        raise _wrong("contents", "is a list")
    header = card.get("header")
    if header is not None and not isinstance(header, dict):
        raise _wrong("header", "is an object")
    if header and header.get("title") is not None:
        _check_text(header["title"], "header.title")
    ids: set[str] = set()
    for number, part in enumerate(contents):
        where = f"contents[{number}]"
        if not isinstance(part, dict) or not _is_one_of(part.get("type"), _PARTS):
            raise _wrong(where, f"is one of {', '.join(_PARTS)}")
        name = part.get("id")
        if not isinstance(name, str) or not name or name in ids:
            raise _wrong(f"{where}.id", "is a text that nothing else has")
        ids.add(name)
        _PARTS[part["type"]](part, where)


def _check_text(part: Any, where: str) -> None:
    if not isinstance(part, dict) or not isinstance(part.get("text"), str):
        raise _wrong(f"{where}.text", "is a text")


def _check_image(part: Json, where: str) -> None:
    if not isinstance(part.get("image"), str):
        raise _wrong(f"{where}.image", "is a text")


def _check_images(part: Json, where: str) -> None:
    images = part.get("images")
    if not isinstance(images, list) or not all(isinstance(each, str) for each in images):
        raise _wrong(f"{where}.images", "is a list of texts")


def _check_nothing(_: Json, __: str) -> None:
    return


def _check_section(part: Json, where: str) -> None:
    fields = part.get("fields")
    texts = fields.get("list") if isinstance(fields, dict) else [part.get("content")]
    if not isinstance(texts, list) or not texts:
        raise _wrong(f"{where}.fields.list", "is a list")
    for number, each in enumerate(texts):
        _check_text(each, f"{where}.fields.list[{number}]")
    if part.get("extra") is not None:
        _check_button(part["extra"], f"{where}.extra")


def _check_action(part: Json, where: str) -> None:
    actions = part.get("actions")
    if not isinstance(actions, list) or not actions:
        raise _wrong(f"{where}.actions", "is a list")
    for number, each in enumerate(actions):
        _check_button(each, f"{where}.actions[{number}]")


def _check_button(button: Any, where: str) -> None:
    if not isinstance(button, dict) or button.get("type") != "button":
        raise _wrong(where, "is a button")
    _check_text(button.get("label"), f"{where}.label")
    if not isinstance(button.get("id"), str) or not button["id"]:
        raise _wrong(f"{where}.id", "is a text")
    if not _is_one_of(button.get("status", "normal"), STYLES):
        raise _wrong(f"{where}.status", f"is one of {', '.join(sorted(STYLES))}")
    if not _is_one_of(button.get("actionType"), ("openLink", "request")):
        raise _wrong(f"{where}.actionType", "is openLink or request")
    if button["actionType"] == "openLink" and not button.get("url"):
        raise _wrong(f"{where}.url", "is required")


def _is_one_of(found: Any, known: Collection[str]) -> bool:
    return isinstance(found, str) and found in known


def _wrong(where: str, what: str) -> DingTalkRefusal:
    return DingTalkRefusal("param.error", f"cardData.{where} {what}")


_PARTS: dict[str, Callable[[Json, str], None]] = {
    "text": _check_text,
    "markdown": _check_text,
    "image": _check_image,
    "imageList": _check_images,
    "divider": _check_nothing,
    "section": _check_section,
    "action": _check_action,
}
