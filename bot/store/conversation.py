"""The inbox, the ledger of messages and the audit log: the ports of `bot.chat`."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from bot.chat.ports import Kind, Left, Received, Shown, State
from bot.clock import Clock
from bot.events import Recorded, RunId
from bot.operations.results import Audited
from bot.run.locks import RecordedChange
from bot.store import codec
from bot.store.locks import change_of, mark_announced, unannounced
from bot.store.runs import recorded
from bot.store.signals import Word, say
from bot.store.tables import audit, events, inbox, messages
from bot.store.writer import Database

OUTSIDE = frozenset({"not_in_channel", "channel_not_found"})
"""Codes of a chat in whose channel the bot is not, until someone invites it (again)."""


class StoredInbox:
    """The `Inbox` port on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def receive(self, received: Received, way: str = "") -> bool:
        """Store a request before it is acknowledged; False when its id was there already."""
        row = {
            "id": received.asker.request,
            "received_at": self._clock.now().timestamp(),
            "body": codec.write(codec.RECEIVED, received),
            "way": way,
        }

        def write(connection: Connection) -> bool:
            ids = [each for each in (received.asker.request, received.delivery) if each]
            known = connection.execute(select(inbox.c.id).where(inbox.c.id.in_(ids))).first()
            if known is not None:
                return False
            connection.execute(insert(inbox).values(row))
            if received.delivery:
                connection.execute(insert(inbox).values({**row, "id": ids[1], "done": 1}))
            say(connection, Word.INBOX)
            return True

        return await self._database.write_anyway(write)

    async def done(self, request: str, audited: Audited | None) -> None:
        """Mark a request as answered, with its line in the audit log."""

        def write(connection: Connection) -> None:
            connection.execute(update(inbox).where(inbox.c.id == request).values(done=1, way=""))
            if audited is not None:
                connection.execute(insert(audit).values(audit_row(audited)))

        await self._database.write(write)

    async def unanswered(self) -> list[Left]:
        """Load the requests that nobody has answered, oldest first."""
        query = (
            select(inbox.c.body, inbox.c.way, inbox.c.received_at)
            .where(inbox.c.done == 0)
            .order_by(inbox.c.received_at)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [
            Left(
                received=codec.read(codec.RECEIVED, each.body), way=each.way, since=each.received_at
            )
            for each in found
        ]


class StoredAudit:
    """The audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lines(
        self,
        limit: int = 100,
        *,
        application: str = "",
        environments: Collection[str] | None = None,
        person: str = "",
        since: datetime | None = None,
    ) -> list[Audited]:
        """Load the newest lines, newest first; of what is named only. `environments` None: also lines of none."""
        query = select(audit.c.body).order_by(audit.c.sequence.desc()).limit(limit)
        if application:
            query = query.where(audit.c.application == application)
        if environments is not None:
            query = query.where(audit.c.environment.in_(environments))
        if person:
            query = query.where(audit.c.person == person)
        if since is not None:
            query = query.where(audit.c.at >= since.timestamp())
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [codec.read(codec.AUDITED, each.body) for each in found]


def audit_row(line: Audited) -> dict[str, str | float]:
    """Answer a line as it is stored, with what it is searched by."""
    return {
        "body": codec.write(codec.AUDITED, line),
        "at": line.at.timestamp(),
        "person": line.person[:255],
        "application": line.application,
        "environment": line.environment,
    }


class StoredLedger:
    """The `Ledger` port on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def unannounced(self, limit: int = 500) -> list[Recorded]:
        """Load the events that no message was derived from yet, in order."""
        query = (
            select(events.c.sequence, events.c.run, events.c.number, events.c.body)
            .where(events.c.announced == 0)
            .order_by(events.c.sequence)
            .limit(limit)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [recorded(each) for each in found]

    async def announce(self, through: int, shown: Sequence[Shown]) -> None:
        """Add or wake messages and mark every event up to sequence `through` as announced."""

        def write(connection: Connection) -> None:
            for message in shown:
                old = _find(connection, message.key)
                if old is None:
                    _insert(connection, message)
                else:
                    again = old.state is State.SHOWN or _may_be_back(old)
                    state = State.WAITING if again else old.state
                    connection.execute(
                        update(messages)
                        .where(messages.c.key == message.key)
                        .values(state=state.value, wanted=messages.c.wanted + 1)
                    )
            connection.execute(
                update(events)
                .where(events.c.sequence <= through, events.c.announced == 0)
                .values(announced=1)
            )

        await self._database.write(write)

    async def unannounced_locks(self) -> list[RecordedChange]:
        """Load the changes of locks that no message was made of yet, in order."""
        return await self._database.read(unannounced)

    async def announce_lock(self, number: int, *shown: Shown) -> None:
        """Add the messages of a change of a lock and mark the change as announced, all or nothing."""

        def write(connection: Connection) -> None:
            for message in shown:
                if _find(connection, message.key) is None:
                    _insert(connection, message)
            mark_announced(connection, number)

        await self._database.write(write)

    async def lock_change(self, number: int) -> RecordedChange | None:
        """Load one change of a lock."""
        return await self._database.read(lambda connection: change_of(connection, number))

    async def add(self, message: Shown) -> Shown:
        """Add a message unless its key exists; answer the stored one."""

        def write(connection: Connection) -> Shown:
            old = _find(connection, message.key)
            if old is None:
                _insert(connection, message)
            return old or message

        return await self._database.write(write)

    async def update(self, message: Shown) -> None:
        """Store all of a message but its key, its run and how often it was woken."""
        body = codec.write(codec.SHOWN, message)

        def write(connection: Connection) -> None:
            now = _find(connection, message.key)
            state = message.state
            if state is State.SHOWN and now is not None and now.wanted != message.wanted:
                state = State.WAITING
            connection.execute(
                update(messages)
                .where(messages.c.key == message.key)
                .values(state=state.value, body=body)
            )

        await self._database.write(write)

    async def doubt(self, key: str) -> None:
        """Say that nobody knows what a message shows."""

        def write(connection: Connection) -> None:
            doubted = {"state": State.POSTING.value, "wanted": messages.c.wanted + 1}
            stands = messages.c.state.in_((State.SHOWN.value, State.WAITING.value))
            own = update(messages).where(messages.c.key == key, stands)
            connection.execute(own.values(doubted))
            say(connection, Word.MESSAGES)

        await self._database.write_anyway(write)

    async def pending(self) -> list[Shown]:
        """Load messages that are `waiting` or `posting`, oldest first."""
        query = (
            select(messages.c.body, messages.c.state, messages.c.wanted)
            .where(messages.c.state.in_((State.WAITING.value, State.POSTING.value)))
            .order_by(messages.c.sequence)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [_shown(each.body, each.state, each.wanted) for each in found]

    async def of_run(self, run: RunId) -> list[Shown]:
        """Load all messages of a run, oldest first."""
        query = (
            select(messages.c.body, messages.c.state, messages.c.wanted)
            .where(messages.c.run == run)
            .order_by(messages.c.sequence)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [_shown(each.body, each.state, each.wanted) for each in found]

    async def get(self, key: str) -> Shown | None:
        """Load one message."""
        return await self._database.read(lambda connection: _find(connection, key))

    async def at(self, chat: str, channel: str, ts: str) -> Shown | None:
        """Load the message that stands somewhere, by the chat's ids.

        Looks through all of them, the newest first: only a person asks for one, now and then.
        """
        query = (
            select(messages.c.body, messages.c.state, messages.c.wanted)
            .where(messages.c.body.contains(json.dumps(ts), autoescape=True))
            .order_by(messages.c.sequence.desc())
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        shown = (_shown(each.body, each.state, each.wanted) for each in found if ts)
        wanted = (chat, channel, ts)
        return next((each for each in shown if (each.chat, each.channel, each.ts) == wanted), None)


def _may_be_back(message: Shown) -> bool:
    """Say whether a message that people wait for is tried again when there is news: the bot was not in its channel."""
    waited_for = message.kind in {Kind.CARD, Kind.APPROVAL}
    return message.state is State.FAILED and waited_for and message.error in OUTSIDE


def _find(connection: Connection, key: str) -> Shown | None:
    query = select(messages.c.body, messages.c.state, messages.c.wanted).where(
        messages.c.key == key
    )
    found = connection.execute(query).first()
    return None if found is None else _shown(found.body, found.state, found.wanted)


def _insert(connection: Connection, message: Shown) -> None:
    connection.execute(
        insert(messages).values(
            key=message.key,
            run=message.run,
            state=message.state.value,
            body=codec.write(codec.SHOWN, message),
        )
    )


def _shown(body: str, state: str, wanted: int) -> Shown:
    """Make a message of its row; the columns may be newer than the document."""
    newer = {"state": state, "wanted": wanted}
    return codec.read(codec.SHOWN, json.dumps({**json.loads(body), **newer}))
