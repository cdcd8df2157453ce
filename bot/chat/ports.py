"""What the conversation needs from the store: an inbox of requests and a ledger of messages.

Implemented by `bot.store`. A call returns when its change is durable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.command.requests import Asker
from bot.events import Recorded, RunId
from bot.operations.results import Audited
from bot.run.locks import RecordedChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came in, before anyone looked at what it means. `text` is in the grammar."""

    asker: Asker
    text: str
    delivery: str = ""
    """The id of what brought it, where the chat may bring one request in several: a second one with either id is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A request that nobody has answered yet: how to, as whoever took it in wrote it down, and since when (Unix time)."""

    received: Received
    way: str
    since: float


def sound(value: Any) -> str:
    """Answer what stands in a payload as a text that can be stored and sent: nothing for what is none.

    JSON can hold half of a character, which no encoding has.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


class Inbox(Protocol):
    """Requests by their ids, kept so that each is answered once, after a crash too."""

    async def receive(self, received: Received, way: str = "") -> bool:
        """Store a request before it is acknowledged; False when its id was there already. Every replica may.

        `way` is kept until it is answered, for another process to answer by.
        """
        ...

    async def done(self, request: str, audited: Audited | None) -> None:
        """Mark a request as answered, with its line in the audit log."""
        ...

    async def unanswered(self) -> list[Left]:
        """Load the requests that nobody has answered, oldest first."""
        ...


class Groups(Protocol):
    """The groups of a chat by which people have roles."""

    def forget(self) -> None:
        """Take nothing of what is known for granted: a group has changed."""
        ...

    async def refresh(self) -> None:
        """Learn who is in them, before someone's roles are looked at. Raises Temporary when that cannot be known."""
        ...


class Kind(StrEnum):
    """What a message is for, which says how to render it."""

    CARD = "card"
    APPROVAL = "approval"
    EVENT = "event"
    NOTICE = "notice"
    FILE = "file"
    """The log of an event, below the event's own message."""
    DIRECT = "direct"
    """A reminder of an approval, to one of those who are asked."""
    EMERGENCY = "emergency"
    """That someone opened a gate alone: in the thread and in the channel."""
    LOCK = "lock"
    """What became of a lock of an environment. It belongs to no run and stands for itself."""


class State(StrEnum):
    """Where a message is on its way."""

    WAITING = "waiting"
    """Its present contents still have to be shown."""
    POSTING = "posting"
    """Handed to the chat; whether it arrived is not known yet, or, where it stands already, what it shows."""
    SHOWN = "shown"
    """The chat shows what it should."""
    FAILED = "failed"
    """The chat refused it for good: `error` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message that the bot should have in a chat: what it is for and what was last shown."""

    key: str
    """Unique and stable: `RUN/card`, `RUN/approval/STEP/ATTEMPT`, `RUN/event/NUMBER`, `RUN/file/NUMBER`, `RUN/notice/KEY`,
    `RUN/direct/NUMBER/PERSON`, `RUN/emergency/STEP/ATTEMPT` and, in the channel, `RUN/emergency/STEP/ATTEMPT/channel`;
    `lock/NUMBER`. In another chat than Slack its name stands before it, as `dingtalk:RUN/card`."""
    run: RunId
    """Empty for kind `lock`."""
    kind: Kind
    chat: str
    channel: str
    """The chat's id of the conversation."""
    in_thread: bool = True
    """Below the run's card; the card itself is not."""
    step: str = ""
    attempt: int = 0
    number: int = 0
    """Of the event, for kinds `event` and `file`; of the change, for kind `lock`."""
    text: str = ""
    """For kind `notice`: what a notification step says."""
    state: State = State.WAITING
    wanted: int = 0
    """Counts how often it was woken: what is shown of an older count is not the whole truth yet."""
    ts: str = ""
    """The chat's id of the message once it stands there."""
    digest: str = ""
    """Of what was last shown."""
    error: str = ""
    thread_before: str = ""
    """Of a card that was deleted and stands again: the address of the thread of the old one."""
    posted_at: float = 0.0
    """Unix time of the first attempt to post: where to look for it after a crash."""
    file: str = ""
    """For kind `file`: the chat's id of what was handed over last."""
    tries: int = 0
    """For kind `file`: how often it was handed over."""
    person: str = ""
    """For kind `direct`: to whom."""
    again: int = 0
    """How often it was posted anew, because the one before was gone or could not be made true any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHome:
    """Someone who looks at the app's home: the chat's id of them, their verified email, since when (Unix time)."""

    chat: str
    identity: str
    email: str
    opened: float


class OpenHomes(Protocol):
    """Who has opened the app's home lately."""

    async def opened(self, home: OpenHome) -> None:
        """Remember that someone looks at their home; an earlier look is forgotten."""
        ...

    async def lately(self, chat: str, since: float, limit: int) -> list[OpenHome]:
        """Load those opened after the Unix time `since`, the newest first."""
        ...


class Ledger(Protocol):
    """The messages the bot should have in chat, and the events that have not been announced yet."""

    async def unannounced(self, limit: int = 500) -> list[Recorded]:
        """Load the events that no message was derived from yet, in order."""
        ...

    async def announce(self, through: int, messages: Sequence[Shown]) -> None:
        """Add or wake messages and mark every event up to sequence `through` as announced, all or nothing.

        A message whose key exists is woken: its `wanted` counts up, and `shown` becomes `waiting`. So does a card or
        a request that was refused because the bot was not in the channel: it may be there again.
        """
        ...

    async def unannounced_locks(self) -> list[RecordedChange]:
        """Load the changes of locks that no message was made of yet, in order."""
        ...

    async def announce_lock(self, number: int, *messages: Shown) -> None:
        """Add the messages of a change of a lock and mark the change as announced, all or nothing."""
        ...

    async def lock_change(self, number: int) -> RecordedChange | None:
        """Load one change of a lock."""
        ...

    async def add(self, message: Shown) -> Shown:
        """Add a message unless its key exists; answer the stored one."""
        ...

    async def update(self, message: Shown) -> None:
        """Store all of a message but its key, its run and how often it was woken.

        One that was woken since it was loaded is `waiting` afterwards, not `shown`.
        """
        ...

    async def doubt(self, key: str) -> None:
        """Say that nobody knows what a message shows: it becomes `posting`, and whoever leads hears of it.

        Every replica may.
        """
        ...

    async def pending(self) -> list[Shown]:
        """Load messages that are `waiting` or `posting`, oldest first."""
        ...

    async def of_run(self, run: RunId) -> list[Shown]:
        """Load all messages of a run, oldest first."""
        ...

    async def get(self, key: str) -> Shown | None:
        """Load one message."""
        ...

    async def at(self, chat: str, channel: str, ts: str) -> Shown | None:
        """Load the message that stands somewhere, by the chat's ids."""
        ...
