"""The conversations of the workspace and what was said in them, written to the shelf before anyone is told.

It keeps order and identity: timestamps that grow, threads, who sees what. It enforces no limit and checks no scope;
those who may call it (the Web API, response URLs, webhooks, members) do.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum

from bot.sandbox.company import BOT_USER_ID, SLACKBOT_ID, Company
from bot.sandbox.shelf import Shelf
from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.messages import Message

COLLECTION = "slack/messages"


class Kind(Enum):
    """What sort of conversation one is."""

    PUBLIC = "channels"
    PRIVATE = "groups"
    DIRECT = "im"

    @property
    def scope(self) -> str:
        """The word that scopes for this kind begin with, as in `groups:history`."""
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A channel, or the direct messages of one person with the app."""

    id: str
    name: str
    kind: Kind
    members: tuple[str, ...]
    """User ids, the bot's included when it is in it."""

    @property
    def has_bot(self) -> bool:
        """Whether the app is a member."""
        return BOT_USER_ID in self.members

    @property
    def person(self) -> str:
        """The person in a direct conversation."""
        return self.members[0]


class Happened(Enum):
    """What happened to a message."""

    POSTED = "posted"
    CHANGED = "changed"
    REMOVED = "removed"


Listener = Callable[[Happened, Message], None]


class Workspace:
    """All conversations and messages."""

    def __init__(self, *, company: Company, shelf: Shelf, clock: Clock) -> None:
        self.company = company
        self._shelf = shelf
        self._clock = clock
        self._listeners: list[Listener] = []
        self._conversations = {each.id: each for each in _conversations(company)}
        self._messages: dict[str, dict[str, Message]] = {each: {} for each in self._conversations}
        self._last = 0
        for _, document in shelf.items(COLLECTION):
            message = Message.read(document)
            self._messages.setdefault(message.channel, {})[message.ts] = message
            self._last = max(self._last, int(message.ts.replace(".", "")))

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each change; answer what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def stamp(self) -> str:
        """Make a ts: seconds and microseconds, later than every one before."""
        self._last = max(self._last + 1, int(self._clock.now() * 1_000_000))
        seconds, micros = divmod(self._last, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def conversation(self, reference: str) -> Conversation | None:
        """Find a conversation by id, by name with or without `#`, or the direct one by a person's id."""
        if reference in self._conversations:
            return self._conversations[reference]
        room = self.company.room(reference)
        if room is not None:
            return self._conversations[room.id]
        person = self.company.person(reference)
        return self.direct(person.id) if person is not None and person.id == reference else None

    def direct(self, user: str) -> Conversation:
        """Answer the direct conversation of a person with the app."""
        return self._conversations[direct_id(user)]

    def conversations(self) -> list[Conversation]:
        """List all conversations."""
        return list(self._conversations.values())

    def post(self, message: Message) -> Message:
        """Add a message under the ts it has."""
        return self._keep(message, Happened.POSTED)

    def put(self, message: Message) -> Message:
        """Put `message` in the place of the one with its ts."""
        return self._keep(message, Happened.CHANGED)

    def remove(self, message: Message) -> None:
        """Take a message away; a root with replies stays as a tombstone."""
        if not message.viewer and self.replies(message.channel, message.ts):
            tombstone = replace(
                message, text="This message was deleted.", blocks=(), attachments=(), deleted=True
            )
            self._keep(tombstone, Happened.CHANGED)
            return
        self._shelf.delete(COLLECTION, _key(message))
        self._messages[message.channel].pop(message.ts, None)
        self._tell(Happened.REMOVED, message)

    def find(self, channel: str, ts: str, *, viewer: str = "") -> Message | None:
        """Find a message that everyone sees, or that `viewer` does."""
        found = self._messages.get(channel, {}).get(ts)
        return found if found is not None and found.viewer in {"", viewer} else None

    def at_top(self, channel: str, *, viewer: str = "") -> list[Message]:
        """List what the channel itself shows, oldest first."""
        return [each for each in self._seen(channel, viewer) if each.at_top]

    def replies(self, channel: str, root: str, *, viewer: str = "") -> list[Message]:
        """List the replies to `root`, oldest first."""
        return [each for each in self._seen(channel, viewer) if each.thread_ts == root]

    def only_for(
        self, user: str, channel: str, text: str, *, author: str = SLACKBOT_ID, thread_ts: str = ""
    ) -> Message:
        """Post what only `user` sees, by default as Slackbot."""
        return self.post(
            Message(
                channel=channel,
                ts=self.stamp(),
                user=author,
                text=text,
                viewer=user,
                thread_ts=thread_ts,
            )
        )

    def _seen(self, channel: str, viewer: str) -> Iterable[Message]:
        found = self._messages.get(channel, {}).values()
        return [each for each in found if each.viewer in {"", viewer}]

    def _keep(self, message: Message, happened: Happened) -> Message:
        self._shelf.put(COLLECTION, _key(message), message.document())
        self._messages[message.channel][message.ts] = message
        self._tell(happened, message)
        return message

    def _tell(self, happened: Happened, message: Message) -> None:
        for listener in list(self._listeners):
            listener(happened, message)


def direct_id(user: str) -> str:
    """Answer the id of a person's direct conversation with the app."""
    return f"D{user[1:]}SHIP"


def _key(message: Message) -> str:
    return f"{message.channel}/{message.ts}"


def _conversations(company: Company) -> Iterable[Conversation]:
    everyone = tuple(each.id for each in company.people)
    for room in company.rooms:
        yield Conversation(
            id=room.id,
            name=room.name,
            kind=Kind.PRIVATE if room.private else Kind.PUBLIC,
            members=(*everyone, BOT_USER_ID) if room.bot_is_member else everyone,
        )
    for person in company.people:
        yield Conversation(
            id=direct_id(person.id),
            name="directmessage",
            kind=Kind.DIRECT,
            members=(person.id, BOT_USER_ID),
        )
