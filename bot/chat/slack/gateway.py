"""The `Gateway` on Slack's Web API: each call once, its errors in our words, never a blind second post.

What may have been taken although the answer says otherwise (a broken connection, `internal_error`,
`fatal_error`: docs.slack.dev, chat.postMessage errors) is `Unknown`, so that delivery looks before it posts.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.catalog.model import Person
from bot.chat.gateway import Profile, Way
from bot.chat.message import Form, Mention, Message, Text
from bot.chat.slack import render
from bot.chat.slack.calls import asked, respond, translating
from bot.chat.slack.counting import CountedClient, OnCall
from bot.chat.slack.inbound import METADATA
from bot.errors import Permanent, Temporary
from bot.languages import of_locale
from bot.lease import Certain, always

log = logging.getLogger(__name__)

PROFILE_KEPT = 3600.0
"""Seconds before a user's profile is asked for again: people travel."""
PAGES = 5
"""Pages of history that are looked through for a message, 200 messages each."""
UPLOAD_TAKES = 60.0
"""Seconds after which an upload counts as broken."""


def web_client(
    token: str, api_url: str, on_call: OnCall = lambda _method, _result, _seconds: None
) -> CountedClient:
    """Make a client of the Web API at `api_url` that tries nothing twice: delivery decides what is sent again.

    `on_call` is told each call, for counting.
    """
    return CountedClient(on_call=on_call, token=token, base_url=api_url, retry_handlers=[])


class SlackGateway:
    """Slack, through one Web API client."""

    name = "slack"

    def __init__(self, client: AsyncWebClient, certain: Certain = always) -> None:
        """`certain` is waited for before anything is said in public: another replica may say it by now."""
        self._client = client
        self._certain = certain
        self._profiles: dict[str, tuple[float, Profile]] = {}
        self._ids: dict[str, str] = {}
        self._channels: dict[str, str] = {}

    @property
    def client(self) -> AsyncWebClient:
        """The client that it speaks by."""
        return self._client

    async def channel_id(self, name: str) -> str:
        """Answer the id of a channel given by name or id. Raises Permanent when there is none."""
        if _is_id(name):
            return name
        if name not in self._channels:
            await self._list_channels()
        if name not in self._channels:
            raise Permanent(f"there is no channel #{name}", code="channel_not_found")
        return self._channels[name]

    async def digest(self, message: Message, people: dict[str, Person]) -> str:
        """Answer what tells one rendering of a message from another."""
        rendered = render.text_and_blocks(message, await self._mentioned(message, people))
        return hashlib.sha256(json.dumps(rendered).encode()).hexdigest()

    async def post(
        self,
        channel: str,
        message: Message,
        people: dict[str, Person],
        *,
        key: str,
        thread: str = "",
    ) -> str:
        """Post and answer the message's ts."""
        text, blocks = render.text_and_blocks(message, await self._mentioned(message, people))
        await self._certain()
        answer = await asked(
            self._client.chat_postMessage(
                channel=channel,
                text=text,
                blocks=blocks,
                thread_ts=thread or None,
                metadata={"event_type": METADATA, "event_payload": {"key": key}},
                unfurl_links=False,
                unfurl_media=False,
            ),
            posting=True,
        )
        return str(answer["ts"])

    async def edit(
        self, channel: str, ts: str, message: Message, people: dict[str, Person]
    ) -> None:
        """Replace what a message shows."""
        text, blocks = render.text_and_blocks(message, await self._mentioned(message, people))
        await self._certain()
        await asked(self._client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks))

    async def take_away(self, channel: str, ts: str) -> None:
        """Delete a message of ours; one that is gone is fine."""
        try:
            await asked(self._client.chat_delete(channel=channel, ts=ts))
        except Permanent as error:
            if error.code != "message_not_found":
                raise

    async def permalink(self, channel: str, ts: str) -> str:
        """Answer the address of a message; of a reply it leads into the thread, also of a parent that is gone."""
        answer = await asked(self._client.chat_getPermalink(channel=channel, message_ts=ts))
        return str(answer["permalink"])

    async def find(self, channel: str, key: str, *, since: float, thread: str = "") -> str | None:
        """Find a message of ours by its metadata; answer its ts."""

        def is_it(message: dict[str, Any]) -> bool:
            found = message.get("metadata", {}).get("event_payload", {}).get("key")
            return bool(found == key)

        return await self._look(is_it, channel, since, thread)

    async def upload(self, name: str, text: str) -> str:
        """Hand over a snippet that nobody sees yet; answer its file id.

        The three calls one by one and not the client's `files_upload_v2`: only the last of them shows anything, and
        a failure there has to be told from one before it.
        """
        content = text.encode(errors="replace")
        opened = await asked(
            self._client.files_getUploadURLExternal(
                filename=name, length=len(content), snippet_type="text"
            )
        )
        with translating():
            await self._send(str(opened["upload_url"]), content)
        return str(opened["file_id"])

    async def share(self, channel: str, file: str, title: str, *, thread: str = "") -> None:
        """Show an uploaded file; Slack has looked through it and shows it some seconds later."""
        await self._certain()
        await asked(
            self._client.files_completeUploadExternal(
                files=[{"id": file, "title": title}],
                channel_id=channel,
                thread_ts=thread or None,
            ),
            posting=True,
        )

    async def find_file(
        self, channel: str, file: str, *, since: float, thread: str = ""
    ) -> str | None:
        """Find the message that shows a file by the file's id, which it has whatever the app may read of it."""

        def is_it(message: dict[str, Any]) -> bool:
            return any(each.get("id") == file for each in message.get("files") or [])

        return await self._look(is_it, channel, since, thread)

    async def _send(self, url: str, content: bytes) -> None:
        """Send a file's bytes where Slack wants them. The URL is a secret: whoever has it may write there."""
        limit = aiohttp.ClientTimeout(total=UPLOAD_TAKES)
        ssl, proxy = self._client.ssl or True, self._client.proxy
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(url, data=content, proxy=proxy, ssl=ssl) as answer,
        ):
            status = answer.status
            if status == 429:
                wait = float(answer.headers.get("Retry-After", 1))
                raise Temporary("Slack asks to wait with files", retry_after=wait)
            if status == 408 or status >= 500:
                raise Temporary(f"Slack's file host stumbled: HTTP {status}")
            if status != 200:
                raise Permanent(f"Slack refused the file: HTTP {status}", code=f"http_{status}")

    async def _look(
        self, is_it: Callable[[dict[str, Any]], bool], channel: str, since: float, thread: str
    ) -> str | None:
        """Find what was said in a channel, or below a message, from a minute before `since` on; answer its ts."""
        cursor = ""
        for _ in range(PAGES):
            query: dict[str, Any] = {
                "channel": channel,
                "oldest": f"{since - 60:.6f}",
                "limit": 200,
                "include_all_metadata": True,
                "cursor": cursor or None,
            }
            call = (
                self._client.conversations_replies(ts=thread, **query)
                if thread
                else self._client.conversations_history(**query)
            )
            answer = await asked(call)
            for each in answer["messages"]:
                if is_it(each):
                    return str(each["ts"])
            cursor = answer.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return None
        return None

    async def reply(
        self, channel: str, user: str, message: Message, people: dict[str, Person], way: Way
    ) -> None:
        """Say something that only `user` sees."""
        if way.view and await self._replaced(message, people, way.view, channel):
            return
        text, blocks = render.text_and_blocks(message, await self._mentioned(message, people))
        if way.response_url:
            await respond(
                way.response_url,
                {
                    "text": text,
                    "blocks": blocks,
                    "response_type": "ephemeral",
                    "replace_original": way.replaces,
                },
            )
        elif channel.startswith("D"):
            await asked(self._client.chat_postMessage(channel=channel, text=text, blocks=blocks))
        elif channel:
            await asked(
                self._client.chat_postEphemeral(
                    channel=channel, user=user, text=text, blocks=blocks
                )
            )
        else:
            await self.direct(user, message, people)

    async def withdraw(self, way: Way) -> None:
        """Take away the private message whose button was pressed."""
        if way.response_url:
            await respond(way.response_url, {"delete_original": True})

    async def direct(self, user: str, message: Message, people: dict[str, Person]) -> None:
        """Send a direct message."""
        channel = await self.conversation_with(user)
        text, blocks = render.text_and_blocks(message, await self._mentioned(message, people))
        await asked(self._client.chat_postMessage(channel=channel, text=text, blocks=blocks))

    async def conversation_with(self, user: str) -> str:
        """Answer the id of the direct conversation with a user."""
        opened = await asked(self._client.conversations_open(users=[user]))
        return str(opened["channel"]["id"])

    async def open_form(self, form: Form, way: Way) -> None:
        """Open a modal before the one who asked, or above the one whose button was pressed."""
        metadata = json.dumps({"command": form.command, "channel": form.channel})
        view = render.view(form, metadata)
        if way.view:
            await asked(self._client.views_push(trigger_id=way.trigger, view=view))
        else:
            await asked(self._client.views_open(trigger_id=way.trigger, view=view))

    async def open_panel(
        self, title: str, message: Message, people: dict[str, Person], way: Way, channel: str
    ) -> None:
        """Open a modal that shows a message with its buttons."""
        ids = await self._mentioned(message, people)
        view = render.panel(message, ids, title, json.dumps({"channel": channel}))
        await asked(self._client.views_open(trigger_id=way.trigger, view=view))

    async def _replaced(
        self, message: Message, people: dict[str, Person], view: str, channel: str
    ) -> bool:
        """Show a message in the place of a modal; False when that is closed already."""
        ids = await self._mentioned(message, people)
        shown = render.panel(message, ids, "Shipmate", json.dumps({"channel": channel}))
        try:
            await asked(self._client.views_update(view_id=view, view=shown))
        except Permanent as error:
            log.info("a form could not be answered in its place: %s", error)
            return False
        return True

    async def show_home(self, user: str, message: Message, people: dict[str, Person]) -> None:
        """Publish the App Home of a user."""
        ids = await self._mentioned(message, people)
        await self._certain()
        await asked(self._client.views_publish(user_id=user, view=render.home(message, ids)))

    async def profile_of(self, user: str) -> Profile:
        """Answer the email address that Slack has verified for a user, their time zone and language."""
        now = asyncio.get_running_loop().time()
        known = self._profiles.get(user)
        if known is not None and known[0] > now:
            return known[1]
        try:
            answer = await asked(self._client.users_info(user=user, include_locale=True))
        except Permanent as error:
            if error.code != "user_not_found":
                raise
            return Profile()
        found = answer["user"]
        email = str(found.get("profile", {}).get("email") or "")
        language = of_locale(str(found.get("locale") or ""))
        profile = Profile(email=email, zone=str(found.get("tz") or ""), language=language)
        self._profiles[user] = (now + PROFILE_KEPT, profile)
        return profile

    async def group_members(self, groups: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Answer the ids of those in each user group, given by id or handle; of one that is not there, nobody."""
        answer = await asked(self._client.usergroups_list(include_users=True, include_count=True))
        known = {
            name: each for each in answer["usergroups"] for name in (each["id"], each["handle"])
        }
        found: dict[str, tuple[str, ...]] = {}
        for group in groups:
            listed = known.get(group)
            if listed is None:
                log.warning("there is no Slack user group %s", group)
            users = listed.get("users", []) if listed else []
            if listed is not None and len(users) < int(listed.get("user_count", 0)):
                call = self._client.usergroups_users_list(usergroup=listed["id"])
                users = (await asked(call))["users"]  # the list of all groups names only so many
            found[group] = tuple(users)
        return found

    async def identity_of(self, person: Person) -> str:
        """Answer the Slack user id of a person; empty when they are not in this workspace."""
        if person.slack_id:
            return person.slack_id
        if person.email not in self._ids:
            try:
                answer = await asked(self._client.users_lookupByEmail(email=person.email))
            except Permanent as error:
                if error.code != "users_not_found":
                    raise
                self._ids[person.email] = ""
                return ""
            self._ids[person.email] = str(answer["user"]["id"])
        return self._ids[person.email]

    async def _mentioned(self, message: Message, people: Mapping[str, Person]) -> dict[str, str]:
        """Answer the ids of those whom a message mentions."""
        return {
            name: await self.identity_of(people[name])
            for name in _mentions(message)
            if name in people and people[name].notify
        }

    async def _list_channels(self) -> None:
        cursor = ""
        while True:
            answer = await asked(
                self._client.conversations_list(
                    types="public_channel,private_channel",
                    exclude_archived=True,
                    limit=1000,
                    cursor=cursor or None,
                )
            )
            self._channels |= {each["name"]: each["id"] for each in answer["channels"]}
            cursor = answer.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return


def _mentions(message: Message) -> set[str]:
    return {
        span.person
        for block in message.blocks
        if isinstance(block, Text)
        for line in block.lines
        for span in line
        if isinstance(span, Mention) and span.notify
    }


def _is_id(name: str) -> bool:
    return len(name) > 6 and name[0] in "CGD" and name.isalnum() and name.isupper()
