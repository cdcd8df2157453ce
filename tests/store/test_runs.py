"""Runs, their events and their revisions, as the engine relies on them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from bot.errors import Conflict, Permanent
from bot.events import Event, PersonName, RunId, RunStarted, StepStarted
from bot.run.model import Plan, Review, Revision, Run, RunPhase, StepPhase, StepRun
from bot.run.ports import Latest
from bot.run.sealed import Sealed
from bot.run.stimuli import Began, GaveWay
from bot.run.transitions import Transition, apply, new_run
from bot.store.database import Store
from tests.builders import NOON, a_plan, a_step, an_origin, at

Made = tuple[Run, Sequence[Event]]


def making(run_id: str, plan: Plan | None = None) -> Callable[[Latest], Made]:
    """Make a run numbered after the newest."""

    def make(latest: Latest) -> Made:
        return new_run(
            run_id=RunId(run_id),
            number=latest.run_number + 1,
            plan=plan or a_plan(a_step("approval")),
            origin=an_origin(),
            now=NOON,
        )

    return make


async def added(
    store: Store, run_id: str = "one", *, environment: str = "prod", request: str = ""
) -> Run:
    run, _ = await store.runs.add("shop", environment, making(run_id), request=request)
    assert run is not None
    return run


def next_of(run: Run, *happened: Event, phase: RunPhase = RunPhase.EXECUTING) -> Run:
    return replace(
        run,
        version=run.version + 1,
        events=run.events + len(happened),
        phase=phase,
        ended=at(60) if phase.ended else None,
    )


def a_revision(run: Run, number: int = 1) -> Revision:
    return Revision(
        number=number,
        run=run.id,
        run_number=run.number,
        plan=run.plan,
        by=PersonName("dev"),
        at=at(60),
        duration=60.0,
    )


async def ended(store: Store, run: Run, *, revision: int | None = None) -> Run:
    over = next_of(run, phase=RunPhase.SUCCEEDED)
    made = None if revision is None else a_revision(run, revision)
    await store.runs.save(over, [], revision=made)
    return over


async def test_a_run_is_read_as_it_was_written(store: Store) -> None:
    run = await added(store)

    assert await store.runs.get(run.id) == run
    assert await store.runs.by_number("shop", "prod", 1) == run
    assert await store.runs.unfinished() == [run]
    assert await store.runs.get(RunId("another")) is None
    assert await store.runs.by_number("shop", "prod", 2) is None


async def test_a_change_is_stored_with_its_events_or_not_at_all(store: Store) -> None:
    run = await added(store)
    happened: list[Event] = [
        RunStarted(at=at(1)),
        StepStarted(at=at(1), step="approval", attempt=1),
    ]
    await store.runs.save(next_of(run, *happened), happened)
    before = await store.runs.events(run.id)

    stale = next_of(run, *happened)
    with pytest.raises(Conflict, match="shop/prod#1 was changed by someone else"):
        await store.runs.save(stale, happened, revision=a_revision(run))

    assert [each.event for each in before][-2:] == happened
    assert [each.number for each in before] == list(range(1, len(before) + 1))
    assert await store.runs.events(run.id) == before
    assert await store.runs.revision("shop", "prod") is None


async def test_one_of_many_who_change_the_same_run_at_once_succeeds(store: Store) -> None:
    run = await added(store)

    results = await asyncio.gather(
        *(store.runs.save(next_of(run), []) for _ in range(20)), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in results) == ["Conflict"] * 19 + ["NoneType"]


async def test_of_runs_that_only_wait_a_start_learns_when_to_wake_them(store: Store) -> None:
    in_line = await added(store, "in-line", environment="e1")
    executing = await stepping(store, "executing", StepRun(name="s", phase=StepPhase.RUNNING))
    await stepping(store, "suspended", StepRun(name="s", phase=StepPhase.SUSPENDING))
    waiting = StepRun(name="s", phase=StepPhase.RUNNING, wake_at=at(30.123457))
    await stepping(store, "waiting", waiting)
    await ended(store, await added(store, "over", environment="e2"))

    asleep = await store.runs.asleep()

    assert await store.runs.busy() == [in_line, executing]
    assert asleep == [("suspended", None), ("waiting", at(30.123457))]
    loaded = await store.runs.load([RunId("suspended"), RunId("gone"), RunId("waiting")])
    assert {each.id for each in loaded} == {"suspended", "waiting"}


async def stepping(store: Store, run_id: str, step: StepRun) -> Run:
    run = replace(next_of(await added(store, run_id, environment=run_id)), steps=(step,))
    await store.runs.save(run, [])
    return run


async def test_an_application_has_one_run_under_way_in_an_environment(store: Store) -> None:
    first, second = await added(store, "one"), await added(store, "two")
    await store.runs.save(next_of(first), [])

    with pytest.raises(Permanent):
        await store.runs.save(next_of(second), [])
    with pytest.raises(Permanent):
        await store.runs.change(second.id, lambda run, _: begun(run))

    latest = await store.runs.latest("shop", "prod")
    assert (latest.unfinished, latest.line) == (next_of(first), (second,))
    assert {each.id for each in await store.runs.unfinished()} == {"one", "two"}
    assert [each.id for each in await store.runs.recent("shop", "prod", begun=True)] == ["one"]


def begun(run: Run) -> Transition:
    changed = apply(run, Began(plan=replace(run.plan, version="v9")), at(5))
    assert isinstance(changed, Transition)
    return changed


async def test_the_plan_of_a_run_is_the_one_that_it_began_with(store: Store) -> None:
    run = await added(store)

    changed = await store.runs.change(run.id, lambda run, _: begun(run))

    assert changed is not None
    found = await store.runs.get(run.id)
    assert found == changed.run
    assert found is not None
    assert (found.plan.version, found.began) == ("v9", at(5))


async def test_of_many_who_let_a_run_begin_at_once_one_does(store: Store) -> None:
    run = await added(store)

    def decide(run: Run, _: Latest) -> Transition | None:
        return begun(run) if run.waits else None

    changes = await asyncio.gather(*(store.runs.change(run.id, decide) for _ in range(20)))

    assert sum(each is not None for each in changes) == 1
    assert await store.runs.change(RunId("nobody"), decide) is None


async def test_who_gives_way_ends_with_the_run_that_comes_or_not_at_all(store: Store) -> None:
    first = await added(store, "one")

    def give_way(run: Run, latest: Latest) -> list[Transition]:
        away = GaveWay(by=run.origin.person, reason=f"replaced by {run.name}")
        changes = [apply(each, away, at(9)) for each in latest.line]
        return [each for each in changes if isinstance(each, Transition)]

    second, _ = await store.runs.add("shop", "prod", making("two"), also=give_way, request="r1")
    assert second is not None
    again, _ = await store.runs.add("shop", "prod", making("three"), also=give_way, request="r1")

    assert again == second
    gone = await store.runs.get(first.id)
    assert gone is not None
    assert (gone.phase, gone.unbegun) == (RunPhase.TERMINATED, True)
    assert gone.message == "replaced by shop/prod#2"
    assert (await store.runs.latest("shop", "prod")).line == (second,)
    assert [each.event.kind for each in await store.runs.events(first.id)][-1] == "run_terminated"


async def test_a_new_run_is_decided_on_what_is_there(store: Store) -> None:
    seen: list[Latest] = []

    def look(latest: Latest) -> Made | None:
        seen.append(latest)
        return None

    run = await ended(store, await added(store, "one"), revision=1)
    assert await store.runs.add("shop", "prod", look) == (None, seen[0])
    second = await added(store, "two")
    await store.runs.add("shop", "prod", look)

    assert seen == [
        Latest(run_number=1, revision=a_revision(run), unfinished=None),
        Latest(run_number=2, revision=a_revision(run), unfinished=None, line=(second,)),
    ]


async def test_a_request_adds_one_run_however_often_it_comes(store: Store) -> None:
    first = await added(store, "one", request="envelope-1")

    assert await added(store, "two", request="envelope-1") == first
    await ended(store, first)
    again = await added(store, "three", request="envelope-1")

    assert again.id == "one"
    assert await store.runs.get(RunId("three")) is None


async def test_a_revision_number_is_given_once(store: Store) -> None:
    await ended(store, await added(store, "one"), revision=1)
    second = await added(store, "two")

    with pytest.raises(Permanent):
        await ended(store, second, revision=1)

    still = await store.runs.get(second.id)
    assert still is not None
    assert not still.phase.ended


async def test_revisions_and_runs_are_listed_newest_first(store: Store) -> None:
    for number, run_id in enumerate(["one", "two", "three"], 1):
        await ended(store, await added(store, run_id), revision=number)

    revisions = await store.runs.revisions("shop", "prod", limit=2)

    assert [each.name for each in revisions] == ["v3", "v2"]
    assert (await store.runs.revision("shop", "prod")) == revisions[0]
    assert (await store.runs.revision("shop", "prod", 1)) is not None
    assert (await store.runs.revision("shop", "prod", 4)) is None
    assert [each.number for each in await store.runs.recent("shop", "prod", limit=2)] == [3, 2]
    assert await store.runs.recent("shop", "dev") == []
    assert await store.runs.unfinished() == []


async def test_names_that_sql_would_trip_over_are_names(store: Store) -> None:
    odd = "o'brien\"; DROP TABLE runs; --"
    run, _ = await store.runs.add(odd, "prod", making("one"), request=odd)

    assert run is not None
    assert await store.runs.recent(odd) == [run]
    assert await store.runs.recent("shop") == []


async def test_a_run_with_something_to_sign_is_found_until_it_is_signed(store: Store) -> None:
    run = await added(store)
    review = Review(
        step="approval", attempt=1, by=PersonName("lead"), at=NOON, reason="fire", roles=("sre",)
    )
    opened = replace(next_of(run, phase=RunPhase.SUCCEEDED), reviews=(review,))
    await store.runs.save(opened, [])
    assert await store.runs.unsigned() == [opened]

    signed = replace(review, signed_by=PersonName("sre"), signed_at=at(60), note="right")
    await store.runs.save(replace(next_of(opened), phase=opened.phase, reviews=(signed,)), [])
    assert await store.runs.unsigned() == []


async def test_an_output_that_is_secret_is_stored_as_what_stands_for_it(store: Store) -> None:
    run = await added(store)
    outputs = {"token": Sealed.opened("sealed", "canary"), "plain": {"$sealed": 1, "more": 2}}
    steps = (replace(run.steps[0], outputs=outputs),)
    await store.runs.save(next_of(replace(run, steps=steps)), [])
    found = await store.runs.get(run.id)
    assert found is not None
    assert found.steps[0].outputs == outputs
    assert not found.steps[0].outputs["token"].is_open
