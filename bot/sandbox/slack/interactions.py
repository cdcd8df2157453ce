"""What people do in Slack, as the platform tells the app: commands, clicks, forms, messages, the App Home."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox import company
from bot.sandbox.slack import usergroups
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.methods import private
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]
Deliver = Callable[[str, Json], Awaitable[Json | None]]


class Interactions:
    """The side of the workspace that people touch."""

    def __init__(
        self, workspace: Workspace, socket: SocketMode, commands: list[Json], url: Callable[[], str]
    ) -> None:
        """`commands` are the manifest's slash commands; `url` answers the sandbox's address."""
        self._workspace = workspace
        self._socket = socket
        self.commands = commands
        self._url = url

    async def command(self, user: company.User, channel: str, text: str) -> None:
        """Type a slash command."""
        name, _, rest = text.partition(" ")
        if name not in {each["command"] for each in self.commands}:
            self._slackbot(
                channel,
                user.id,
                f"{name} is not a valid command. In Slack, all messages that start with the “/” character are interpreted as commands.",
            )
            return
        response = self._workspace.new_response(channel, user.id)
        payload = {
            "token": "sandbox",
            "team_id": company.TEAM,
            "team_domain": "shop",
            "channel_id": channel,
            "channel_name": "directmessage"
            if channel.startswith("D")
            else company.channel_name(channel),
            "user_id": user.id,
            "user_name": user.name,
            "command": name,
            "text": rest.strip(),
            "api_app_id": company.APP,
            "is_enterprise_install": "false",
            "response_url": self._response_url(response),
            "trigger_id": self._workspace.new_trigger(user.id),
        }
        answer = await self._socket.deliver("slash_commands", payload)
        if answer is None:
            self._slackbot(channel, user.id, f'{name} failed with the error "dispatch_failed"')
        elif answer.get("text") or answer.get("blocks"):
            self._workspace.add(private(channel, user.id, answer))

    async def say(self, user: company.User, channel: str, text: str, thread: str | None) -> Json:
        """Type a message; the bot hears of it when it is mentioned or spoken to directly."""
        message: Json = {
            "channel": channel,
            "user": user.id,
            "type": "message",
            "text": text,
            "blocks": [],
        }
        if thread:
            message["thread_ts"] = thread
        for name in ("@shipmate", "@Shipmate"):
            message["text"] = message["text"].replace(name, f"<@{company.BOT_USER}>")
        made = self._workspace.add(message)
        event = {
            "type": "message",
            "user": user.id,
            "text": made["text"],
            "ts": made["ts"],
            "channel": channel,
            "event_ts": made["ts"],
        }
        if thread:
            event["thread_ts"] = thread
        if channel.startswith("D"):
            await self._event({**event, "channel_type": "im"})
        elif f"<@{company.BOT_USER}>" in made["text"]:
            await self._event({**event, "type": "app_mention"})
        return made

    async def change_group(self, group: str, handle: str, users: list[str]) -> None:
        """Make a user group, or give it other members; the app hears of it."""
        before = set(self._workspace.usergroups.get(group, {}).get("users", ()))
        usergroups.put(self._workspace, group, handle, users)
        await self._event(
            {
                "type": "subteam_members_changed",
                "subteam_id": group,
                "team_id": company.TEAM,
                "added_users": sorted(set(users) - before),
                "removed_users": sorted(before - set(users)),
            }
        )

    async def click(self, user: company.User, message: Json, action: Json, block_id: str) -> bool:
        """Press a button of a message; answer whether the app acknowledged it."""
        channel = message["channel"]
        private_message = bool(message.get("ephemeral_for"))
        response = self._workspace.new_response(channel, user.id, message["ts"])
        payload = {
            **self._who(user),
            "type": "block_actions",
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "is_ephemeral": private_message,
            },
            "channel": {"id": channel, "name": company.channel_name(channel)},
            "response_url": self._response_url(response),
            "actions": [self._action(action, block_id)],
            "state": {"values": {}},
        }
        if not private_message:
            payload["message"] = {
                key: value for key, value in message.items() if key not in {"channel", "metadata"}
            }
        return await self._socket.deliver("interactive", payload) is not None

    async def click_home(self, user: company.User, action: Json, block_id: str) -> bool:
        """Press a button of the App Home."""
        home = self._workspace.homes[user.id]
        payload = {
            **self._who(user),
            "type": "block_actions",
            "container": {"type": "view", "view_id": home["id"]},
            "view": home,
            "actions": [self._action(action, block_id)],
        }
        return await self._socket.deliver("interactive", payload) is not None

    async def submit(self, user: company.User, view: Json, values: Json) -> Json:
        """Send a filled-in modal; answer `{ok}`, with `errors` by block when the app has complaints."""
        payload = {
            **self._who(user),
            "type": "view_submission",
            "view": {
                **{key: each for key, each in view.items() if key != "user"},
                "state": {"values": values},
            },
            "response_urls": [],
        }
        answer = await self._socket.deliver("interactive", payload)
        if answer is None:
            return {"ok": False, "error": "Shipmate did not respond."}
        if answer.get("response_action") == "errors":
            return {"ok": False, "errors": answer["errors"]}
        if answer.get("response_action") == "update":
            view.update(answer["view"])
            return {"ok": True, "view": view}
        self._workspace.close_view(view)
        return {"ok": True}

    async def close(self, user: company.User, view: Json) -> None:
        """Close a modal without sending it."""
        self._workspace.close_view(view)
        if view.get("notify_on_close"):
            payload = {**self._who(user), "type": "view_closed", "view": view, "is_cleared": False}
            await self._socket.deliver("interactive", payload)

    async def open_home(self, user: company.User) -> None:
        """Open the App Home."""
        await self._event(
            {
                "type": "app_home_opened",
                "user": user.id,
                "channel": user.direct_channel,
                "tab": "home",
                "event_ts": self._workspace.next_ts(),
            }
        )

    def respond(self, response_id: str, body: Json) -> str:
        """Take what an app says through a response_url. Raises SlackRefusal."""
        response = self._workspace.use_response(response_id)
        old = self._workspace.find(response.channel, response.message_ts)
        if body.get("delete_original"):
            if old is not None:
                self._workspace.remove(old)
            return "ok"
        if body.get("replace_original") and old is not None:
            made = private(response.channel, response.user, body)
            old |= {"text": made["text"], "blocks": made["blocks"]}
            self._workspace.change(old)
            return "ok"
        message = private(response.channel, response.user, body)
        if body.get("response_type") == "in_channel":
            del message["ephemeral_for"]
        self._workspace.add(message)
        return "ok"

    async def _event(self, event: Json) -> None:
        await self._socket.deliver(
            "events_api",
            {
                "token": "sandbox",
                "team_id": company.TEAM,
                "api_app_id": company.APP,
                "event": event,
                "type": "event_callback",
                "event_id": self._workspace.new_id("Ev"),
                "event_time": int(self._workspace.clock()),
                "authorizations": [
                    {"team_id": company.TEAM, "user_id": company.BOT_USER, "is_bot": True}
                ],
            },
        )

    def _who(self, user: company.User) -> Json:
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
            "trigger_id": self._workspace.new_trigger(user.id),
            "is_enterprise_install": False,
        }

    def _action(self, action: Json, block_id: str) -> Json:
        return {
            "action_id": action["action_id"],
            "block_id": block_id,
            "text": action.get("text"),
            "value": action.get("value", ""),
            "style": action.get("style"),
            "type": action["type"],
            "action_ts": self._workspace.next_ts(),
        }

    def _slackbot(self, channel: str, user: str, text: str) -> None:
        message = private(channel, user, {"text": text})
        self._workspace.add({**message, "user": "USLACKBOT"})

    def _response_url(self, response: str) -> str:
        return f"{self._url()}/slack/response/{response}"


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
