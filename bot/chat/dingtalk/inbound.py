"""DingTalk's messages and clicks as requests, and what identifies each so that it counts once. Pure.

A message is known by its `msgId` and by the id of its delivery, a click by the id of its delivery: a repeated one has
either again. People are known by their staff id only: nicks can be changed, and other ids are not stable.
"""

import hashlib
import json
from typing import Any, Final

from bot.chat.dingtalk.frames import Push
from bot.chat.gateway import Way
from bot.chat.ports import Received, sound
from bot.command.requests import Asker

Json = dict[str, Any]

DIRECT: Final = "user:"
"""Before a staff id: the conversation between that person and the robot."""
PRIVATE: Final = "reply-"
"""Before the id of a card that only one person sees; behind it, where they asked."""
LONGEST_ID: Final = 100
"""Characters of the id of a card."""
ONE_TO_ONE: Final = "1"
STAFF_ID: Final = 1
"""What `userIdType` says of a `userId` that is a staff id."""


def from_message(push: Push) -> tuple[Received, Way]:
    """Read what someone said to the robot. Raises ValueError for what is no message."""
    data = push.data
    staff = sound(data.get("senderStaffId"))
    message = sound(data.get("msgId")) or push.id
    where = sound(data.get("conversationId"))
    if not message or not where:
        raise ValueError("a message without an id or a conversation")
    alone = data.get("conversationType") == ONE_TO_ONE
    asker = Asker(
        chat="dingtalk",
        identity=staff,
        email="",
        channel=f"{DIRECT}{staff}" if alone and staff else where,
        via="mention",
        request=_id("message", message),
    )
    received = Received(
        asker=asker,
        text=words_of(data).strip() or "help",
        delivery=_id("delivery", push.id) if push.id else "",
    )
    return received, Way(session=sound(data.get("sessionWebhook")))


def from_click(push: Push) -> tuple[Received, Way]:
    """Read the press of a button; what it carries is the command. Raises ValueError for what is no click."""
    data = push.data
    card = sound(data.get("outTrackId"))
    user = sound(data.get("userId"))
    if not card or not push.id:
        raise ValueError("a click without a card or an id")
    is_staff = data.get("userIdType", STAFF_ID) in (STAFF_ID, str(STAFF_ID))
    private = card.startswith(PRIVATE)
    asker = Asker(
        chat="dingtalk",
        identity=user if is_staff else "",
        email="",
        channel=(asked_in(card) or f"{DIRECT}{user}") if private else sound(data.get("spaceId")),
        via="button",
        request=_id("click", push.id),
    )
    way = Way(card=card if private else "", replaces=private)
    return Received(asker=asker, text=_command(data)), way


def words_of(data: Json) -> str:
    """Answer what a message says: its text, the texts of a rich one, or what was heard of a spoken one."""
    kind = data.get("msgtype")
    content = data.get("content")
    if kind == "text":
        text = data.get("text")
        return sound(text.get("content")) if isinstance(text, dict) else ""
    if not isinstance(content, dict):
        return ""
    if kind == "richText":
        parts = content.get("richText")
        found = (
            [each for each in parts if isinstance(each, dict)] if isinstance(parts, list) else []
        )
        return "".join(sound(each.get("text")) for each in found)
    return sound(content.get("recognition")) if kind == "audio" else ""


def private_card(channel: str, unique: str) -> str:
    """Make the id of a card that one person sees; `channel` is where they asked, if that has room in it."""
    made = f"{PRIVATE}{channel.encode().hex()}-{unique}"
    return made if len(made) <= LONGEST_ID else f"{PRIVATE}-{unique}"


def asked_in(card: str) -> str:
    """Answer where someone asked who sees a card alone; empty when its id does not say it."""
    try:
        return bytes.fromhex(card.removeprefix(PRIVATE).partition("-")[0]).decode()
    except ValueError:
        return ""


def _command(data: Json) -> str:
    """Answer what a button carries: a parameter of a template's, the id of a StandardCard's."""
    try:
        private = json.loads(data.get("content") or "{}")["cardPrivateData"]
        params, ids = private.get("params"), private.get("actionIds")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    if isinstance(params, dict) and params.get("command"):
        return sound(params["command"])
    return sound(ids[0]) if isinstance(ids, list) and ids else ""


def _id(kind: str, *parts: str) -> str:
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
    return f"dingtalk-{kind}-{digest}"
