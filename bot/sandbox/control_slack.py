"""The Slack part of the control API: what a person types, presses, fills in and sees."""

import asyncio
from difflib import get_close_matches
from typing import Any

from starlette.requests import Request

from bot.sandbox import company
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.files import Files
from bot.sandbox.slack.interactions import Interactions, find_element
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]

LONGEST_WAIT = 1.5
"""Seconds to wait for what only the asker sees."""
QUIET = 0.15


class ControlError(Exception):
    """A call is wrong; the text says what would be right."""


class SlackControl:
    """People's hands and eyes in the workspace."""

    def __init__(self, workspace: Workspace, interactions: Interactions, files: Files) -> None:
        self._workspace = workspace
        self._interactions = interactions
        self._files = files

    async def say(self, _: Request, body: Json) -> Json:
        """POST /control/slack/say."""
        user, channel = _user(body), _channel(body)
        text = body.get("text")
        if not isinstance(text, str) or not text.strip():
            raise ControlError("text is required")
        thread = body.get("thread_ts") or None
        mark, posted = self._workspace.mark(user.id), self._posted(channel)
        if text.startswith("/") and not thread:
            await self._interactions.command(user, channel, text.strip())
            return {"ok": True, **await self._shown(user, channel, mark, posted)}
        if text.startswith("/"):
            raise ControlError("slash commands cannot be used in threads, as in Slack")
        made = await self._interactions.say(user, channel, text, thread)
        spoken_to = channel.startswith("D") or f"<@{company.BOT_USER}>" in made["text"]
        shown = await self._shown(user, channel, mark, posted) if spoken_to else {"messages": []}
        return {"ok": True, "ts": made["ts"], **shown}

    async def click(self, _: Request, body: Json) -> Json:
        """POST /control/slack/click."""
        user = _user(body)
        button, within = str(body.get("button", "")), str(body.get("block_id", ""))
        mark = self._workspace.mark(user.id)
        try:
            if body.get("home"):
                home = self._workspace.homes.get(user.id, {"blocks": []})
                action, block_id = find_element(home["blocks"], button, within)
                acknowledged = await self._interactions.click_home(user, action, block_id)
                channel = user.direct_channel
            else:
                channel = _channel(body)
                message = self._message(channel, str(body.get("ts", "")), user)
                seen = self._workspace.blocks_seen(message)
                action, block_id = find_element(seen, button, within)
                acknowledged = await self._interactions.click(user, message, action, block_id)
        except SlackRefusal as refusal:
            raise ControlError(str(refusal)) from refusal
        if not acknowledged:
            return {"ok": False, "error": "Shipmate did not respond.", "messages": []}
        return {"ok": True, **await self._shown(user, channel, mark, None)}

    async def submit(self, _: Request, body: Json) -> Json:
        """POST /control/slack/submit; `wait: false` answers at once, without what the bot says next."""
        user = _user(body)
        view = self._workspace.views.get(str(body.get("view_id", "")))
        if view is None or view["user"] != user.id:
            raise ControlError(f"{user.name} has no such form open: {body.get('view_id')!r}")
        if body.get("close"):
            await self._interactions.close(user, view)
            return {"ok": True, "messages": []}
        values, errors = _filled(view, body.get("values") or {})
        if errors:
            return {"ok": False, "errors": errors}
        mark = self._workspace.mark(user.id)
        answer = await self._interactions.submit(user, view, values)
        if not answer["ok"] or body.get("wait") is False:
            return answer
        shown = await self._shown(user, user.direct_channel, mark, None)
        return {**answer, **shown}

    async def messages(self, request: Request) -> Json:
        """GET /control/slack/messages."""
        params = dict(request.query_params)
        channel = _channel(params)
        viewer = _user({"user": params["viewer"]}).id if params.get("viewer") else None
        thread = params.get("thread_ts")
        found = []
        for each in self._workspace.in_channel(channel):
            private = each.get("ephemeral_for")
            if private and private != viewer:
                continue
            parent = each.get("thread_ts")
            if thread and each["ts"] != thread and parent != thread:
                continue
            if not thread and parent and parent != each["ts"]:
                continue
            found.append(_shown_message(each) | self._shown_files(each))
        return {"messages": found}

    async def home(self, request: Request) -> Json:
        """GET /control/slack/home: opens the App Home as a click on it does."""
        user = _user(dict(request.query_params))
        await self._interactions.open_home(user)
        for _ in range(int(LONGEST_WAIT / 0.05)):
            if user.id in self._workspace.homes:
                break
            await asyncio.sleep(0.05)
        return {"view": self._workspace.homes.get(user.id)}

    async def view(self, request: Request) -> Json:
        """GET /control/slack/view: the modal that a user has open, if any."""
        user = _user(dict(request.query_params))
        found = [each for each in self._workspace.views.values() if each["user"] == user.id]
        return {"view": found[-1] if found else None}

    async def commands(self, _: Request) -> Json:
        """GET /control/slack/commands."""
        return {
            "commands": [
                {key: each.get(key, "") for key in ("command", "description", "usage_hint")}
                for each in self._interactions.commands
            ]
        }

    async def _shown(self, user: company.User, channel: str, mark: int, posted: int | None) -> Json:
        """Wait for what the bot shows this person; a message in the channel is an answer, too.

        A message in the channel may be another one's, so that a private answer still has its moment to come.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_WAIT
        before = (mark, posted)
        seen, quiet_since = before, loop.time()
        while loop.time() < end:
            now = (self._workspace.mark(user.id), None if posted is None else self._posted(channel))
            if now != seen:
                seen, quiet_since = now, loop.time()
            quiet = loop.time() - quiet_since
            if now != before and quiet > (QUIET if now[0] != mark else 3 * QUIET):
                break
            await asyncio.sleep(0.02)
        keys, view = self._workspace.shown_since(user.id, mark)
        answer: Json = {
            "messages": [
                _shown_message(each)
                for key in keys
                for each in self._workspace.messages.values()
                if each["ts"] == key and each.get("ephemeral_for") == user.id
            ]
        }
        if view is not None:
            answer["view"] = self._workspace.views[view]
        return answer

    def _shown_files(self, message: Json) -> Json:
        """Answer what only a message with files has."""
        if not message.get("files"):
            return {}
        keys = ("name", "title", "size")
        return {
            "files": [
                {**{key: each[key] for key in keys}, "text": self._files.text_of(each["id"])}
                for each in message["files"]
            ]
        }

    def _posted(self, channel: str) -> int:
        return self._workspace.posted.get(channel, 0)

    def _message(self, channel: str, ts: str, user: company.User) -> Json:
        found = self._workspace.find(channel, ts)
        if found is None or found.get("ephemeral_for") not in {None, user.id}:
            raise ControlError(
                f"{user.name} sees no message {ts!r} in {company.channel_name(channel)}"
            )
        return found


def _user(given: Json) -> company.User:
    name = str(given.get("user", ""))
    found = company.user(name)
    if found is None:
        raise ControlError(
            f"there is no user {name!r}{_nearest(name, [each.name for each in company.USERS])}"
        )
    return found


def _channel(given: Json) -> str:
    name = str(given.get("channel", ""))
    found = company.channel(name)
    if found is None:
        known = [each.name for each in company.CHANNELS]
        raise ControlError(f"there is no channel {name!r}{_nearest(name, known)}")
    return found


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f" (there is: {', '.join(known)})"


def _shown_message(message: Json) -> Json:
    user = message["user"]
    name = "shipmate" if user == company.BOT_USER else "slackbot" if user == "USLACKBOT" else user
    person = company.user(user)
    return {
        "ts": message["ts"],
        "thread_ts": message.get("thread_ts"),
        "channel": company.channel_name(message["channel"]),
        "user": person.name if person else name,
        "text": message.get("text", ""),
        "blocks": message.get("blocks", []),
        "edited": bool(message.get("edited")),
        "ephemeral": bool(message.get("ephemeral_for")),
        "buttons": _buttons(message.get("blocks", [])),
        "reply_count": message.get("reply_count", 0),
        "latest_reply": message.get("latest_reply"),
    }


def _buttons(blocks: list[Json]) -> list[str]:
    found = []
    for block in blocks:
        elements = block.get("elements", []) if block["type"] == "actions" else []
        elements = [*elements, *([block["accessory"]] if "accessory" in block else [])]
        found += [each["text"]["text"] for each in elements if each.get("type") == "button"]
    return found


def _filled(view: Json, given: Json) -> tuple[Json, Json]:
    """Answer the state of a modal that is filled in by label or block id, and what is missing."""
    values: Json = {}
    errors: Json = {}
    rest = dict(given)
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        label, block_id = block["label"]["text"], block.get("block_id") or block["label"]["text"]
        text = rest.pop(label, rest.pop(block_id, None))
        element = block["element"]
        if text in {None, ""} and "initial_value" in element:
            text = element["initial_value"]
        if text in {None, ""} and "initial_option" in element:
            text = element["initial_option"]["value"]
        if text in {None, ""}:
            if not block.get("optional"):
                errors[label] = "Please complete this required field."
            text = None
        values[block_id] = {element["action_id"]: _value(element, text)}
    if rest:
        raise ControlError(f"the form has no field {next(iter(rest))!r}")
    return values, errors


def _value(element: Json, text: str | None) -> Json:
    if "options" not in element:
        return {"type": element["type"], "value": text}
    if text is None:
        return {"type": element["type"], "selected_option": None}
    for each in element["options"]:
        if text in {each["value"], each["text"]["text"]}:
            return {"type": element["type"], "selected_option": each}
    known = ", ".join(each["value"] for each in element["options"])
    raise ControlError(f"there is no choice {text!r} (there is: {known})")
