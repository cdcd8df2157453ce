"""What is kept no more goes as a whole, a bounded number of rows at a time; what somebody may still need stays."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, event, func, select

from bot.clock import SystemClock
from bot.errors import TakenOver
from bot.events import PersonName, RunId, RunStarted
from bot.operations.replicas import Replica
from bot.retention import Keep, Retention
from bot.run.model import Restart, Review, Run, RunPhase
from bot.store.database import Store, open_store
from bot.store.pruning import ROWS_AT_ONCE, RUNS_AT_ONCE, Batch, Sweep
from bot.store.tables import deliveries, events, messages, runs
from tests.builders import at
from tests.postgres import Postgres
from tests.store.history import begun, day, days, keeping, lived, over, plan_for, swept
from tests.store.test_conversation import a_request, an_audit_line
from tests.store.test_inventory import an_item

YEAR_AND_MORE = day(400)


async def names(store: Store) -> list[str]:
    return sorted(each.id for each in await store.runs.recent(limit=100))


async def numbers(store: Store, environment: str = "prod") -> list[int]:
    found = await store.runs.revisions("shop", environment, limit=100)
    return sorted(each.number for each in found)


async def test_a_run_goes_with_everything_that_is_its_own(store: Store) -> None:
    old, new = await lived(store, "old", 0), await lived(store, "new", 399)

    gone = await swept(store.history, keeping(runs=days(365)), YEAR_AND_MORE)

    assert gone == {"runs": 1, "events": 2, "messages": 1, "deliveries": 1}
    assert await names(store) == ["new"]
    assert await store.runs.events(old.id) == []
    assert await store.ledger.of_run(old.id) == []
    assert await store.inventory.kept(old.id) == {}
    assert await store.runs.get(new.id) == new
    assert len(await store.ledger.of_run(new.id)) == 1
    assert len(await store.inventory.kept(new.id)) == 1


async def test_the_rules_by_default_keep_a_year_and_the_newest_of_each_place(store: Store) -> None:
    for number in range(55):
        await lived(store, f"r{number:02}", number, revision=number + 1)
    await lived(store, "alone", 0, revision=1, plan=plan_for("dev"))

    assert await swept(store.history, Retention(), day(365)) == {}
    gone = await swept(store.history, Retention(), day(500))

    assert gone == {"revisions": 5, "runs": 5, "events": 10, "messages": 5, "deliveries": 5}
    assert await numbers(store) == list(range(6, 56))
    assert await names(store) == ["alone", *(f"r{number:02}" for number in range(5, 55))]


async def test_numbers_are_never_given_twice(store: Store) -> None:
    for number in range(3):
        await lived(store, f"r{number}", number)

    await swept(store.history, keeping(runs=Keep(newest=1)), YEAR_AND_MORE)
    next_one = await begun(store, "next", 401)

    assert await names(store) == ["next", "r2"]
    assert next_one.number == 4


async def test_a_run_stays_as_long_as_its_revision_does(store: Store) -> None:
    for number in range(12):
        await lived(store, f"r{number:02}", number, revision=number + 1)
    await lived(store, "failed", 12)
    await lived(store, "newest", 13)

    gone = await swept(store.history, keeping(runs=days(30)), YEAR_AND_MORE)
    assert gone["runs"] == 1
    assert len(await numbers(store)) == 12

    gone = await swept(store.history, keeping(runs=days(30), revisions=days(30)), YEAR_AND_MORE)
    assert gone == {"revisions": 2, "runs": 2, "events": 4, "messages": 2, "deliveries": 2}
    assert await numbers(store) == list(range(3, 13))  # ten stay, whatever the rule says


async def test_a_place_keeps_its_newest_run_and_the_newest_that_has_begun(store: Store) -> None:
    await lived(store, "older", 0)
    await lived(store, "delivered", 1)
    waiting = await begun(store, "left the line", 2)
    left = replace(
        waiting,
        version=waiting.version + 1,
        phase=RunPhase.TERMINATED,
        ended=day(2),
        began=None,
        unbegun=True,
    )
    await store.runs.save(left, [])
    await told(store, left)

    await swept(store.history, keeping(runs=days(1)), YEAR_AND_MORE)

    assert await names(store) == ["delivered", "left the line"]


async def told(store: Store, run: Run) -> None:
    """Say that everything of a run was told."""
    found = await store.runs.events(run.id)
    await store.ledger.announce(found[-1].sequence, [])


async def changed(store: Store, run: Run, **changes: object) -> Run:
    made = replace(run, version=run.version + 1, **changes)  # type: ignore[arg-type] # as the test says
    await store.runs.save(made, [])
    return made


async def test_what_is_not_over_stays(store: Store) -> None:
    again = await lived(store, "begins again", 0)
    await changed(store, again, restart=Restart(at=day(900)))
    review = Review(step="approval", attempt=1, by=PersonName("sre"), at=day(1), reason="fire")
    await changed(store, await lived(store, "to be signed", 1), reviews=(review,))
    await lived(store, "not shown yet", 2, shown=False)
    await lived(store, "over", 4)
    late = await begun(store, "ended late", 5)
    await over(store, late, 399)
    silent = await lived(store, "not told yet", 6)
    await store.runs.save(
        replace(silent, version=silent.version + 1, events=silent.events + 1),
        [RunStarted(at=day(6))],
    )
    await begun(store, "under way", 7)

    await swept(store.history, keeping(runs=days(30)), YEAR_AND_MORE)

    assert await names(store) == sorted(
        ["begins again", "to be signed", "not shown yet", "not told yet", "ended late", "under way"]
    )


async def test_what_a_rollback_under_way_delivers_again_stays(store: Store) -> None:
    for number in range(14):
        await lived(store, f"r{number:02}", number, revision=number + 1)
    back = plan_for(based_on=14, rollback_to=1, repeats=RunId("r00"))
    await begun(store, "back", 20, back)

    await swept(store.history, keeping(runs=days(30), revisions=days(30)), YEAR_AND_MORE)

    assert await numbers(store) == [1, *range(5, 15)]
    assert len(await store.inventory.kept(RunId("r00"))) == 1
    assert await names(store) == ["back", "r00", *(f"r{number:02}" for number in range(4, 14))]


async def test_nothing_goes_on_the_day_it_ended(store: Store) -> None:
    await lived(store, "one", 0)
    await lived(store, "two", 0.1)
    rules = keeping(runs=Keep(newest=1))

    assert await swept(store.history, rules, day(0.9)) == {}
    assert (await swept(store.history, rules, day(1.1)))["runs"] == 1


async def found(store: Store, rules: Retention) -> Batch:
    """Look for the first batch that has something."""
    sweep = Sweep(rules, YEAR_AND_MORE)
    while (batch := await store.history.next(sweep)) is not None:
        if batch.counts:
            return batch
    raise AssertionError("there was nothing to remove")


async def test_what_changes_between_look_and_removal_stays(store: Store) -> None:
    touched, doubted = await lived(store, "touched", 0), await lived(store, "doubted", 1)
    await lived(store, "gone", 2)
    await lived(store, "newest", 3)
    batch = await found(store, keeping(runs=days(30)))
    assert batch.counts["runs"] == 3

    await changed(store, touched, message="somebody was here")
    await store.ledger.doubt(f"{doubted.id}/card")
    gone = await store.history.remove(batch)

    assert gone == {"runs": 1, "events": 2, "messages": 1, "deliveries": 1}
    assert await names(store) == ["doubted", "newest", "touched"]
    assert len(await store.runs.events(touched.id)) == 2


async def test_a_revision_that_a_run_has_named_meanwhile_stays(store: Store) -> None:
    for number in range(11):
        await lived(store, f"r{number:02}", number, revision=number + 1)
    batch = await found(store, keeping(revisions=days(30)))
    assert batch.counts == {"revisions": 1}

    await begun(store, "back", 20, plan_for(based_on=11, rollback_to=1, repeats=RunId("r00")))

    assert await store.history.remove(batch) == {"revisions": 0}
    assert await numbers(store) == list(range(1, 12))


async def test_two_that_remove_the_same_remove_it_once(store: Store) -> None:
    await lived(store, "old", 0)
    await lived(store, "new", 1)
    rules = keeping(runs=days(30))
    one, two = await found(store, rules), await found(store, rules)

    first, second = await asyncio.gather(store.history.remove(one), store.history.remove(two))

    assert sorted([first.get("runs", 0), second.get("runs", 0)]) == [0, 1]


async def test_the_account_of_objects_stays(store: Store) -> None:
    await lived(store, "old", 0)
    await lived(store, "new", 1)
    await store.inventory.note("shop", "prod", [replace(an_item(), run=RunId("old"))])

    await swept(store.history, keeping(runs=days(30)), YEAR_AND_MORE)

    assert len(await store.inventory.items("shop", "prod")) == 1


async def test_answered_requests_and_lines_of_the_audit_log_have_their_own_time(
    store: Store,
) -> None:
    now = SystemClock().now()
    await store.inbox.receive(a_request("answered"))
    await store.inbox.done("answered", replace(an_audit_line("old"), at=now))
    await store.inbox.receive(a_request("left"))
    rules = keeping(requests=days(30), audit=days(60))

    later = now + timedelta(days=61)
    assert await swept(store.history, rules, now) == {}
    assert await swept(store.history, keeping(), later) == {}
    assert await swept(store.history, rules, later) == {"audit": 1, "inbox": 1}

    assert await store.audit.lines() == []
    assert [each.received for each in await store.inbox.unanswered()] == [a_request("left")]
    assert await store.inbox.receive(a_request("left")) is False


class Statements:
    """Counts what one store does from now on, and how many rows each transaction removes."""

    def __init__(self, store: Store) -> None:
        self.removed: list[int] = []
        self.scanned = 0
        for engine in (store._database._engine, store._database._read_engine):
            event.listen(engine, "after_cursor_execute", self._after)

    def _after(self, _c: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("DELETE"):
            self.removed.append(cursor.rowcount)  # type: ignore[attr-defined] # of any driver
        elif statement.startswith("SELECT"):
            self.scanned += 1


async def test_a_large_history_goes_in_batches_of_a_bounded_size(store: Store) -> None:
    for number in range(3 * RUNS_AT_ONCE):
        await lived(store, f"r{number:02}", number)
    seen = Statements(store)

    gone = await swept(store.history, keeping(runs=Keep(newest=1)), YEAR_AND_MORE)

    assert gone["runs"] == 3 * RUNS_AT_ONCE - 1
    assert max(seen.removed) <= max(ROWS_AT_ONCE, RUNS_AT_ONCE)
    assert len([each for each in seen.removed if each]) <= 3 * 4  # batches, tables
    before = seen.scanned
    assert await swept(store.history, keeping(runs=Keep(newest=1)), YEAR_AND_MORE) == {}
    assert seen.scanned - before < 10


async def test_a_long_run_goes_as_a_whole_and_alone(store: Store) -> None:
    for number in range(3):
        run = await begun(store, f"r{number}", number)
        many = [RunStarted(at=at(each)) for each in range(ROWS_AT_ONCE)]
        longer = replace(run, version=run.version + 1, events=run.events + len(many))
        await store.runs.save(longer, many)
        await over(store, longer, number + 0.1)
    sweep = Sweep(keeping(runs=days(30)), YEAR_AND_MORE)
    batches: list[Batch] = []
    while (batch := await store.history.next(sweep)) is not None:
        batches += [batch] if batch.counts else []

    assert [each.counts["runs"] for each in batches] == [1, 1]
    assert all(each.counts["events"] == ROWS_AT_ONCE + 2 for each in batches)


async def test_a_replica_that_leads_no_more_removes_nothing(postgres: Postgres) -> None:
    store = open_store(postgres.fresh(), SystemClock(), shared=True)
    me = Replica(id="me", name="me", version="1", started=day(0))
    assert await store.replicas.beat(me)
    await lived(store, "old", 0)
    await lived(store, "new", 1)
    batch = await found(store, keeping(runs=days(30)))

    store.replicas.give_up()
    with pytest.raises(TakenOver):
        await store.history.remove(batch)

    assert await names(store) == ["new", "old"]
    await store.close()


async def test_a_death_in_the_middle_leaves_whole_runs(url: str) -> None:
    store = open_store(url, SystemClock())
    for number in range(RUNS_AT_ONCE + 5):
        await lived(store, f"r{number:02}", number)
    await store.history.remove(await found(store, keeping(runs=days(30))))
    await store.close()

    engine = create_engine(url)
    with engine.connect() as connection:
        left = set(connection.execute(select(runs.c.id)).scalars())
        for column in (events.c.run, messages.c.run, deliveries.c.run):
            assert set(connection.execute(select(column)).scalars()) == left
        assert connection.execute(select(func.count()).select_from(runs)).scalar() == 5
    engine.dispose()

    again = open_store(url, SystemClock())
    assert (await swept(again.history, keeping(runs=days(30)), YEAR_AND_MORE))["runs"] == 4
    await again.close()
