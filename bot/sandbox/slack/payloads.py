"""What an app is sent about a person's doing: the parts that several payloads share. Pure, but for new ids.

Source: docs.slack.dev, reference/interaction-payloads, reference/events.
"""

import json
from typing import Any

from bot.sandbox import company
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]


def who(workspace: Workspace, user: company.User, view: str = "") -> Json:
    """Answer who did something, with a fresh trigger_id; `view` is the modal in which it was done."""
    return {
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": company.TEAM,
        },
        "api_app_id": company.APP,
        "token": "sandbox",
        "team": {"id": company.TEAM, "domain": "shop"},
        "enterprise": None,
        "trigger_id": workspace.new_trigger(user.id, view),
        "is_enterprise_install": False,
    }


def where(channel: str) -> Json:
    """Answer a channel as payloads name it."""
    name = "directmessage" if channel.startswith("D") else company.channel_name(channel)
    return {"id": channel, "name": name}


def pressed(workspace: Workspace, action: Json, block_id: str) -> Json:
    """Answer a button as it was pressed."""
    return {
        "action_id": action["action_id"],
        "block_id": block_id,
        "text": action.get("text"),
        "value": action.get("value", ""),
        "style": action.get("style"),
        "type": action["type"],
        "action_ts": workspace.next_ts(),
    }


def event_callback(workspace: Workspace, event: Json) -> Json:
    """Wrap an event."""
    return {
        "token": "sandbox",
        "team_id": company.TEAM,
        "api_app_id": company.APP,
        "event": {"event_ts": workspace.next_ts(), **event},
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock()),
        "authorizations": [{"team_id": company.TEAM, "user_id": company.BOT_USER, "is_bot": True}],
    }


def subscription(event: Json) -> str:
    """Answer under which name an app subscribes to an event: messages by the kind of their channel."""
    if event["type"] == "message":
        return f"message.{event.get('channel_type', 'channels')}"
    return str(event["type"])


def public(message: Json) -> Json:
    """Answer a message as payloads carry it."""
    return {key: value for key, value in message.items() if key not in {"channel", "metadata"}}


def find_element(blocks: list[Json], wanted: str, within: str = "") -> tuple[Json, str]:
    """Find a button by its label or action_id, the first or the one in the block with the id `within`.

    Raises SlackRefusal that names the ones there are.
    """
    labels = []
    for block in blocks:
        if within and block.get("block_id") != within:
            continue
        elements = list(block.get("elements", [])) if block["type"] == "actions" else []
        if "accessory" in block:
            elements.append(block["accessory"])
        for each in elements:
            if each.get("type") != "button":
                continue
            label = each["text"]["text"]
            if wanted in {label, each["action_id"]}:
                return each, block.get("block_id", "")
            labels.append(label)
    there = ", ".join(labels) or "none"
    raise SlackRefusal(f"there is no button {json.dumps(wanted)} (there is: {there})")
