"""Finds what is kept no more, and removes it, a few rows at a time: revisions and runs of each place, audit lines, requests.

A sweep goes through everything once. Each of its looks reads a bounded number of rows and may find a batch; what is in a
batch is looked at once more in the transaction that removes it, so that nothing goes that has changed meanwhile, or that
somebody else has removed. A run goes as a whole: with its events, its messages and what it has delivered.

Whatever the rules say these stay: the newest run of a place and the newest that has begun, for numbers are counted on from
them; runs that are not over, that begin anew by the clock, or that have to be signed; what is not a day over; what has
still to be announced or shown; the run of a revision that stays; the newest revisions of a place, and those that runs
under way name. The account of delivered objects is nobody's history and is not touched.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Protocol

from sqlalchemy import (
    Connection,
    RowMapping,
    Table,
    and_,
    delete,
    exists,
    func,
    select,
    text,
    tuple_,
)
from typing_extensions import override

from bot.chat.ports import State
from bot.retention import NEWEST_REVISIONS, Keep, Retention
from bot.store.tables import audit, deliveries, events, inbox, messages, revisions, runs

RUNS_AT_ONCE = 20
ROWS_AT_ONCE = 500
"""Rows of one batch. A single run may have more: it goes as a whole."""
LOOKED_AT = 500
"""Runs that one look goes over, by their numbers alone."""
RESTS = timedelta(days=1)
"""For so long what is over stays, whatever the rules say: somebody may still be about to show or to answer it."""
TO_SHOW = (State.WAITING.value, State.POSTING.value)

Rows = Mapping[Table, Sequence[Mapping[str, Any]]]
Removed = Mapping[str, int]
"""How many rows of which table."""
Place = tuple[str, str]
"""An application and an environment."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are kept no more; empty: there are none where the sweep has looked."""

    rows: Rows = field(default_factory=dict)

    @property
    def counts(self) -> Removed:
        """How many rows of which table it has."""
        return {table.name: len(rows) for table, rows in self.rows.items() if rows}

    def remove(self, connection: Connection) -> Removed:
        """Remove them, but for what has changed or has to stay by now; answer what is gone."""
        gone: Counter[str] = Counter()
        for table, by in ((audit, audit.c.sequence), (inbox, inbox.c.id)):
            if self.rows.get(table):
                keys = [each[by.name] for each in self.rows[table]]
                gone[table.name] += connection.execute(delete(table).where(by.in_(keys))).rowcount
        return +gone


@dataclass(frozen=True, slots=True)
class _Pinned:
    """What stays of a place whatever its age, for what is under way there."""

    runs: Collection[str]
    revisions: Collection[int]


class Search(Protocol):
    """A look for one kind of rows, which goes on where it was."""

    def next(self, connection: Connection) -> Batch | None:
        """Answer the next batch, which may be empty, or None when there is nothing left."""
        ...


class Sweep:
    """One pass over everything. Nothing it finds is removed by it: that is `Batch.remove`'s."""

    def __init__(self, rules: Retention, now: datetime) -> None:
        self._rules = rules
        self._now = now
        self._place: Place | None = ("", "")
        self._doomed: set[str] = set()
        self._searches: list[Search] = []
        if rules.audit.age is not None:
            self._searches.append(_Lines((now - rules.audit.age).timestamp()))
        if rules.requests.age is not None:
            self._searches.append(_Requests((now - rules.requests.age).timestamp()))
        if rules.runs.forever and rules.revisions.forever:
            self._place = None

    def next(self, connection: Connection) -> Batch | None:
        """Look at some rows more; None: everything was looked at."""
        if not self._searches and not self._enter(connection):
            return None
        found = self._searches[0].next(connection)
        if found is None:
            del self._searches[0]
            return Batch()
        return found

    def _enter(self, connection: Connection) -> bool:
        """Begin with the next place; say whether there is one. By the index of runs: it is no scan of them."""
        if self._place is None:
            return False
        place = (runs.c.application, runs.c.environment)
        query = (
            select(*place).where(tuple_(*place) > tuple_(*self._place)).order_by(*place).limit(1)
        )
        found = connection.execute(query).first()
        self._place = None if found is None else (found.application, found.environment)
        if self._place is None:
            return False
        self._doomed = set()
        self._searches = [
            _Revisions(self._place, self._rules.revisions, self._now, self._doomed),
            _Runs(self._place, self._rules.runs, self._now, self._doomed),
        ]
        return True


class _Search:
    """Looks for rows of a place that are kept no more, the oldest first: their numbers grow with time."""

    def __init__(self, place: Place, rule: Keep, now: datetime, doomed: set[str]) -> None:
        """`doomed` are the runs whose revisions are found to go: these may go then, too."""
        self._place = place
        self._rule = rule
        self._before = now - max(rule.age or RESTS, RESTS)
        self._doomed = doomed
        self._last = 0


class _Revisions(_Search):
    """Looks for revisions, and writes down whose runs may go with them."""

    def next(self, connection: Connection) -> Batch | None:
        if self._rule.forever:
            return None
        kept = max(self._rule.newest or 0, NEWEST_REVISIONS)
        own = _at(revisions, self._place)
        numbers = select(revisions.c.number).where(*own).order_by(revisions.c.number.desc())
        newest = connection.execute(numbers.limit(1).offset(kept - 1)).scalar()
        if newest is None:
            return None
        wanted = (revisions.c.number > self._last, revisions.c.number < newest)
        query = select(revisions).where(*own, *wanted).order_by(revisions.c.number)
        looked = [dict(each) for each in connection.execute(query.limit(RUNS_AT_ONCE)).mappings()]
        old = [each for each in looked if _moment(json.loads(each["body"])["at"]) < self._before]
        if not old:
            return None
        self._last = old[-1]["number"]
        pinned = _pinned(connection, self._place).revisions
        found = [each for each in old if each["number"] not in pinned]
        self._doomed.update(each["run"] for each in found)
        return _RevisionBatch({revisions: found})


class _RevisionBatch(Batch):
    """Revisions of one place. They never change; what names them may."""

    @override
    def remove(self, connection: Connection) -> Removed:
        found = self.rows[revisions]
        if not found:
            return {}
        place = (found[0]["application"], found[0]["environment"])
        pinned = _pinned(connection, place).revisions
        numbers = [each["number"] for each in found if each["number"] not in pinned]
        gone = delete(revisions).where(*_at(revisions, place), revisions.c.number.in_(numbers))
        return {revisions.name: connection.execute(gone).rowcount}


class _Runs(_Search):
    """Looks for runs."""

    def next(self, connection: Connection) -> Batch | None:
        if self._rule.forever:
            return None
        own = _at(runs, self._place)
        numbers = select(runs.c.number).where(*own).order_by(runs.c.number.desc())
        newest = connection.execute(numbers.limit(1).offset((self._rule.newest or 1) - 1)).scalar()
        if newest is None:
            return None
        raised = exists().where(revisions.c.run == runs.c.id).label("raised")
        query = (
            select(runs.c.id, runs.c.number, runs.c.created, raised)
            .where(*own, runs.c.number > self._last, runs.c.number < newest, *OVER)
            .order_by(runs.c.number)
            .limit(LOOKED_AT)
        )
        # Numbers grow with time: what comes after one that is too young is not looked at.
        young = self._before.timestamp()
        looked = [*takewhile(lambda each: each.created < young, connection.execute(query))]
        if not looked:
            return None
        pinned = _pinned(connection, self._place).runs
        may_go = [
            each
            for each in looked
            if each.id not in pinned and (not each.raised or each.id in self._doomed)
        ]
        if not may_go:
            self._last = looked[-1].number
            return Batch()
        taken = [each.id for each in may_go[:RUNS_AT_ONCE]]
        taken = taken[: _fitting(connection, taken)]
        self._last = may_go[len(taken) - 1].number
        return _RunBatch(_with_everything(connection, taken, self._before))


class _RunBatch(Batch):
    """Runs of one place, with all that is theirs."""

    @override
    def remove(self, connection: Connection) -> Removed:
        found = {each["id"]: each for each in self.rows[runs]}
        if not found:
            return {}
        first = next(iter(found.values()))
        pinned = _pinned(connection, (first["application"], first["environment"])).runs
        # Held, where others may write at the same time: what is decided on here stays as it is.
        held = select(runs.c.id, runs.c.version).where(runs.c.id.in_(found), *OVER)
        same = {
            each.id
            for each in connection.execute(held.with_for_update())
            if each.version == found[each.id]["version"] and each.id not in pinned
        }
        same -= set(connection.execute(_named(revisions.c.run, same)).scalars())
        same -= self._told_since(connection, same)
        counts = {
            table.name: connection.execute(delete(table).where(of.in_(same))).rowcount
            for table, of in OF_RUN.items()
        }
        return {name: count for name, count in counts.items() if count}

    def _told_since(self, connection: Connection, ids: Collection[str]) -> set[str]:
        """Name the runs whose messages are others than those that were found, or show something else by now."""
        query = select(messages.c.run, messages.c.sequence, messages.c.state, messages.c.wanted)
        now = connection.execute(query.where(messages.c.run.in_(ids)))
        then = {
            (each["run"], each["sequence"], each["state"], each["wanted"])
            for each in self.rows[messages]
        }
        return {str(each[0]) for each in then ^ {tuple(each) for each in now}}


class _Lines:
    """Looks for lines of the audit log: they are written in the order of their time."""

    def __init__(self, before: float) -> None:
        self._before = before
        self._last = 0

    def next(self, connection: Connection) -> Batch | None:
        query = select(audit).where(audit.c.sequence > self._last).order_by(audit.c.sequence)
        looked = connection.execute(query.limit(ROWS_AT_ONCE)).mappings()
        found = [dict(each) for each in looked if each["at"] < self._before]
        if not found:
            return None
        self._last = found[-1]["sequence"]
        return Batch({audit: found})


class _Requests:
    """Looks for requests that were answered."""

    def __init__(self, before: float) -> None:
        self._before = before
        self._last = (0.0, "")

    def next(self, connection: Connection) -> Batch | None:
        order = (inbox.c.received_at, inbox.c.id)
        query = (
            select(inbox)
            .where(text("done = 1"), inbox.c.received_at < self._before)  # as the index says it
            .where(tuple_(*order) > tuple_(*self._last))
            .order_by(*order)
            .limit(ROWS_AT_ONCE)
        )
        found = [dict(each) for each in connection.execute(query).mappings()]
        if not found:
            return None
        self._last = (found[-1]["received_at"], found[-1]["id"])
        return Batch({inbox: found})


OVER = (runs.c.ended == 1, runs.c.scheduled == 0, runs.c.unsigned == 0)
OF_RUN = {
    events: events.c.run,
    messages: messages.c.run,
    deliveries: deliveries.c.run,
    runs: runs.c.id,
}
"""The tables with what is a run's, and the column that says whose a row is."""


def _pinned(connection: Connection, place: Place) -> _Pinned:
    """Answer what stays of a place: the newest runs, those that are not over or begin anew, and what they name."""
    every = select(runs.c.id, runs.c.application, runs.c.environment, runs.c.plan)
    own = every.where(*_at(runs, place))
    last = own.order_by(runs.c.number.desc()).limit(1)
    alive = [
        *connection.execute(last),
        *connection.execute(last.where(runs.c.begun == 1)),
        *connection.execute(own.where(text("ended = 0"))),  # as the indexes of these say it
        *connection.execute(every.where(text("scheduled = 1"))),
    ]
    alive = [each for each in alive if (each.application, each.environment) == place]
    plans = [json.loads(each.plan) for each in alive]
    named = {each.get(key) for each in plans for key in ("based_on", "rollback_to")}
    repeated = {each["repeats"] for each in plans if each.get("repeats")}
    return _Pinned(
        runs={each.id for each in alive} | repeated, revisions={each for each in named if each}
    )


def _fitting(connection: Connection, ids: Sequence[str]) -> int:
    """Answer how many of these runs make a batch: at least one."""
    query = select(events.c.run, func.count()).where(events.c.run.in_(ids)).group_by(events.c.run)
    counts = {str(run): int(count) for run, count in connection.execute(query)}
    total = 0
    for at, each in enumerate(ids):
        total += 1 + counts.get(each, 0)
        if total > ROWS_AT_ONCE:
            return max(1, at)
    return len(ids)


def _with_everything(connection: Connection, ids: Sequence[str], before: datetime) -> Rows:
    """Load runs with all that is theirs, but for those that ended later or have still something to tell."""
    told = and_(events.c.announced == 0, events.c.run.in_(ids))
    shown = and_(messages.c.state.in_(TO_SHOW), messages.c.run.in_(ids))
    busy = {
        *connection.execute(select(events.c.run).where(told)).scalars(),
        *connection.execute(select(messages.c.run).where(shown)).scalars(),
    }
    loaded = connection.execute(select(runs).where(runs.c.id.in_(ids)).order_by(runs.c.number))
    found = [
        dict(each) for each in loaded.mappings() if each["id"] not in busy and _ended(each) < before
    ]
    mine = [each["id"] for each in found]
    rows: dict[Table, Sequence[Mapping[str, Any]]] = {
        table: [dict(each) for each in _all_of(connection, table, mine)]
        for table in OF_RUN
        if table is not runs
    }
    return {**rows, runs: found}


def _all_of(
    connection: Connection, table: Table, ids: Sequence[str]
) -> Iterator[Mapping[str, Any]]:
    query = select(table).where(OF_RUN[table].in_(ids)).order_by(*table.primary_key)
    yield from connection.execute(query).mappings()  # type: ignore[misc] # its keys are texts


def _named(column: Any, ids: Collection[str]) -> Any:
    return select(column).where(column.in_(ids))


def _at(table: Table, place: Place) -> tuple[Any, Any]:
    return table.c.application == place[0], table.c.environment == place[1]


def _ended(run: RowMapping) -> datetime:
    return _moment(json.loads(run["state"])["ended"])


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said)
