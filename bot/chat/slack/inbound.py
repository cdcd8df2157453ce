"""Slack's payloads as requests: one function a kind, and what identifies a delivery so that it counts once. Pure.

A duplicate carries the same payload, so ids are made of it: the `trigger_id` of a command, the message,
action and moment of a click, an event's `event_id`, a view's id and hash.
"""

import hashlib
import json
from typing import Any

from bot.chat.gateway import Way
from bot.chat.ports import Received
from bot.command.requests import Asker
from bot.command.verbs import SLASH_VERBS

Json = dict[str, Any]


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
    """Read the press of a button; its value is the command."""
    action = body["actions"][0]
    container = body.get("container", {})
    channel = body.get("channel", {}).get("id") or container.get("channel_id", "")
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
    )
    return Received(asker=asker, text=str(action.get("value") or "help")), way


def from_mention(event: Json, event_id: str) -> tuple[Received, Way]:
    """Read a message that mentions the bot, or one in a direct message."""
    asker = _asker(event["user"], event["channel"], "mention", "event", event_id)
    return Received(asker=asker, text=str(event.get("text", "")).strip() or "help"), Way()


def from_view(body: Json) -> tuple[str, str, dict[str, str], Asker]:
    """Read a filled-in form: the command so far, its channel, the values by name, and who it was."""
    view = body["view"]
    metadata = json.loads(view.get("private_metadata") or "{}")
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
    return str(metadata.get("command", "help")), channel, values, asker


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
