"""Runs, their events and revisions: the `Runs` port."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from typing_extensions import override

from bot.errors import Conflict
from bot.events import Event, Recorded, RunId
from bot.run.model import Revision, Run
from bot.run.ports import Latest
from bot.run.sealed import Sealed
from bot.run.timing import restart_at
from bot.run.transitions import Transition
from bot.store import codec
from bot.store.locks import locks_of
from bot.store.tables import events, revisions, runs
from bot.store.writer import Batched, Database

DOCUMENTS = (runs.c.plan, runs.c.state)

Told = Callable[[Run, Sequence[Event]], None]
"""Is told a run as it was stored, and what happened; must not fail and must not wait."""

SAVE: Final = (
    update(runs)
    .where(runs.c.id == bindparam("this_run"), runs.c.version == bindparam("old_version"))
    .values(
        version=bindparam("new_version"),
        phase=bindparam("new_phase"),
        ended=bindparam("new_ended"),
        begun=bindparam("new_begun"),
        scheduled=bindparam("new_scheduled"),
        unsigned=bindparam("new_unsigned"),
        state=bindparam("new_state"),
    )
)
"""Made once: at thousands of changes a second, making the statement costs more than doing it."""

RECORD: Final = insert(events)
RAISE: Final = insert(revisions)


class Save(Batched):
    """One stored change of a run, alone or together with those of other runs: few statements for many changes."""

    __slots__ = ("happened", "revision", "run")

    def __init__(self, run: Run, happened: Sequence[Event], revision: Revision | None) -> None:
        self.run = run
        self.happened = happened
        self.revision = revision

    @override
    def __call__(self, connection: Connection) -> None:
        """Write it. Raises Conflict when something newer is stored."""
        if not self.together(connection, [self]):
            raise Conflict(f"{self.run.name} was changed by someone else")

    @staticmethod
    @override
    def together(connection: Connection, writes: "Sequence[Save]") -> bool:
        """Write all of them; answer False when one met something newer (nobody knows which)."""
        changed = connection.execute(SAVE, [each.state() for each in writes])
        if changed.rowcount != len(writes):
            return False
        happened = [row for each in writes for row in event_rows(each.run, each.happened)]
        if happened:
            connection.execute(RECORD, happened)
        raised = [row for each in writes if (row := each.raised()) is not None]
        if raised:
            connection.execute(RAISE, raised)
        return True

    def state(self) -> dict[str, Any]:
        """Answer the row of the run."""
        run = self.run
        return {
            "this_run": run.id,
            "old_version": run.version - 1,
            "new_version": run.version,
            "new_phase": run.phase.value,
            "new_ended": int(run.phase.ended),
            "new_begun": int(run.begun),
            "new_scheduled": int(restart_at(run) is not None),
            "new_unsigned": len(run.open_reviews),
            "new_state": codec.write_state(run),
        }

    def raised(self) -> dict[str, Any] | None:
        """Answer the row of the revision, if the run raised one."""
        if self.revision is None:
            return None
        return {
            "application": self.run.application,
            "environment": self.run.environment,
            "number": self.revision.number,
            "run": self.run.id,
            "body": codec.write(codec.REVISION, self.revision),
        }


class StoredRuns:
    """The `Runs` port on a database."""

    def __init__(self, database: Database, open_: codec.Open = Sealed) -> None:
        """`open_` opens what is sealed in runs that are to go on; those that are only looked at are not opened."""
        self._database = database
        self._open = open_
        self._told: Told = lambda _run, _events: None

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
    ) -> tuple[Run | None, Latest]:
        """Add the run that `make` decides on in the transaction, or nothing when it answers None."""
        stored: list[tuple[Run, Sequence[Event]]] = []

        def write(connection: Connection) -> tuple[Run | None, Latest]:
            stored.clear()  # a write that shared a transaction may be done again alone
            latest = _latest(connection, application, environment)
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
            connection.execute(RECORD, event_rows(run, happened))
            stored.append((run, happened))
            for each in also(run, latest):
                Save(each.run, each.events, each.revision)(connection)
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
            Save(changed.run, changed.events, changed.revision)(connection)
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
        self, run: Run, happened: Sequence[Event], *, revision: Revision | None = None
    ) -> None:
        """Store a changed run, what happened and the revision it raised. Raises Conflict."""
        await self._database.write(Save(run, happened, revision))
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


def event_rows(run: Run, happened: Sequence[Event]) -> list[dict[str, Any]]:
    """Number the events of a change: the last of them is the run's newest."""
    first = run.events - len(happened) + 1
    return [
        {
            "run": run.id,
            "number": number,
            "kind": event.kind,
            "body": codec.write(codec.EVENT, event),
        }
        for number, event in enumerate(happened, first)
    ]


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
    connection: Connection, application: str, environment: str, number: int | None
) -> Revision | None:
    query = (
        select(revisions.c.body)
        .where(revisions.c.application == application, revisions.c.environment == environment)
        .order_by(revisions.c.number.desc())
        .limit(1)
    )
    if number is not None:
        query = query.where(revisions.c.number == number)
    found = connection.execute(query).first()
    return None if found is None else codec.read(codec.REVISION, found.body)
