"""Tokens, and the requests that came over HTTP: the ports of `bot.web`."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import Clock
from bot.operations.results import Audited
from bot.store.conversation import audit_row
from bot.store.signals import Word, say
from bot.store.tables import audit, http_requests, tokens
from bot.store.writer import Database
from bot.web.ports import Incoming, Known, Token, TokenKind

BRIEFLY = 60.0
"""Seconds for which the answer is there of what may come again as a new request: whoever waits for it looks at once."""
OPEN = and_(http_requests.c.status == 0, http_requests.c.body != "")
"""What is still to be done."""


class StoredTokens:
    """The `Tokens` port on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, digest: str) -> Token | None:
        """Load the token with a digest, expired ones among them."""
        query = select(tokens).where(tokens.c.digest == digest)
        found = await self._database.read(lambda connection: connection.execute(query).first())
        return None if found is None else token_of(found)


def token_of(row: Row[Any]) -> Token:
    """Make a token of its row."""
    return Token(
        kind=TokenKind(row.kind),
        owner=row.owner,
        digest=row.digest,
        created=row.created,
        expires=row.expires,
    )


class StoredRequests:
    """The `Requests` port on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, incoming: Incoming) -> Known:
        """Store a request before it is done, or answer the one with that key that is there already, begun now."""
        now = self._now()

        def write(connection: Connection) -> Known:
            kept = incoming.body if incoming.durable else ""
            known = _stored(connection, incoming, kept, now)
            if known.digest == incoming.digest:
                mine = _unanswered(known.key, known.request)
                connection.execute(update(http_requests).where(mine).values(begun=1))
            return known

        return await self._database.write(write)

    async def leave(self, incoming: Incoming) -> Known:
        """Store a request, on any replica, for the one that leads, or answer the one with that key that is there already."""
        now = self._now()

        def write(connection: Connection) -> Known:
            known = _stored(connection, incoming, incoming.body, now)
            if known.status or known.digest != incoming.digest:
                return known
            mine = _unanswered(known.key, known.request)
            # It may have been taken back, or have come to a process that died: now somebody waits for it.
            again = {"body": incoming.body, "received_at": now}
            connection.execute(update(http_requests).where(mine).values(again))
            say(connection, Word.CALLS)
            return known

        return await self._database.write_anyway(write)

    async def claim(self, known: Known) -> bool:
        """Begin a request that was left; False: it was taken back, or answered."""
        mine = _unanswered(known.key, known.request)
        change = update(http_requests).where(mine, http_requests.c.body != "").values(begun=1)
        return await self._database.write(
            lambda connection: bool(connection.execute(change).rowcount)
        )

    async def take_back(self, known: Known) -> bool:
        """Let nobody begin a request that was left, on any replica; False: somebody has begun."""
        mine = _unanswered(known.key, known.request)
        change = update(http_requests).where(mine, http_requests.c.begun == 0).values(body="")
        return await self._database.write_anyway(
            lambda connection: bool(connection.execute(change).rowcount)
        )

    async def give_up(self, known: Known) -> None:
        """Leave a request undone until it comes again."""
        change = update(http_requests).where(_unanswered(known.key, known.request)).values(body="")
        await self._database.write(lambda connection: connection.execute(change))

    async def look(self, known: Known) -> Known:
        """Answer what has become of a request; `known` as it is, where it is there no more."""
        keys = (known.key, _apart(known.request))
        mine = and_(http_requests.c.key.in_(keys), http_requests.c.request == known.request)
        query = select(http_requests).where(mine)
        found = await self._database.read(lambda connection: connection.execute(query).first())
        return known if found is None else _known(found)

    async def finish(
        self, key: str, status: int, answer: str, audited: Sequence[Audited], *, keep: bool
    ) -> None:
        """Store the answer of a request, with its lines in the audit log.

        Without `keep` it may come again as a new one; whoever waits for the answer still finds it for a minute.
        """
        mine = http_requests.c.key == key
        now = self._now()

        def write(connection: Connection) -> None:
            changed = {"status": status, "answer": answer, "body": ""}
            if not keep:
                request = connection.execute(select(http_requests.c.request).where(mine)).scalar()
                changed |= {"key": _apart(request or ""), "expires": now + BRIEFLY}
            connection.execute(update(http_requests).where(mine).values(changed))
            for line in audited:
                connection.execute(insert(audit).values(audit_row(line)))
            say(connection, Word.ANSWERS)

        await self._database.write(write)

    async def unanswered(self) -> list[Known]:
        """Load the requests with a body that another replica or a dead process left without an answer, oldest first."""
        query = select(http_requests).where(OPEN).order_by(http_requests.c.received_at)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [_known(each) for each in found]

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _stored(connection: Connection, incoming: Incoming, body: str, now: float) -> Known:
    """Answer the request with a key, which is put there if it is not; another replica may do the same just now."""
    expired = http_requests.c.expires <= now
    over = or_(http_requests.c.status != 0, http_requests.c.body == "")
    connection.execute(delete(http_requests).where(expired, over))
    row = {
        "key": incoming.key,
        "request": f"http:{uuid.uuid4().hex}",
        "received_at": now,
        "expires": now + incoming.lasting,
        "digest": incoming.digest,
        "body": body,
    }
    made = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(made(http_requests).values(row).on_conflict_do_nothing())
    query = select(http_requests).where(http_requests.c.key == incoming.key)
    found = _known(connection.execute(query).one())
    return replace(found, fresh=found.request == row["request"])


def _unanswered(key: str, request: str) -> ColumnElement[bool]:
    mine = and_(http_requests.c.key == key, http_requests.c.request == request)
    return and_(mine, http_requests.c.status == 0)


def _apart(request: str) -> str:
    """Answer the key of what may come again under its own as a new request."""
    return f"answered:{request}"


def _known(row: Row[Any]) -> Known:
    return Known(
        request=row.request,
        digest=row.digest,
        status=row.status,
        answer=row.answer,
        body=row.body,
        key=row.key,
        begun=bool(row.begun),
        received=row.received_at,
    )
