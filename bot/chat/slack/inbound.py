"""Slack's payloads as requests: one function a kind, and what identifies a delivery so that it counts once. Pure.

A duplicate carries the same payload, so ids are made of it: the `trigger_id` of a command, the message,
action and moment of a click, an event's `event_id`, a view's id and hash. What does not say who did something, or by which
delivery, is unreadable; whatever else is missing, or is nothing that Slack sends, is as if it were empty.
"""

import hashlib
import json
from dataclasses import replace
from typing import Any

from bot.chat.gateway import Way
from bot.chat.ports import Received, sound
from bot.command.requests import Asker
from bot.command.verbs import SLASH_VERBS

Json = dict[str, Any]

COMMANDS = frozenset({"/shipmate", *(f"/{each}" for each in SLASH_VERBS)})
METADATA = "shipmate_message"
"""The type of what our messages say of themselves; `key` is the ledger's."""


class UnreadableError(ValueError):
    """A payload does not say what it has to say; the text names the place, and never what was sent."""


def is_ours(body: Json) -> bool:
    """Say whether a slash command is one that this Shipmate knows."""
    return _word(body, "command") in COMMANDS


def from_command(body: Json) -> tuple[Received, Way]:
    """Read a slash command. Raises UnreadableError."""
    command = _needed(body, "command")
    name = command.lstrip("/")
    verb = name if name in SLASH_VERBS else ""
    trigger = _needed(body, "trigger_id")
    asker = _asker(
        _needed(body, "user_id"),
        _needed(body, "channel_id"),
        "command",
        "command",
        trigger,
        command,
    )
    return (
        Received(asker=asker, text=f"{verb} {_word(body, 'text')}".strip() or "help"),
        Way(response_url=_word(body, "response_url"), trigger=trigger),
    )


def from_action(body: Json) -> tuple[Received, Way]:
    """Read the press of a button, or a choice; its value is the command. No text: it has none. Raises UnreadableError."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    view = _part(body, "view")
    channel = _word(body, "channel", "id") or _word(body, "container", "channel_id")
    private = bool(_part(body, "container").get("is_ephemeral"))
    asker = _asker(
        _needed(body, "user", "id"),
        channel or _word(_metadata(view), "channel"),
        "button",
        "click",
        _word(body, "container", "message_ts") or _word(body, "container", "view_id"),
        _needed(action, "action_id"),
        _needed(action, "action_ts"),
    )
    way = Way(
        response_url=_word(body, "response_url"),
        trigger=_word(body, "trigger_id"),
        replaces=private,
        view=_needed(view, "id") if view.get("type") == "modal" else "",
    )
    return Received(asker=asker, text=_value(action)), way


def from_shortcut(body: Json) -> tuple[Asker, Way]:
    """Read the use of a shortcut, wherever it was. Raises UnreadableError."""
    trigger = _needed(body, "trigger_id")
    asker = _asker(
        _needed(body, "user", "id"),
        _word(body, "channel", "id"),
        "shortcut",
        "shortcut",
        _needed(body, "callback_id"),
        trigger,
    )
    return asker, Way(response_url=_word(body, "response_url"), trigger=trigger)


def from_message_shortcut(body: Json) -> tuple[Asker, Way, str, str]:
    """Read the use of a shortcut on a message, to see what can be done there: the message's ts, and its key if it says it.

    Raises UnreadableError.
    """
    asker, way = from_shortcut(body)
    ours = _word(body, "message", "metadata", "event_type") == METADATA
    key = _word(body, "message", "metadata", "event_payload", "key") if ours else ""
    return asker, replace(way, panel=True), _needed(body, "message_ts"), key


def from_mention(event: Json, event_id: Any) -> tuple[Received, Way]:
    """Read a message that mentions the bot, or one in a direct message. Raises UnreadableError."""
    asker = _asker(
        _needed(event, "user"),
        _needed(event, "channel"),
        "mention",
        "event",
        _needed({"event_id": event_id}, "event_id"),
    )
    return Received(asker=asker, text=_word(event, "text").strip() or "help"), Way()


def from_view(body: Json) -> tuple[str, str, dict[str, str], Asker]:
    """Read a filled-in form: the command so far, its channel, the values by name, and who it was.

    A form that is not ours has no command. Raises UnreadableError.
    """
    view = _part(body, "view")
    metadata = _metadata(view)
    values: dict[str, str] = {}
    for block in _part(view, "state", "values").values():
        for name, element in block.items() if isinstance(block, dict) else ():
            values[sound(name)] = _value(element)
    channel = _word(metadata, "channel")
    asker = _asker(
        _needed(body, "user", "id"),
        channel,
        "form",
        "view",
        _needed(view, "id"),
        _word(view, "hash"),
        json.dumps(values),
    )
    return _word(metadata, "command"), channel, values, asker


def _metadata(view: Json) -> Json:
    """Answer what a view of ours carries; nothing when another Shipmate wrote it in a form of its own."""
    try:
        found = json.loads(_word(view, "private_metadata") or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _value(element: Any) -> str:
    """Answer what a button carries, or what was typed or chosen."""
    return _word(element, "value") or _word(element, "selected_option", "value")


def _at(body: Any, *path: str) -> Any:
    """Answer what stands at a place; None: nothing does."""
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    return body


def _part(body: Any, *path: str) -> Json:
    found = _at(body, *path)
    return found if isinstance(found, dict) else {}


def _word(body: Any, *path: str) -> str:
    return sound(_at(body, *path))


def _needed(body: Any, *path: str) -> str:
    found = _word(body, *path)
    if not found:
        raise UnreadableError(f"it has no {'.'.join(path)}")
    return found


def _asker(user: str, channel: str, via: str, *parts: str) -> Asker:
    digest = hashlib.sha256("\n".join((user, *parts)).encode()).hexdigest()[:40]
    return Asker(
        chat="slack",
        identity=user,
        email="",
        channel=channel,
        via=via,
        request=f"slack-{parts[0]}-{digest}",
    )
