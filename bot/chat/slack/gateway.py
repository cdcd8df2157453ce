"""The `Gateway` on Slack's Web API: each call once, its errors in our words, never a blind second post.

What may have been taken although the answer says otherwise (a broken connection, `internal_error`,
`fatal_error`: docs.slack.dev, chat.postMessage errors) is `Unknown`, so that delivery looks before it posts.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.catalog.model import Person
from bot.chat.gateway import Profile, Unknown, Way
from bot.chat.message import Form, Mention, Message, Text
from bot.chat.slack import render
from bot.errors import Permanent, Temporary

METADATA = "shipmate_message"
STUMBLED = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "file_update_failed",  # docs.slack.dev, files.completeUploadExternal: it failed while it was at it
    }
)
PROFILE_KEPT = 3600.0
"""Seconds before a user's profile is asked for again: people travel."""
PAGES = 5
"""Pages of history that are looked through for a message, 200 messages each."""
UPLOAD_TAKES = 60.0
"""Seconds after which an upload counts as broken."""


def web_client(token: str, api_url: str) -> AsyncWebClient:
    """Make a client of the Web API at `api_url` that tries nothing twice: delivery decides what is sent again."""
    return AsyncWebClient(token=token, base_url=api_url, retry_handlers=[])


class SlackGateway:
    """Slack, through one Web API client."""

    name = "slack"

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._profiles: dict[str, tuple[float, Profile]] = {}
        self._ids: dict[str, str] = {}
        self._channels: dict[str, str] = {}

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
        answer = await _asked(
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
        await _asked(self._client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks))

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
        opened = await _asked(
            self._client.files_getUploadURLExternal(
                filename=name, length=len(content), snippet_type="text"
            )
        )
        with translating():
            await self._send(str(opened["upload_url"]), content)
        return str(opened["file_id"])

    async def share(self, channel: str, file: str, title: str, *, thread: str = "") -> None:
        """Show an uploaded file; Slack has looked through it and shows it some seconds later."""
        await _asked(
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
            answer = await _asked(call)
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
        text, blocks = render.text_and_blocks(message, await self._mentioned(message, people))
        if way.response_url:
            await _respond(
                way.response_url,
                {
                    "text": text,
                    "blocks": blocks,
                    "response_type": "ephemeral",
                    "replace_original": way.replaces,
                },
            )
        elif channel.startswith("D"):
            await _asked(self._client.chat_postMessage(channel=channel, text=text, blocks=blocks))
        elif channel:
            await _asked(
                self._client.chat_postEphemeral(
                    channel=channel, user=user, text=text, blocks=blocks
                )
            )
        else:
            await self.direct(user, message, people)

    async def withdraw(self, way: Way) -> None:
        """Take away the private message whose button was pressed."""
        if way.response_url:
            await _respond(way.response_url, {"delete_original": True})

    async def direct(self, user: str, message: Message, people: dict[str, Person]) -> None:
        """Send a direct message."""
        opened = await _asked(self._client.conversations_open(users=[user]))
        text, blocks = render.text_and_blocks(message, await self._mentioned(message, people))
        channel = opened["channel"]["id"]
        await _asked(self._client.chat_postMessage(channel=channel, text=text, blocks=blocks))

    async def open_form(self, form: Form, way: Way) -> None:
        """Open a modal before the one who asked."""
        metadata = json.dumps({"command": form.command, "channel": form.channel})
        await _asked(
            self._client.views_open(trigger_id=way.trigger, view=render.view(form, metadata))
        )

    async def show_home(self, user: str, message: Message, people: dict[str, Person]) -> None:
        """Publish the App Home of a user."""
        ids = await self._mentioned(message, people)
        await _asked(self._client.views_publish(user_id=user, view=render.home(message, ids)))

    async def profile_of(self, user: str) -> Profile:
        """Answer the email address that Slack has verified for a user, and their time zone."""
        now = asyncio.get_running_loop().time()
        known = self._profiles.get(user)
        if known is not None and known[0] > now:
            return known[1]
        try:
            answer = await _asked(self._client.users_info(user=user))
        except Permanent as error:
            if error.code != "user_not_found":
                raise
            return Profile()
        found = answer["user"]
        email = str(found.get("profile", {}).get("email") or "")
        profile = Profile(email=email, zone=str(found.get("tz") or ""))
        self._profiles[user] = (now + PROFILE_KEPT, profile)
        return profile

    async def identity_of(self, person: Person) -> str:
        """Answer the Slack user id of a person; empty when they are not in this workspace."""
        if person.slack_id:
            return person.slack_id
        if person.email not in self._ids:
            try:
                answer = await _asked(self._client.users_lookupByEmail(email=person.email))
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
            if name in people
        }

    async def _list_channels(self) -> None:
        cursor = ""
        while True:
            answer = await _asked(
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


async def _asked(call: Awaitable[AsyncSlackResponse], *, posting: bool = False) -> dict[str, Any]:
    with translating(posting=posting):
        answer = await call
    data = answer.data
    assert isinstance(data, dict)
    return data


@contextmanager
def translating(*, posting: bool = False) -> Iterator[None]:
    """Raise what goes wrong in Slack's client as Temporary or Permanent. `posting`: it may have happened."""
    try:
        yield
    except SlackApiError as error:
        raise _translated(error, posting=posting) from error
    except (aiohttp.ClientConnectorError, ConnectionRefusedError) as error:
        raise Temporary(f"Slack cannot be reached: {error}") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        said = f"Slack did not answer: {type(error).__name__}"
        raise (Unknown(said) if posting else Temporary(said)) from error


def _translated(error: SlackApiError, *, posting: bool) -> Temporary | Permanent:
    response = error.response
    status = getattr(response, "status_code", 200)
    code = str(response.get("error", "") if hasattr(response, "get") else "") or f"http_{status}"
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        headers = {key.lower(): value for key, value in dict(response.headers).items()}
        return Temporary("Slack asks to wait", retry_after=float(headers.get("retry-after", 1)))
    if code in STUMBLED or status >= 500:
        said = f"Slack stumbled: {code}"
        return Unknown(said) if posting else Temporary(said)
    needed = response.get("needed") if hasattr(response, "get") else None
    hint = f" (the app needs the scope {needed})" if needed else ""
    return Permanent(f"Slack refused: {code}{hint}", code=code)


async def _respond(url: str, body: dict[str, Any]) -> None:
    """Answer through a response_url."""
    try:
        answer = await AsyncWebhookClient(url).send_dict(body)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Temporary(f"Slack did not answer: {type(error).__name__}") from error
    if answer.status_code != 200:
        raise Permanent(
            f"the response_url answered {answer.status_code}: {answer.body[:100]}",
            code=answer.body[:100],
        )
