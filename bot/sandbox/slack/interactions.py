"""What people do in Slack, as the platform tells the app: commands, shortcuts, clicks, messages, the App Home."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox import company
from bot.sandbox.slack import payloads
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.methods import private
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]
Deliver = Callable[[str, Json], Awaitable[Json | None]]


class Interactions:
    """The side of the workspace that people touch."""

    def __init__(
        self, workspace: Workspace, deliver: Deliver, app: Json, url: Callable[[], str]
    ) -> None:
        """`app` is the manifest of the app that is installed; `url` answers the sandbox's address."""
        self._workspace = workspace
        self._deliver = deliver
        self.install(app.get("features", {}))
        events = app.get("settings", {}).get("event_subscriptions", {}).get("bot_events")
        self._subscribed: list[str] | None = events
        self._url = url

    def install(self, features: Json) -> None:
        """Let people have the slash commands and shortcuts of a manifest's `features`."""
        self.commands: list[Json] = features.get("slash_commands", [])
        self.shortcuts: list[Json] = features.get("shortcuts", [])

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
            "channel_name": payloads.where(channel)["name"],
            "user_id": user.id,
            "user_name": user.name,
            "command": name,
            "text": rest.strip(),
            "api_app_id": company.APP,
            "is_enterprise_install": "false",
            "response_url": self._response_url(response),
            "trigger_id": self._workspace.new_trigger(user.id),
        }
        answer = await self._deliver("slash_commands", payload)
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
            await self.tell({**event, "channel_type": "im"})
        elif f"<@{company.BOT_USER}>" in made["text"]:
            await self.tell({**event, "type": "app_mention"})
        return made

    async def click(self, user: company.User, message: Json, action: Json, block_id: str) -> bool:
        """Press a button of a message; answer whether the app acknowledged it."""
        channel = message["channel"]
        private_message = bool(message.get("ephemeral_for"))
        response = self._workspace.new_response(channel, user.id, message["ts"])
        payload = {
            **payloads.who(self._workspace, user),
            "type": "block_actions",
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "is_ephemeral": private_message,
            },
            "channel": payloads.where(channel),
            "response_url": self._response_url(response),
            "actions": [payloads.pressed(self._workspace, action, block_id)],
            "state": {"values": {}},
        }
        if not private_message:
            payload["message"] = payloads.public(message)
        return await self._deliver("interactive", payload) is not None

    async def click_home(self, user: company.User, action: Json, block_id: str) -> bool:
        """Press a button of the App Home."""
        home = self._workspace.homes[user.id]
        payload = {
            **payloads.who(self._workspace, user),
            "type": "block_actions",
            "container": {"type": "view", "view_id": home["id"]},
            "view": home,
            "actions": [payloads.pressed(self._workspace, action, block_id)],
        }
        return await self._deliver("interactive", payload) is not None

    async def shortcut(self, user: company.User, wanted: str, message: Json | None = None) -> bool:
        """Use a shortcut by its name or callback_id, on a message or anywhere; answer whether the app acknowledged it.

        Raises SlackRefusal that names the ones there are.
        """
        kind = "global" if message is None else "message"
        there = [each for each in self.shortcuts if each["type"] == kind]
        found = next(
            (each for each in there if wanted in {each["name"], each["callback_id"]}), None
        )
        if found is None:
            names = ", ".join(each["name"] for each in there) or "none"
            raise SlackRefusal(f"there is no {kind} shortcut {wanted!r} (there is: {names})")
        payload = {
            **payloads.who(self._workspace, user),
            "type": "shortcut" if message is None else "message_action",
            "callback_id": found["callback_id"],
            "action_ts": self._workspace.next_ts(),
        }
        if message is not None:
            channel = message["channel"]
            response = self._workspace.new_response(channel, user.id)
            payload |= {
                "channel": payloads.where(channel),
                "message_ts": message["ts"],
                "message": payloads.public(message),
                "response_url": self._response_url(response),
            }
        return await self._deliver("interactive", payload) is not None

    async def open_home(self, user: company.User) -> None:
        """Open the App Home."""
        await self.tell(
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

    async def tell(self, *events: Json) -> None:
        """Tell the app of events that it has subscribed to."""
        for each in events:
            if self._subscribed is None or payloads.subscription(each) in self._subscribed:
                await self._deliver("events_api", payloads.event_callback(self._workspace, each))

    def _slackbot(self, channel: str, user: str, text: str) -> None:
        message = private(channel, user, {"text": text})
        self._workspace.add({**message, "user": "USLACKBOT"})

    def _response_url(self, response: str) -> str:
        return f"{self._url()}/slack/response/{response}"
