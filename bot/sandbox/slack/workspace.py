"""What is in the workspace: messages, private messages, views and homes, all on the shelf before it is answered."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import company
from bot.sandbox.shelf import Shelf
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.groups import UserGroups

Json = dict[str, Any]

TRIGGER_LIVES = 3.0
"""Seconds that a trigger_id can be used."""
RESPONSE_LIVES = 1800.0
REACTION = 3.0
"""Seconds for which people may still press a button that an edit has just taken away."""

RESPONSE_USES = 5


@dataclass(slots=True, kw_only=True)
class Trigger:
    """What lets an app open or push a modal, for three seconds and once."""

    user: str
    view: str
    """The modal in which the interaction took place; empty elsewhere."""
    made: float
    used: bool = False


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
        self.groups = UserGroups(shelf, clock)
        self._profiles: dict[str, Json] = dict(shelf.items("slack/profiles"))
        self._triggers: dict[str, Trigger] = {}
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

    def new_trigger(self, user: str, view: str = "") -> str:
        """Make a trigger_id for an interaction of `user`, in the modal `view` when it was in one."""
        trigger = f"{next(self._ids)}.{company.TEAM}.trigger"
        self._triggers[trigger] = Trigger(user=user, view=view, made=self.clock())
        return trigger

    def use_trigger(self, name: str) -> tuple[str, str]:
        """Use a trigger up; answer whose it is and in which modal. Raises SlackRefusal when it is spent or unknown."""
        trigger = self._triggers.get(name)
        if trigger is None:
            raise SlackRefusal("invalid_trigger_id")
        if trigger.used:
            raise SlackRefusal("exchanged_trigger_id")
        if self.clock() - trigger.made > TRIGGER_LIVES:
            raise SlackRefusal("expired_trigger_id")
        trigger.used = True
        return trigger.user, trigger.view

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
        elif message["user"] == company.BOT_USER and in_channel(message):
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

    def open_view(self, user: str, view: Json, *, below: str = "") -> Json:
        """Open a modal before a user, or lay a view above the one with the id `below`."""
        name = self.new_id("V")
        made = {
            "callback_id": "",
            "private_metadata": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "close": None,
            "submit": None,
            **view,
            "id": name,
            "team_id": company.TEAM,
            "app_id": company.APP,
            "bot_id": company.BOT,
            "state": {"values": {}},
            "hash": self._view_hash(),
            "root_view_id": self.views[below]["root_view_id"] if below else name,
            "previous_view_id": below or None,
            "user": user,
        }
        self.views[name] = made
        self._open(made)
        return made

    def update_view(self, old: Json, view: Json) -> Json:
        """Show another view in the place of one."""
        kept = ("id", "root_view_id", "previous_view_id")
        old.update({**view, **{key: old[key] for key in kept}, "hash": self._view_hash()})
        self._open(old)
        return old

    def find_view(self, name: str, external: str = "") -> Json | None:
        """Find an open view by its id, or by the id that the app gave it."""
        if name in self.views or not external:
            return self.views.get(name)
        return next((each for each in self.views.values() if each["external_id"] == external), None)

    def stack(self, name: str) -> list[Json]:
        """Answer the views of the modal that a view belongs to, the root first."""
        root = self.views[name]["root_view_id"]
        return [each for each in self.views.values() if each["root_view_id"] == root]

    def close_view(self, view: Json) -> None:
        """Close a view, and those that lie above it."""
        for each in [
            each for each in self.views.values() if each["previous_view_id"] == view["id"]
        ]:
            self.close_view(each)
        self.views.pop(view["id"], None)
        self._changed("")

    def clear_views(self, view: Json) -> None:
        """Close the whole modal that a view belongs to."""
        for each in self.stack(view["id"]):
            self.views.pop(each["id"], None)
        self._changed("")

    def publish_home(self, user: str, view: Json) -> Json:
        """Show a user their App Home."""
        made = {**view, "id": self.new_id("V"), "hash": self._view_hash()}
        self.homes[user] = made
        self._shelf.put("slack/homes", user, made)
        self._changed("")
        return made

    # People

    def profile(self, user: company.User) -> tuple[str, str]:
        """Answer the time zone and the locale that a person has set."""
        kept = self._profiles.get(user.id, {})
        return kept.get("tz", user.zone), kept.get("locale", user.locale)

    def set_profile(self, user: company.User, changes: Json) -> None:
        """Change the time zone or the locale of a person."""
        self._profiles[user.id] = {**self._profiles.get(user.id, {}), **changes}
        self._shelf.put("slack/profiles", user.id, self._profiles[user.id])

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

    def _view_hash(self) -> str:
        return f"{int(self.clock())}.{next(self._ids):x}"

    def _open(self, view: Json) -> None:
        seen = self._seen[view["user"]]
        seen.count += 1
        seen.views.append((seen.count, view["id"]))
        self._changed("")

    def _show(self, user: str, ts: str) -> None:
        seen = self._seen[user]
        seen.count += 1
        seen.messages.append((seen.count, ts))

    def _keep(self, message: Json) -> None:
        self._shelf.put("slack/messages", _key(message), message)
        self.messages[message["channel"], message["ts"]] = message
        self._changed(message["channel"])


def in_channel(message: Json) -> bool:
    """Say whether a message stands in the channel itself: no reply, or one that was sent there, too."""
    parent = message.get("thread_ts")
    return parent in {None, message["ts"]} or message.get("subtype") == "thread_broadcast"


def _micros(ts: str) -> int:
    seconds, _, micros = ts.partition(".")
    return int(seconds) * 1_000_000 + int(micros or 0)


def _key(message: Json) -> str:
    return f"{message['channel']}/{message['ts']}"
