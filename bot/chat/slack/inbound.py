"""Slack's payloads as requests: one function a kind, and what identifies a delivery so that it counts once. Pure.

A duplicate carries the same payload, so ids are made of it: the `trigger_id` of a command, the message,
action and moment of a click, an event's `event_id`, a view's id and hash.
"""

import hashlib
import json
from dataclasses import replace
from typing import Any

from bot.chat.gateway import Way
from bot.chat.ports import Received
from bot.command.requests import Asker
from bot.command.verbs import SLASH_VERBS

Json = dict[str, Any]

COMMANDS = frozenset({"/shipmate", *(f"/{each}" for each in SLASH_VERBS)})
METADATA = "shipmate_message"
"""The type of what our messages say of themselves; `key` is the ledger's."""


def is_ours(body: Json) -> bool:
    """Say whether a slash command is one that this Shipmate knows."""
    return body["command"] in COMMANDS


def from_command(body: Json) -> tuple[Received, Way]:
    """Read a slash command."""
    name = str(body["command"]).lstrip("/")
    verb = name if name in SLASH_VERBS else ""
    asker = _asker(
        body["user_id"],
        body["channel_id"],
        "command",
        "command",
        body["trigger_id"],
        body["command"],
    )
    return (
        Received(asker=asker, text=f"{verb} {body.get('text') or ''}".strip() or "help"),
        Way(response_url=body.get("response_url", ""), trigger=body["trigger_id"]),
    )


def from_action(body: Json) -> tuple[Received, Way]:
    """Read the press of a button, or a choice; its value is the command. No text: it has none."""
    action = body["actions"][0]
    container = body.get("container", {})
    view = body.get("view") or {}
    channel = body.get("channel", {}).get("id") or container.get("channel_id", "")
    if not channel:
        channel = str(_metadata(view).get("channel", ""))
    private = bool(container.get("is_ephemeral"))
    asker = _asker(
        body["user"]["id"],
        channel,
        "button",
        "click",
        container.get("message_ts") or container.get("view_id", ""),
        action["action_id"],
        action["action_ts"],
    )
    way = Way(
        response_url=body.get("response_url", ""),
        trigger=body.get("trigger_id", ""),
        replaces=private,
        view=view["id"] if view.get("type") == "modal" else "",
    )
    chosen = action.get("selected_option") or {}
    return Received(asker=asker, text=str(action.get("value") or chosen.get("value") or "")), way


def from_shortcut(body: Json) -> tuple[Asker, Way]:
    """Read the use of a shortcut, wherever it was."""
    asker = _asker(
        body["user"]["id"],
        body.get("channel", {}).get("id", ""),
        "shortcut",
        "shortcut",
        str(body["callback_id"]),
        body["trigger_id"],
    )
    return asker, Way(response_url=body.get("response_url", ""), trigger=body["trigger_id"])


def from_message_shortcut(body: Json) -> tuple[Asker, Way, str, str]:
    """Read the use of a shortcut on a message, to see what can be done there: the message's ts, and its key if it says it."""
    asker, way = from_shortcut(body)
    told = body["message"].get("metadata") or {}
    ours = told.get("event_type") == METADATA
    key = str((told.get("event_payload") or {}).get("key", "")) if ours else ""
    return asker, replace(way, panel=True), str(body["message_ts"]), key


def from_mention(event: Json, event_id: str) -> tuple[Received, Way]:
    """Read a message that mentions the bot, or one in a direct message."""
    asker = _asker(event["user"], event["channel"], "mention", "event", event_id)
    return Received(asker=asker, text=str(event.get("text", "")).strip() or "help"), Way()


def from_view(body: Json) -> tuple[str, str, dict[str, str], Asker]:
    """Read a filled-in form: the command so far, its channel, the values by name, and who it was.

    A form that is not ours has no command.
    """
    view = body["view"]
    metadata = _metadata(view)
    values: dict[str, str] = {}
    for block in view["state"]["values"].values():
        for name, element in block.items():
            chosen = element.get("selected_option") or {}
            values[name] = str(element.get("value") or chosen.get("value") or "")
    channel = str(metadata.get("channel", ""))
    asker = _asker(
        body["user"]["id"],
        channel,
        "form",
        "view",
        view["id"],
        view.get("hash", ""),
        json.dumps(values),
    )
    return str(metadata.get("command", "")), channel, values, asker


def _metadata(view: Json) -> Json:
    """Answer what a view of ours carries; nothing when another Shipmate wrote it in a form of its own."""
    try:
        found = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


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
