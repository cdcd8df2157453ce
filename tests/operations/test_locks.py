"""Locks as people meet them: what is refused, what passes, whose word lifts them, and when they end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.operations.forecasts import PlanShown
from bot.operations.results import (
    Decided,
    Intervened,
    LockSet,
    ReasonAsked,
    RollbackProposed,
    Started,
    Unlocked,
)
from bot.policy.refusals import Code
from bot.run.model import Run, RunPhase
from tests.builders import NOON
from tests.operations.locksmiths import Locksmiths
from tests.operations.office import Office

HOUR = timedelta(hours=1)


async def waiting(office: Office) -> Run:
    await office.say("dev", "deploy shop prod v1")
    return await office.until("shop/prod#1", RunPhase.SUSPENDING)


async def test_a_lock_refuses_everything_that_delivers_and_nothing_that_ends(
    locksmiths: Locksmiths,
) -> None:
    await locksmiths.delivered("v1", "v2")
    locksmiths.delivery.broken.add("hangzhou")
    await locksmiths.say("dev", "deploy shop dev v3")
    await locksmiths.until("shop/dev#3", RunPhase.FAILED)
    locked = await locksmiths.say("dev", "lock dev the database moves --for 2h")
    assert isinstance(locked, LockSet)
    assert (locked.lock.by, locked.lock.until) == ("dev", NOON + 2 * HOUR)

    for text in (
        "deploy shop dev v4",
        "rollback shop dev",
        "rollback shop dev v1",
        "retry shop/dev#3",
        "restart shop/dev#3",
        "skip shop/dev#3 hangzhou broken",
    ):
        refusal = await locksmiths.refused("dev", text)
        assert refusal.code is Code.LOCKED
        assert refusal.facts["by"] == "dev"
        assert refusal.facts["reason"] == "the database moves"
        assert refusal.facts["until"] == (NOON + 2 * HOUR).isoformat()
        assert refusal.who == ("dev", "sre", "sre2", "admin")
    assert len(await locksmiths.runs.recent("shop", "dev")) == 3


async def test_other_environments_and_a_look_at_a_plan_are_free(locksmiths: Locksmiths) -> None:
    await locksmiths.say("dev", "lock dev the database moves")

    assert isinstance(await locksmiths.say("dev", "deploy shop prod v1"), Started)
    shown = await locksmiths.say("dev", "deploy shop dev v1 --plan")
    assert isinstance(shown, PlanShown)
    assert not shown.may_deploy


async def test_a_run_that_waits_is_not_stopped_and_not_approved(locksmiths: Locksmiths) -> None:
    run = await waiting(locksmiths)
    await locksmiths.say("dev", "lock prod the database moves")

    refusal = await locksmiths.refused("sre", "approve shop/prod#1")
    assert (refusal.code, refusal.facts["run"]) == (Code.LOCKED, "shop/prod#1")
    assert await locksmiths.refused("sre", "resume shop/prod#1") == refusal
    now = await locksmiths.runs.get(run.id)
    assert now is not None
    assert (now.phase, [each.decision for each in now.steps if each.at_gate]) == (run.phase, [None])
    assert isinstance(await locksmiths.say("dev", "pause shop/prod#1"), Intervened)
    assert isinstance(await locksmiths.say("dev", "resume shop/prod#1"), Intervened)
    assert isinstance(await locksmiths.say("sre", "reject shop/prod#1"), ReasonAsked)
    assert isinstance(await locksmiths.say("sre", "reject shop/prod#1 no"), Decided)


async def test_stop_works_under_a_lock(locksmiths: Locksmiths) -> None:
    await waiting(locksmiths)
    await locksmiths.say("dev", "lock prod the database moves")

    assert isinstance(await locksmiths.say("dev2", "stop shop/prod#1"), Intervened)


async def test_a_lock_ends_by_the_clock(locksmiths: Locksmiths) -> None:
    await locksmiths.say("dev", "lock dev the database moves --for 30m")
    locksmiths.watch.time += timedelta(minutes=30) - timedelta(microseconds=1)
    assert (await locksmiths.refused("dev", "deploy shop dev v1")).code is Code.LOCKED

    locksmiths.watch.time += timedelta(microseconds=1)

    assert (await locksmiths.refused("dev", "unlock dev")).code is Code.NOT_LOCKED
    assert isinstance(await locksmiths.say("dev", "deploy shop dev v1"), Started)
    taken = await locksmiths.say("dev2", "lock dev the next one")
    assert isinstance(taken, LockSet)
    assert (taken.before, taken.lock.by) == (None, "dev2")


async def test_a_lock_of_an_application_holds_that_one(locksmiths: Locksmiths) -> None:
    orders = replace(locksmiths.catalog.applications["shop"], name="orders")
    applications = {**locksmiths.catalog.applications, "orders": orders}
    locksmiths.catalog = replace(locksmiths.catalog, applications=applications)
    await locksmiths.say("dev", "lock dev its database moves --app orders")

    assert (await locksmiths.refused("dev", "deploy orders dev v1")).facts[
        "application"
    ] == "orders"
    assert isinstance(await locksmiths.say("dev", "deploy shop dev v1"), Started)
    refusal = await locksmiths.refused("dev", "unlock dev")
    assert (refusal.code, refusal.facts["others"]) == (Code.NOT_LOCKED, "orders")
    assert isinstance(await locksmiths.say("dev", "unlock dev --app orders"), Unlocked)
    assert isinstance(await locksmiths.say("dev", "deploy orders dev v1"), Started)


async def test_the_holder_of_a_change_delivers_exactly_that_to_the_end(
    locksmiths: Locksmiths,
) -> None:
    await locksmiths.say("dev", "lock prod the hotfix goes first --version v2")

    for who, text in (
        ("dev2", "deploy shop prod v2"),
        ("dev", "deploy shop prod v3"),
        ("dev", "deploy shop prod v2 web=registry.shop.example/web:v9"),
        ("dev", "deploy shop prod v2 queue=docker.io/library/redis:8"),
    ):
        assert (await locksmiths.refused(who, text)).code is Code.LOCKED
    started = await locksmiths.say("dev", "deploy shop prod v2")
    assert isinstance(started, Started)
    assert started.run.plan.passed == ("lock:dev",)
    await locksmiths.until("shop/prod#1", RunPhase.SUSPENDING)
    decided = await locksmiths.say("sre", "approve shop/prod#1")
    assert isinstance(decided, Decided)
    assert decided.passed == ("lock:dev",)
    await locksmiths.until("shop/prod#1", RunPhase.SUCCEEDED)
    assert [each.passed for each in locksmiths.audit if each.outcome == "allowed"] == [
        (),
        ("lock:dev",),
        ("lock:dev",),
    ]


async def test_the_holder_changes_reason_and_end_without_unlocking(locksmiths: Locksmiths) -> None:
    await locksmiths.say("dev", "lock dev the database moves --for 1h --version v2")
    locksmiths.watch.time += HOUR / 2

    changed = await locksmiths.say("dev", "lock dev it takes longer --for 2h")

    assert isinstance(changed, LockSet)
    assert (changed.lock.since, changed.lock.until) == (NOON, NOON + 2.5 * HOUR)
    assert (changed.lock.reason, changed.lock.version) == ("it takes longer", "v2")
    assert changed.before is not None
    assert changed.before.reason == "the database moves"
    again = await locksmiths.say("dev", "lock dev nearly there")
    assert isinstance(again, LockSet)
    assert again.lock.until == NOON + 2.5 * HOUR


@pytest.mark.parametrize("who", ["dev2", "guest"])
async def test_nobody_takes_or_lifts_a_lock_of_another_by_chance(
    locksmiths: Locksmiths, who: str
) -> None:
    await locksmiths.say("dev", "lock prod the database moves")

    lifting = await locksmiths.refused(who, "unlock prod")
    taking = await locksmiths.refused(who, "lock prod mine")

    assert (lifting.code, lifting.facts["by"]) == (Code.LOCKED, "dev")
    assert lifting.who == ("dev", "sre", "sre2", "admin")
    assert taking.code is (Code.LOCKED if who == "dev2" else Code.NOT_ALLOWED)
    assert [each.by for each in await locksmiths.desk.locks.there_are()] == ["dev"]


@pytest.mark.parametrize("who", ["dev", "sre", "admin"])
async def test_the_holder_approvers_and_administrators_unlock(
    locksmiths: Locksmiths, who: str
) -> None:
    await locksmiths.say("dev", "lock prod the database moves")

    assert isinstance(await locksmiths.say(who, "unlock prod"), Unlocked)
    assert isinstance(await locksmiths.say("dev", "deploy shop prod v1"), Started)


async def test_a_repeated_request_locks_and_unlocks_once(locksmiths: Locksmiths) -> None:
    first = await locksmiths.say("dev", "lock dev the database moves", request="r1")
    await locksmiths.say("dev", "unlock dev", request="r2")

    again = await locksmiths.say("dev", "lock dev the database moves", request="r1")

    assert again == first
    assert await locksmiths.desk.locks.there_are() == []
    assert isinstance(await locksmiths.say("dev", "unlock dev", request="r2"), Unlocked)


@pytest.mark.parametrize(
    ("text", "code", "nearest"),
    [
        ("lock prdo x", Code.UNKNOWN_ENVIRONMENT, "prod"),
        ("unlock prdo", Code.UNKNOWN_ENVIRONMENT, "prod"),
        ("lock prod x --app shpo", Code.UNKNOWN_APPLICATION, "shop"),
        ("unlock prod --app shpo", Code.UNKNOWN_APPLICATION, "shop"),
        ("audit shpo", Code.UNKNOWN_APPLICATION, "shop"),
        ("audit shop prdo", Code.UNKNOWN_ENVIRONMENT, "prod"),
        ("audit --person geust", Code.UNKNOWN_NAME, "guest"),
    ],
)
async def test_a_typing_mistake_gets_the_nearest_name(
    locksmiths: Locksmiths, text: str, code: Code, nearest: str
) -> None:
    refusal = await locksmiths.refused("admin", text)
    assert (refusal.code, refusal.facts["nearest"]) == (code, nearest)


async def test_a_lock_that_came_after_the_look_stops_the_way_back(locksmiths: Locksmiths) -> None:
    await locksmiths.delivered("v1", "v2")
    proposed = await locksmiths.say("dev", "rollback shop dev")
    assert isinstance(proposed, RollbackProposed)
    await locksmiths.say("dev2", "lock dev wait")

    text = f"rollback shop dev v{proposed.target.number} --confirm {proposed.digest}"
    assert (await locksmiths.refused("dev", text)).code is Code.LOCKED
