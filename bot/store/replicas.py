"""Who is there and who leads, on a database that several processes share: the `Replicas` port.

The database's clock is the only one that is looked at. A replica takes the lead when whoever had it has said nothing for
some seconds or has let go of it; rows that another one has locked are passed over and looked at a moment later.
"""

import logging
import re
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, select, text, update

from bot.operations.replicas import LASTS, Replica, ReplicaList, ReplicaSeen
from bot.store.fence import LEADER, NOBODY, Fence
from bot.store.signals import Word, say
from bot.store.tables import leases, replicas, runs
from bot.store.writer import Database

log = logging.getLogger(__name__)

SHOWN = 3600.0
"""Seconds for which one is listed that says nothing any more."""
NOW = text("SELECT extract(epoch FROM clock_timestamp())::float8")
LEASE = select(leases.c.token, leases.c.expires).where(leases.c.name == LEADER)
FREE = LEASE.with_for_update(skip_locked=True)
OLD_LOCK = text("SELECT pg_try_advisory_xact_lock(:number)")


class SharedReplicas:
    """The `Replicas` port on PostgreSQL."""

    shared = True

    def __init__(self, database: Database, fence: Fence, *, lock: int, tables: str) -> None:
        """`lock` is the number by which somebody has the database alone; `tables` is their version that we know."""
        self._database = database
        self._fence = fence
        self._lock = lock
        self._tables = tables

    async def beat(self, me: Replica, *, take: bool = True) -> bool:
        """Say that `me` is there, keep the lead or `take` it if it is free; answer whether `me` leads."""
        mine = self._fence.token

        def write(connection: Connection) -> int:
            now = float(connection.execute(NOW).scalar_one())
            _note(connection, me, now)
            if mine != NOBODY:
                return mine if _keep(connection, mine, now) else NOBODY
            return self._take(connection, me, now) if take else NOBODY

        token = await self._database.write_anyway(write)
        if self._fence.token == mine:  # nobody has given up meanwhile
            self._fence.token = token
        return self._fence.token != NOBODY

    async def leave(self, me: Replica) -> None:
        """Let go of the lead, if it is held, and be there no more."""
        mine, self._fence.token = self._fence.token, NOBODY

        def write(connection: Connection) -> None:
            if mine != NOBODY:
                own = (leases.c.name == LEADER, leases.c.token == mine)
                connection.execute(update(leases).where(*own).values(holder="", expires=0.0))
                say(connection, Word.LEASE)
            connection.execute(delete(replicas).where(replicas.c.id == me.id))

        await self._database.write_anyway(write)

    def give_up(self) -> None:
        """Lead no more: what this process still wants to write is refused."""
        self._fence.token = NOBODY

    async def there_are(self) -> ReplicaList:
        """List the processes that have said something lately."""
        return await self._database.read(_listed)

    def _take(self, connection: Connection, me: Replica, now: float) -> int:
        """Take the lead, if it is free and ours to take; answer its token."""
        if not _is_free(connection.execute(LEASE).first(), now):
            return NOBODY
        found = connection.execute(FREE).first()
        if found is None or not _is_free(found, now) or not self._may_lead(connection, me, now):
            return NOBODY
        token = int(found.token) + 1
        lent = {"holder": me.id, "token": token, "expires": now + LASTS}
        connection.execute(update(leases).where(leases.c.name == LEADER).values(lent))
        return token

    def _may_lead(self, connection: Connection, me: Replica, now: float) -> bool:
        """Say whether a replica knows everything that the others may have written, and is not beside one of before."""
        tables = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if tables != self._tables:
            log.warning("this replica does not lead: the tables are those of another Shipmate")
            return False
        alive = replicas.c.seen > now - LASTS
        others = connection.execute(select(replicas.c.version).where(alive)).scalars()
        newest = max((_ordered(each) for each in others), default=())
        if newest > _ordered(me.version):
            log.warning("this replica does not lead: there is one of a newer version")
            return False
        if not connection.execute(OLD_LOCK, {"number": self._lock}).scalar():
            log.warning("this replica does not lead: another Shipmate has the database for itself")
            return False
        return True


class Alone:
    """The `Replicas` port where there is one process: on a SQLite file, or with a database to itself."""

    shared = False

    def __init__(self, database: Database) -> None:
        self._database = database
        self._me: Replica | None = None

    async def beat(self, me: Replica, *, take: bool = True) -> bool:  # noqa: ARG002 - as below
        """Say that `me` is there; it leads."""
        self._me = me
        return True

    async def leave(self, me: Replica) -> None:  # noqa: ARG002 - it is a `Replicas`
        """Be there no more."""
        self._me = None

    def give_up(self) -> None:
        """Nobody takes anything from the only one."""

    async def there_are(self) -> ReplicaList:
        """List the one process."""
        if self._me is None:
            return ReplicaList(replicas=(), shared=False)
        count = await self._database.read(_under_way)
        seen = ReplicaSeen(
            name=self._me.name,
            version=self._me.version,
            started=self._me.started,
            silent=0.0,
            runs=count,
        )
        return ReplicaList(replicas=(seen,), shared=False)


def _note(connection: Connection, me: Replica, now: float) -> None:
    """Note that a replica is there, and forget those that have long been gone."""
    noted = update(replicas).where(replicas.c.id == me.id).values(seen=now)
    if connection.execute(noted).rowcount:
        return
    row = {"id": me.id, "name": me.name[:255], "version": me.version[:40], "seen": now}
    connection.execute(insert(replicas).values(row | {"started": me.started.timestamp()}))
    gone = select(replicas.c.id).where(replicas.c.seen < now - SHOWN)
    doomed = gone.with_for_update(skip_locked=True)
    connection.execute(delete(replicas).where(replicas.c.id.in_(doomed)))


def _keep(connection: Connection, token: int, now: float) -> bool:
    """Hold on to the lead; say whether it is still ours."""
    own = (leases.c.name == LEADER, leases.c.token == token)
    kept = connection.execute(update(leases).where(*own).values(expires=now + LASTS))
    return bool(kept.rowcount)


def _is_free(lease: object, now: float) -> bool:
    return lease is not None and getattr(lease, "expires", now) < now


def _ordered(version: str) -> tuple[int, ...]:
    """Answer what versions are compared by: `0.10.1` is newer than `0.9`."""
    return tuple(int(each) for each in re.findall(r"\d+", version)[:4])


def _under_way(connection: Connection) -> int:
    query = select(func.count()).select_from(runs).where(runs.c.ended == 0, runs.c.begun == 1)
    return int(connection.execute(query).scalar_one())


def _listed(connection: Connection) -> ReplicaList:
    now = float(connection.execute(NOW).scalar_one())
    lease = connection.execute(select(leases.c.holder, leases.c.expires)).first()
    leader = lease.holder if lease is not None and lease.expires >= now else ""
    query = select(replicas).where(replicas.c.seen > now - SHOWN).order_by(replicas.c.name)
    found = [
        ReplicaSeen(
            name=each.name,
            version=each.version,
            started=datetime.fromtimestamp(each.started, UTC),
            silent=max(0.0, now - each.seen),
            runs=_under_way(connection) if each.id == leader else None,
        )
        for each in connection.execute(query)
    ]
    return ReplicaList(
        replicas=tuple(sorted(found, key=lambda each: each.runs is None)), shared=True
    )
