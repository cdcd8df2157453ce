"""Tokens, and the requests that came over HTTP: the ports of `bot.web`."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.clock import Clock
from bot.operations.results import Audited
from bot.store.conversation import audit_row
from bot.store.tables import audit, http_requests, tokens
from bot.store.writer import Database
from bot.web.ports import Incoming, Known, Token, TokenKind


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
        """Store a request before it is done, or answer the one with that key that is there already."""
        now = self._clock.now().timestamp()
        known = Known(
            request=f"http:{uuid.uuid4().hex}",
            digest=incoming.digest,
            body=incoming.body,
            key=incoming.key,
            fresh=True,
        )

        def write(connection: Connection) -> Known:
            connection.execute(delete(http_requests).where(http_requests.c.expires <= now))
            query = select(http_requests).where(http_requests.c.key == incoming.key)
            found = connection.execute(query).first()
            if found is not None:
                return _known(found)
            connection.execute(
                insert(http_requests).values(
                    key=incoming.key,
                    request=known.request,
                    received_at=now,
                    expires=now + incoming.lasting,
                    digest=incoming.digest,
                    body=incoming.body,
                )
            )
            return known

        return await self._database.write(write)

    async def finish(
        self, key: str, status: int, answer: str, audited: Sequence[Audited], *, keep: bool
    ) -> None:
        """Store the answer of a request, with its lines in the audit log; without `keep` it may come again as a new one."""
        mine = http_requests.c.key == key

        def write(connection: Connection) -> None:
            if keep:
                changed = update(http_requests).where(mine)
                connection.execute(changed.values(status=status, answer=answer, body=""))
            else:
                connection.execute(delete(http_requests).where(mine))
            for line in audited:
                connection.execute(insert(audit).values(audit_row(line)))

        await self._database.write(write)

    async def unanswered(self) -> list[Known]:
        """Load the requests with a body that a dead process left without an answer, oldest first."""
        query = (
            select(http_requests)
            .where(http_requests.c.status == 0, http_requests.c.body != "")
            .order_by(http_requests.c.received_at)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [_known(each) for each in found]


def _known(row: Row[Any]) -> Known:
    return Known(
        request=row.request,
        digest=row.digest,
        status=row.status,
        answer=row.answer,
        body=row.body,
        key=row.key,
    )
