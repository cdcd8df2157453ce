"""What is in the workspace: messages, private messages, views and homes, all on the shelf before it is answered."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import company
from bot.sandbox.shelf import Shelf
from bot.sandbox.slack.errors import SlackRefusal

Json = dict[str, Any]

TRIGGER_LIVES = 3.0
"""Seconds that a trigger_id can be used."""
RESPONSE_LIVES = 1800.0
REACTION = 3.0
"""Seconds for which people may still press a button that an edit has just taken away."""

RESPONSE_USES = 5


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """A way to answer one interaction, for half an hour and five times."""

    channel: str
    user: str
    message_ts: str
    made: float
    uses: int = 0


@dataclass(slots=True)
class Seen:
    """What one person alone gets to see, counted so that a caller can wait for it."""

    count: int = 0
    messages: list[tuple[int, str]] = field(default_factory=list)
    views: list[tuple[int, str]] = field(default_factory=list)


class Workspace:
    """One workspace and everything in it."""

    def __init__(
        self,
        shelf: Shelf,
        *,
        changed: Callable[[str], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`changed` is called with the id of a channel in which something has changed."""
        self._shelf = shelf
        self._changed = changed
        self.clock = clock
        self.messages: dict[tuple[str, str], Json] = {}
        self.views: dict[str, Json] = {}
        self.homes: dict[str, Json] = dict(shelf.items("slack/homes"))
        self._triggers: dict[str, tuple[float, str]] = {}
        self._responses: dict[str, ResponseUrl] = {}
        self._ids = itertools.count(int(clock() * 1000))
        self._last = 0
        self._seen: dict[str, Seen] = {each.id: Seen() for each in company.USERS}
        self.posted: dict[str, int] = {}
        self.usergroups: dict[str, Json] = {}
        self._replaced: dict[str, tuple[float, list[Json]]] = {}
        for _, document in shelf.items("slack/messages"):
            self.messages[document["channel"], document["ts"]] = document
            self._last = max(self._last, _micros(document["ts"]))

    # Time and names

    def next_ts(self) -> str:
        """Answer a ts that is greater than all before."""
        self._last = max(self._last + 1, int(self.clock() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        """Answer an id that nothing else has."""
        return f"{prefix}{next(self._ids):X}"

    def new_trigger(self, user: str) -> str:
        """Make a trigger_id for an interaction of `user`."""
        trigger = f"{next(self._ids)}.{company.TEAM}.trigger"
        self._triggers[trigger] = (self.clock(), user)
        return trigger

    def use_trigger(self, trigger: str) -> str:
        """Use a trigger up; answer whose it is. Raises SlackRefusal when it is spent or unknown."""
        if trigger not in self._triggers:
            raise SlackRefusal("invalid_trigger_id")
        made, user = self._triggers[trigger]
        if not user:
            raise SlackRefusal("exchanged_trigger_id")
        if self.clock() - made > TRIGGER_LIVES:
            raise SlackRefusal("expired_trigger_id")
        self._triggers[trigger] = (made, "")
        return user

    def new_response(self, channel: str, user: str, message_ts: str = "") -> str:
        """Make a response_url's id."""
        found = self.new_id("R")
        self._responses[found] = ResponseUrl(
            channel=channel, user=user, message_ts=message_ts, made=self.clock()
        )
        return found

    def use_response(self, found: str) -> ResponseUrl:
        """Use a response_url once. Raises SlackRefusal when it is too old or used up."""
        response = self._responses.get(found)
        if response is None or self.clock() - response.made > RESPONSE_LIVES:
            raise SlackRefusal("expired_url")
        if response.uses >= RESPONSE_USES:
            raise SlackRefusal("used_url")
        response.uses += 1
        return response

    # Messages

    def add(self, message: Json) -> Json:
        """Put a message into its channel; it gets a ts."""
        message["ts"] = self.next_ts()
        self._keep(message)
        thread = message.get("thread_ts")
        parent = self.messages.get((message["channel"], thread)) if thread else None
        if parent is not None and not message.get("ephemeral_for"):
            parent.setdefault("thread_ts", thread)
            parent["reply_count"] = parent.get("reply_count", 0) + 1
            parent["latest_reply"] = message["ts"]
            self._keep(parent)
        if message.get("ephemeral_for"):
            self._show(message["ephemeral_for"], message["ts"])
        elif message["user"] == company.BOT_USER and not thread:
            self.posted[message["channel"]] = self.posted.get(message["channel"], 0) + 1
        return message

    def change(self, message: Json) -> None:
        """Store a changed message."""
        self._keep(message)
        if message.get("ephemeral_for"):
            self._show(message["ephemeral_for"], message["ts"])

    def remove(self, message: Json) -> None:
        """Take a message away."""
        key = (message["channel"], message["ts"])
        self.messages.pop(key, None)
        self._shelf.delete("slack/messages", _key(message))
        self._changed(message["channel"])

    def replace_blocks(self, message: Json) -> None:
        """Remember what a message shows before it is edited: someone may be pressing it right now."""
        self._replaced[_key(message)] = (self.clock(), message.get("blocks", []))

    def blocks_seen(self, message: Json) -> list[Json]:
        """Answer the blocks that people may see: the present ones and those that were there a moment ago."""
        changed, before = self._replaced.get(_key(message), (0.0, []))
        recent = before if self.clock() - changed < REACTION else []
        return [*message.get("blocks", []), *recent]

    def find(self, channel: str, ts: str) -> Json | None:
        """Find a message."""
        return self.messages.get((channel, ts))

    def in_channel(self, channel: str) -> Iterator[Json]:
        """Yield a channel's messages, oldest first, private and threaded ones too."""
        keys = sorted(
            (key for key in self.messages if key[0] == channel), key=lambda key: _micros(key[1])
        )
        for key in keys:
            yield self.messages[key]

    # Views

    def open_view(self, user: str, view: Json) -> Json:
        """Open a modal before a user."""
        made = {
            **view,
            "id": self.new_id("V"),
            "team_id": company.TEAM,
            "app_id": company.APP,
            "bot_id": company.BOT,
            "hash": f"{self.clock():.6f}",
            "user": user,
        }
        self.views[made["id"]] = made
        seen = self._seen[user]
        seen.count += 1
        seen.views.append((seen.count, made["id"]))
        self._changed("")
        return made

    def close_view(self, view: Json) -> None:
        """Close a modal."""
        self.views.pop(view["id"], None)
        self._changed("")

    def publish_home(self, user: str, view: Json) -> Json:
        """Show a user their App Home."""
        made = {**view, "id": self.new_id("V"), "hash": f"{self.clock():.6f}"}
        self.homes[user] = made
        self._shelf.put("slack/homes", user, made)
        self._changed("")
        return made

    # What one person sees

    def mark(self, user: str) -> int:
        """Answer how much a person has been shown so far."""
        return self._seen[user].count

    def shown_since(self, user: str, mark: int) -> tuple[list[str], str | None]:
        """Answer the private messages and the modal that a person got after `mark`."""
        seen = self._seen[user]
        found = dict.fromkeys(ts for count, ts in seen.messages if count > mark)
        views = [view for count, view in seen.views if count > mark and view in self.views]
        return list(found), views[-1] if views else None

    def _show(self, user: str, ts: str) -> None:
        seen = self._seen[user]
        seen.count += 1
        seen.messages.append((seen.count, ts))

    def _keep(self, message: Json) -> None:
        self._shelf.put("slack/messages", _key(message), message)
        self.messages[message["channel"], message["ts"]] = message
        self._changed(message["channel"])


def _micros(ts: str) -> int:
    seconds, _, micros = ts.partition(".")
    return int(seconds) * 1_000_000 + int(micros or 0)


def _key(message: Json) -> str:
    return f"{message['channel']}/{message['ts']}"
