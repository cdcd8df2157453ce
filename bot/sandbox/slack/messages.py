"""A message as the workspace keeps it, and as the Web API writes it. Values only.

`text` and `blocks` are kept raw: links, mentions, dates and special tokens as they came over the wire. An ephemeral
message is one that only `viewer` sees.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.sandbox.company import APP_ID, BOT_ID, BOT_NAME, BOT_USER_ID, TEAM_ID

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message in one conversation."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    files: tuple[Json, ...] = ()
    thread_ts: str = ""
    """The root's ts on a reply; empty at the top of the channel."""
    broadcast: bool = False
    """A reply that is also shown in the channel."""
    edited_ts: str = ""
    metadata: Json | None = None
    viewer: str = ""
    """The only one who sees it; empty when everyone does."""
    reactions: tuple[Json, ...] = ()
    """`{name, users}` in the order they came."""
    deleted: bool = False
    """A root that was deleted while it had replies stays as a tombstone."""

    @property
    def by_bot(self) -> bool:
        """Whether the app posted it."""
        return self.user == BOT_USER_ID

    @property
    def at_top(self) -> bool:
        """Whether the channel itself shows it."""
        return not self.thread_ts or self.broadcast

    def document(self) -> Json:
        """Answer what is kept on the shelf."""
        return asdict(self)

    @classmethod
    def read(cls, document: Json) -> "Message":
        """Make the message that `document` was made of."""
        many = ("blocks", "attachments", "files", "reactions")
        return cls(**{**document, **{name: tuple(document[name]) for name in many}})


def wire(message: Message, replies: Sequence[Message] = (), *, metadata: bool = False) -> Json:
    """Answer a message as the Web API does (docs.slack.dev, conversations.history).

    `replies` are those to it, when it is a root; `metadata` says whether that was asked for.
    """
    made: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    made["team"] = TEAM_ID
    if message.deleted:
        made |= {"subtype": "tombstone", "user": "USLACKBOT", "hidden": True}
    if message.by_bot and not message.deleted:
        made |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": _bot_profile()}
    for name in ("blocks", "attachments", "files"):
        if value := getattr(message, name):
            made[name] = list(value)
    if message.edited_ts:
        made["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.reactions:
        made["reactions"] = [{**each, "count": len(each["users"])} for each in message.reactions]
    if metadata and message.metadata is not None:
        made["metadata"] = message.metadata
    return made | _thread(message, replies)


def labels(blocks: Sequence[Json]) -> list[str]:
    """Answer the labels of the buttons, in order."""
    found = (element for _, element in interactive(blocks))
    return [each["text"]["text"] for each in found if each["type"] == "button"]


def interactive(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each element that a person can use, with the block that holds it, in order."""
    for block in blocks:
        for element in _elements(block):
            yield block, element


def _elements(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for each in value:
            yield from _elements(each)
    elif isinstance(value, dict):
        if "action_id" in value:
            yield value
        else:
            for name in ("elements", "accessory", "element", "actions", "child_blocks"):
                yield from _elements(value.get(name))


def _thread(message: Message, replies: Sequence[Message]) -> Json:
    if message.thread_ts:
        made: Json = {"thread_ts": message.thread_ts}
        return made | ({"subtype": "thread_broadcast"} if message.broadcast else {})
    if not replies:
        return {}
    users = list(dict.fromkeys(each.user for each in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
        "reply_users": users,
        "is_locked": False,
        "subscribed": False,
    }


def _bot_profile() -> Json:
    return {
        "id": BOT_ID,
        "app_id": APP_ID,
        "user_id": BOT_USER_ID,
        "name": BOT_NAME,
        "deleted": False,
        "team_id": TEAM_ID,
    }
