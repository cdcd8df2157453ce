"""Runs, their events and revisions: the `Runs` port."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from bot.events import Event, Recorded, RunId
from bot.run.model import Revision, Run
from bot.run.ports import Asleep, Latest
from bot.run.sealed import Sealed
from bot.run.transitions import Transition
from bot.store import codec
from bot.store.locks import locks_of
from bot.store.saves import RECORD, Save, event_rows
from bot.store.tables import events, revisions, runs
from bot.store.texts import Texts
from bot.store.writer import Database

DOCUMENTS = (runs.c.plan, runs.c.state)

Told = Callable[[Run, Sequence[Event]], None]
"""Is told a run as it was stored, and what happened; must not fail and must not wait."""


class StoredRuns:
    """The `Runs` port on a database."""

    def __init__(self, database: Database, open_: codec.Open = Sealed) -> None:
        """`open_` opens what is sealed in runs that are to go on; those that are only looked at are not opened."""
        self._database = database
        self._texts = Texts()
        self._open = open_
        self._told: Told = lambda _run, _events: None

    def _save(self, changed: Transition) -> Save:
        return Save(changed.run, changed.events, changed.revision, self._texts)

    def listen(self, told: Told) -> None:
        """Tell someone each stored change of a run with what happened, once it is durable."""
        self._told = told

    async def add(
        self,
        application: str,
        environment: str,
        make: Callable[[Latest], tuple[Run, Sequence[Event]] | None],
        *,
        request: str = "",
        also: Callable[[Run, Latest], Sequence[Transition]] = lambda _, __: (),
        back_to: int | None = None,
    ) -> tuple[Run | None, Latest]:
        """Add the run that `make` decides on in the transaction, or nothing when it answers None."""
        stored: list[tuple[Run, Sequence[Event]]] = []

        def write(connection: Connection) -> tuple[Run | None, Latest]:
            stored.clear()  # a write that shared a transaction may be done again alone
            latest = _latest(connection, application, environment)
            if back_to is not None:
                held = _revision(connection, application, environment, back_to, held=True)
                latest = replace(latest, back_to=held)
            if request:
                known = connection.execute(
                    select(*DOCUMENTS).where(runs.c.request == request)
                ).first()
                if known is not None:
                    return _run(known), latest
            made = make(latest)
            if made is None:
                return None, latest
            run, happened = made
            place = {"application": application, "environment": environment}
            connection.execute(insert(runs).values(_new(run) | place | {"request": request}))
            RECORD(connection, event_rows(run, happened))
            stored.append((run, happened))
            for each in also(run, latest):
                self._save(each)(connection)
                stored.append((each.run, each.events))
            return run, latest

        answer = await self._database.write(write)
        for changed, events_ in stored:
            self._told(changed, events_)
        return answer

    async def change(
        self, run: RunId, decide: Callable[[Run, Latest], Transition | None]
    ) -> Transition | None:
        """Store what `decide` answers in the transaction, the plan included, or nothing when it answers None."""

        def write(connection: Connection) -> Transition | None:
            found = connection.execute(select(*DOCUMENTS).where(runs.c.id == run)).first()
            if found is None:
                return None
            now = _run(found, self._open)
            changed = decide(now, _latest(connection, now.application, now.environment))
            if changed is None:
                return None
            self._save(changed)(connection)
            plan = codec.write(codec.PLAN, changed.run.plan)
            connection.execute(update(runs).where(runs.c.id == run).values(plan=plan))
            return changed

        answer = await self._database.write(write)
        if answer is not None:
            self._told(answer.run, answer.events)
        return answer

    async def latest(self, application: str, environment: str) -> Latest:
        """Answer what a new run would be decided on now."""
        return await self._database.read(
            lambda connection: _latest(connection, application, environment)
        )

    async def save(
        self,
        run: Run,
        happened: Sequence[Event],
        *,
        revision: Revision | None = None,
        urgent: bool = False,
    ) -> None:
        """Store a changed run, what happened and the revision it raised. Raises Conflict."""
        await self._database.write(Save(run, happened, revision, self._texts, urgent=urgent))
        self._told(run, happened)

    async def get(self, run: RunId) -> Run | None:
        """Load a run."""
        query = select(*DOCUMENTS).where(runs.c.id == run)
        found = await self._database.read(lambda connection: connection.execute(query).first())
        return None if found is None else _run(found, self._open)

    async def by_number(self, application: str, environment: str, number: int) -> Run | None:
        """Load `application/environment#number`."""
        query = select(*DOCUMENTS).where(
            runs.c.application == application,
            runs.c.environment == environment,
            runs.c.number == number,
        )
        found = await self._database.read(lambda connection: connection.execute(query).first())
        return None if found is None else _run(found)

    async def unfinished(self) -> list[Run]:
        """Load every run that has not ended, oldest first."""
        query = select(*DOCUMENTS).where(runs.c.ended == 0).order_by(runs.c.created)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [_run(each, self._open) for each in found]

    async def busy(self) -> list[Run]:
        """Load every run that has not ended and does not only wait, oldest first."""
        query = select(*DOCUMENTS).where(runs.c.ended == 0, runs.c.busy == 1)
        ordered = query.order_by(runs.c.created)
        found = await self._database.read(lambda connection: connection.execute(ordered).all())
        return [_run(each, self._open) for each in found]

    async def asleep(self) -> list[Asleep]:
        """List the other runs that have not ended, oldest first, without loading them."""
        query = select(runs.c.id, runs.c.wake).where(runs.c.ended == 0, runs.c.busy == 0)
        ordered = query.order_by(runs.c.created)
        found = await self._database.read(lambda connection: connection.execute(ordered).all())
        return [
            Asleep(RunId(each.id), each.wake and datetime.fromtimestamp(each.wake, UTC))
            for each in found
        ]

    async def load(self, some: Sequence[RunId]) -> list[Run]:
        """Load some runs; those that are gone are left out."""
        query = select(*DOCUMENTS).where(runs.c.id.in_(some))
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [_run(each) for each in found]

    async def scheduled(self) -> list[Run]:
        """Load every run that is over and is to begin anew by the clock."""
        query = select(*DOCUMENTS).where(runs.c.scheduled == 1)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [_run(each) for each in found]

    async def unsigned(self) -> list[Run]:
        """Load every run with something done in an emergency that nobody has signed, oldest first."""
        query = select(*DOCUMENTS).where(runs.c.unsigned > 0).order_by(runs.c.created)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [_run(each) for each in found]

    async def recent(
        self,
        application: str | None = None,
        environment: str | None = None,
        *,
        limit: int = 10,
        begun: bool = False,
    ) -> list[Run]:
        """Load runs, newest first; with `begun` only those whose turn has come."""
        newest = runs.c.number.desc()
        query = select(*DOCUMENTS)
        if application is not None and environment is not None:
            query = query.order_by(newest)  # of one place: by the index that it has anyway
        else:
            query = query.order_by(runs.c.created.desc(), newest)
        if begun:
            query = query.where(runs.c.begun == 1)
        if application is not None:
            query = query.where(runs.c.application == application)
        if environment is not None:
            query = query.where(runs.c.environment == environment)
        limited = query.limit(limit)
        found = await self._database.read(lambda connection: connection.execute(limited).all())
        return [_run(each) for each in found]

    async def events(self, run: RunId) -> list[Recorded]:
        """Load what happened in a run, in order."""
        query = (
            select(events.c.sequence, events.c.run, events.c.number, events.c.body)
            .where(events.c.run == run)
            .order_by(events.c.number)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [recorded(each) for each in found]

    async def revision(
        self, application: str, environment: str, number: int | None = None
    ) -> Revision | None:
        """Load a revision; without a number the newest."""
        return await self._database.read(
            lambda connection: _revision(connection, application, environment, number)
        )

    async def revisions(
        self, application: str, environment: str, *, limit: int = 20
    ) -> list[Revision]:
        """Load revisions, newest first."""
        query = (
            select(revisions.c.body)
            .where(revisions.c.application == application, revisions.c.environment == environment)
            .order_by(revisions.c.number.desc())
            .limit(limit)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [codec.read(codec.REVISION, each.body) for each in found]


def recorded(row: Row[Any, Any, Any, Any]) -> Recorded:
    """Make an event with its place of its row."""
    return Recorded(
        sequence=row.sequence,
        run=RunId(row.run),
        number=row.number,
        event=codec.read(codec.EVENT, row.body),
    )


def _run(row: Row[Any, Any], open_: codec.Open = Sealed) -> Run:
    return codec.read_run(row.plan, row.state, open_)


def _new(run: Run) -> dict[str, Any]:
    """Answer the row of a run that is added, but for where it goes and what asked for it."""
    return {
        "id": run.id,
        "number": run.number,
        "phase": run.phase.value,
        "ended": int(run.phase.ended),
        "begun": int(run.begun),
        "created": run.created.timestamp(),
        "version": run.version,
        "plan": codec.write(codec.PLAN, run.plan),
        "state": codec.write_state(run),
    }


def _latest(connection: Connection, application: str, environment: str) -> Latest:
    mine = (runs.c.application == application, runs.c.environment == environment)
    number = connection.execute(select(func.max(runs.c.number)).where(*mine)).scalar()
    query = select(*DOCUMENTS).where(*mine, runs.c.ended == 0).order_by(runs.c.number)
    unfinished = [_run(each) for each in connection.execute(query).all()]
    return Latest(
        run_number=number or 0,
        revision=_revision(connection, application, environment, None),
        unfinished=next((each for each in unfinished if each.begun), None),
        line=tuple(each for each in unfinished if each.waits),
        locks=locks_of(connection, environment),
    )


def _revision(
    connection: Connection,
    application: str,
    environment: str,
    number: int | None,
    *,
    held: bool = False,
) -> Revision | None:
    """Load a revision; `held`: where others may write at the same time, it stays until the transaction is over."""
    query = (
        select(revisions.c.body)
        .where(revisions.c.application == application, revisions.c.environment == environment)
        .order_by(revisions.c.number.desc())
        .limit(1)
    )
    if number is not None:
        query = query.where(revisions.c.number == number)
    if held:
        query = query.with_for_update(read=True)
    found = connection.execute(query).first()
    return None if found is None else codec.read(codec.REVISION, found.body)
