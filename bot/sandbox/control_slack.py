"""The Slack part of the control API: what a person types, presses, fills in and sees."""

import asyncio
from difflib import get_close_matches
from typing import Any

from starlette.requests import Request

from bot.sandbox import company
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.files import Files
from bot.sandbox.slack.filling import Mistake, filled
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.modals import Modals
from bot.sandbox.slack.payloads import find_element
from bot.sandbox.slack.workspace import Workspace, in_channel

Json = dict[str, Any]

LONGEST_WAIT = 1.5
"""Seconds to wait for what only the asker sees."""
QUIET = 0.15


class ControlError(Exception):
    """A call is wrong; the text says what would be right."""


class SlackControl:
    """People's hands and eyes in the workspace."""

    def __init__(
        self, workspace: Workspace, interactions: Interactions, modals: Modals, files: Files
    ) -> None:
        self._workspace = workspace
        self._interactions = interactions
        self._modals = modals
        self._files = files

    async def say(self, _: Request, body: Json) -> Json:
        """POST /control/slack/say."""
        user, channel = the_user(body), the_channel(body)
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
        user = the_user(body)
        mark = self._workspace.mark(user.id)
        try:
            acknowledged, channel = await self._press(user, body)
        except SlackRefusal as refusal:
            raise ControlError(str(refusal)) from refusal
        if not acknowledged:
            return {"ok": False, "error": "Shipmate did not respond.", "messages": []}
        return {"ok": True, **await self._shown(user, channel, mark, None)}

    async def _press(self, user: company.User, body: Json) -> tuple[bool, str]:
        """Press a button of a message, of the App Home or of a modal; answer whether it was heard, and where."""
        button, within = str(body.get("button", "")), str(body.get("block_id", ""))
        if body.get("home"):
            home = self._workspace.homes.get(user.id, {"blocks": []})
            action, block_id = find_element(home["blocks"], button, within)
            return await self._interactions.click_home(user, action, block_id), user.direct_channel
        if body.get("view_id"):
            view = self._view(user, body)
            action, block_id = find_element(view["blocks"], button, within)
            return await self._modals.click(user, view, action, block_id), user.direct_channel
        channel = the_channel(body)
        message = self._message(channel, str(body.get("ts", "")), user)
        seen = self._workspace.blocks_seen(message)
        action, block_id = find_element(seen, button, within)
        return await self._interactions.click(user, message, action, block_id), channel

    async def shortcut(self, _: Request, body: Json) -> Json:
        """POST /control/slack/shortcut: uses a shortcut, on a message when `ts` says which."""
        user = the_user(body)
        message, channel = None, user.direct_channel
        if body.get("ts"):
            channel = the_channel(body)
            message = self._message(channel, str(body["ts"]), user)
        mark = self._workspace.mark(user.id)
        try:
            wanted = str(body.get("shortcut", ""))
            acknowledged = await self._interactions.shortcut(user, wanted, message)
        except SlackRefusal as refusal:
            raise ControlError(str(refusal)) from refusal
        if not acknowledged:
            return {"ok": False, "error": "Shipmate did not respond.", "messages": []}
        return {"ok": True, **await self._shown(user, channel, mark, None)}

    async def submit(self, _: Request, body: Json) -> Json:
        """POST /control/slack/submit; `wait: false` answers at once, without what the bot says next."""
        user = the_user(body)
        view = self._view(user, body)
        if body.get("close"):
            await self._modals.close(user, view)
            return {"ok": True, "messages": []}
        try:
            values, errors = filled(view, body.get("values") or {})
        except Mistake as mistake:
            raise ControlError(str(mistake)) from mistake
        if errors:
            return {"ok": False, "errors": errors}
        mark = self._workspace.mark(user.id)
        answer = await self._modals.submit(user, view, values)
        if not answer["ok"] or body.get("wait") is False:
            return answer
        shown = await self._shown(user, user.direct_channel, mark, None)
        return {**answer, **shown}

    async def messages(self, request: Request) -> Json:
        """GET /control/slack/messages."""
        params = dict(request.query_params)
        channel = the_channel(params)
        viewer = the_user({"user": params["viewer"]}).id if params.get("viewer") else None
        thread = params.get("thread_ts")
        found = []
        for each in self._workspace.in_channel(channel):
            private = each.get("ephemeral_for")
            if private and private != viewer:
                continue
            if thread and each["ts"] != thread and each.get("thread_ts") != thread:
                continue
            if not thread and not in_channel(each):
                continue
            found.append(_shown_message(each) | self._shown_files(each))
        return {"messages": found}

    async def home(self, request: Request) -> Json:
        """GET /control/slack/home: opens the App Home as a click on it does."""
        user = the_user(dict(request.query_params))
        await self._interactions.open_home(user)
        for _ in range(int(LONGEST_WAIT / 0.05)):
            if user.id in self._workspace.homes:
                break
            await asyncio.sleep(0.05)
        return {"view": self._workspace.homes.get(user.id)}

    async def view(self, request: Request) -> Json:
        """GET /control/slack/view: the modal that a user has open, if any."""
        user = the_user(dict(request.query_params))
        found = [each for each in self._workspace.views.values() if each["user"] == user.id]
        return {"view": found[-1] if found else None}

    async def commands(self, _: Request) -> Json:
        """GET /control/slack/commands: the shortcuts of the app, too."""
        return {
            "shortcuts": [
                {key: each.get(key, "") for key in ("name", "type", "callback_id", "description")}
                for each in self._interactions.shortcuts
            ],
            "commands": [
                {key: each.get(key, "") for key in ("command", "description", "usage_hint")}
                for each in self._interactions.commands
            ],
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

    def _view(self, user: company.User, body: Json) -> Json:
        view = self._workspace.views.get(str(body.get("view_id", "")))
        if view is None or view["user"] != user.id:
            raise ControlError(f"{user.name} has no such form open: {body.get('view_id')!r}")
        return view

    def _message(self, channel: str, ts: str, user: company.User) -> Json:
        found = self._workspace.find(channel, ts)
        if found is None or found.get("ephemeral_for") not in {None, user.id}:
            raise ControlError(
                f"{user.name} sees no message {ts!r} in {company.channel_name(channel)}"
            )
        return found


def the_user(given: Json) -> company.User:
    """Find the person that a call names. Raises ControlError."""
    name = str(given.get("user", ""))
    found = company.user(name)
    if found is None:
        raise ControlError(
            f"there is no user {name!r}{nearest(name, [each.name for each in company.USERS])}"
        )
    return found


def the_channel(given: Json) -> str:
    """Find the id of the channel that a call names. Raises ControlError."""
    name = str(given.get("channel", ""))
    found = company.channel(name)
    if found is None:
        known = [each.name for each in company.CHANNELS]
        raise ControlError(f"there is no channel {name!r}{nearest(name, known)}")
    return found


def nearest(name: str, known: list[str]) -> str:
    """Answer the end of a sentence that says what there is in place of `name`."""
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
        "broadcast": message.get("subtype") == "thread_broadcast",
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
