"""Locks and freezes as people meet them: what is refused, what passes, whose word lifts them, and when they end."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from bot.catalog.model import Environment, Freeze, Permission
from bot.clock import Clock
from bot.operations.forecasts import PlanShown
from bot.operations.results import (
    AuditShown,
    Decided,
    EnvironmentList,
    Identity,
    Intervened,
    LockSet,
    ReasonAsked,
    Right,
    RollbackProposed,
    Started,
    StatusList,
    Unlocked,
)
from bot.policy.decisions import Action
from bot.policy.refusals import Code
from bot.run.model import Run, RunPhase
from bot.store.database import open_store
from tests.builders import NOON
from tests.operations.office import Office

HOUR = timedelta(hours=1)


class Watch(Clock):
    """A clock that goes when a test says so."""

    def __init__(self) -> None:
        self.time = NOON

    @override
    def now(self) -> datetime:
        return self.time


class Locksmiths(Office):
    """An office whose time stands still until a test lets it pass."""

    watch: Watch

    def rules(self, name: str = "prod", **changes: object) -> None:
        """Change an environment, as an edited file would."""
        old = self.catalog.environments[name]
        new: Environment = replace(old, **changes)  # type: ignore[arg-type] # the test says what it changes
        self.catalog = replace(self.catalog, environments={**self.catalog.environments, name: new})


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Locksmiths]:
    watch = Watch()
    store = open_store(f"sqlite:///{tmp_path / 'shipmate.db'}", watch)
    made = Locksmiths(store, watch)
    made.watch = watch
    yield made
    await made.engine.stop()
    await store.close()


FREEZE = Freeze(
    name="fair",
    reason="the fair is on",
    start=NOON,
    end=NOON + HOUR,
    passed_by=("sre",),
)


async def waiting(office: Office) -> Run:
    await office.say("dev", "deploy shop prod v1")
    return await office.until("shop/prod#1", RunPhase.SUSPENDING)


async def test_a_lock_refuses_everything_that_delivers_and_nothing_that_ends(
    office: Locksmiths,
) -> None:
    await office.delivered("v1", "v2")
    office.delivery.broken.add("hangzhou")
    await office.say("dev", "deploy shop dev v3")
    await office.until("shop/dev#3", RunPhase.FAILED)
    locked = await office.say("dev", "lock dev the database moves --for 2h")
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
        refusal = await office.refused("dev", text)
        assert refusal.code is Code.LOCKED
        assert refusal.facts["by"] == "dev"
        assert refusal.facts["reason"] == "the database moves"
        assert refusal.facts["until"] == (NOON + 2 * HOUR).isoformat()
        assert refusal.who == ("dev", "sre", "sre2", "admin")
    assert len(await office.runs.recent("shop", "dev")) == 3


async def test_other_environments_and_a_look_at_a_plan_are_free(office: Locksmiths) -> None:
    await office.say("dev", "lock dev the database moves")

    assert isinstance(await office.say("dev", "deploy shop prod v1"), Started)
    shown = await office.say("dev", "deploy shop dev v1 --plan")
    assert isinstance(shown, PlanShown)
    assert not shown.may_deploy


async def test_a_run_that_waits_is_not_stopped_and_not_approved(office: Locksmiths) -> None:
    run = await waiting(office)
    await office.say("dev", "lock prod the database moves")

    refusal = await office.refused("sre", "approve shop/prod#1")
    assert (refusal.code, refusal.facts["run"]) == (Code.LOCKED, "shop/prod#1")
    assert await office.refused("sre", "resume shop/prod#1") == refusal
    now = await office.runs.get(run.id)
    assert now == run
    assert isinstance(await office.say("dev", "pause shop/prod#1"), Intervened)
    assert isinstance(await office.say("dev", "resume shop/prod#1"), Intervened)
    assert isinstance(await office.say("sre", "reject shop/prod#1"), ReasonAsked)
    assert isinstance(await office.say("sre", "reject shop/prod#1 no"), Decided)


async def test_stop_works_under_a_lock(office: Locksmiths) -> None:
    await waiting(office)
    await office.say("dev", "lock prod the database moves")

    assert isinstance(await office.say("dev2", "stop shop/prod#1"), Intervened)


async def test_a_lock_ends_by_the_clock(office: Locksmiths) -> None:
    await office.say("dev", "lock dev the database moves --for 30m")
    office.watch.time += timedelta(minutes=30) - timedelta(microseconds=1)
    assert (await office.refused("dev", "deploy shop dev v1")).code is Code.LOCKED

    office.watch.time += timedelta(microseconds=1)

    assert (await office.refused("dev", "unlock dev")).code is Code.NOT_LOCKED
    assert isinstance(await office.say("dev", "deploy shop dev v1"), Started)
    taken = await office.say("dev2", "lock dev the next one")
    assert isinstance(taken, LockSet)
    assert (taken.before, taken.lock.by) == (None, "dev2")


async def test_a_lock_of_an_application_holds_that_one(office: Locksmiths) -> None:
    orders = replace(office.catalog.applications["shop"], name="orders")
    applications = {**office.catalog.applications, "orders": orders}
    office.catalog = replace(office.catalog, applications=applications)
    await office.say("dev", "lock dev its database moves --app orders")

    assert (await office.refused("dev", "deploy orders dev v1")).facts["application"] == "orders"
    assert isinstance(await office.say("dev", "deploy shop dev v1"), Started)
    refusal = await office.refused("dev", "unlock dev")
    assert (refusal.code, refusal.facts["others"]) == (Code.NOT_LOCKED, "orders")
    assert isinstance(await office.say("dev", "unlock dev --app orders"), Unlocked)
    assert isinstance(await office.say("dev", "deploy orders dev v1"), Started)


async def test_the_holder_of_a_change_delivers_exactly_that_to_the_end(
    office: Locksmiths,
) -> None:
    await office.say("dev", "lock prod the hotfix goes first --version v2")

    for who, text in (
        ("dev2", "deploy shop prod v2"),
        ("dev", "deploy shop prod v3"),
        ("dev", "deploy shop prod v2 web=registry.shop.example/web:v9"),
        ("dev", "deploy shop prod v2 queue=docker.io/library/redis:8"),
    ):
        assert (await office.refused(who, text)).code is Code.LOCKED
    started = await office.say("dev", "deploy shop prod v2")
    assert isinstance(started, Started)
    assert started.run.plan.passed == ("lock:dev",)
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    decided = await office.say("sre", "approve shop/prod#1")
    assert isinstance(decided, Decided)
    assert decided.passed == ("lock:dev",)
    await office.until("shop/prod#1", RunPhase.SUCCEEDED)
    assert [each.passed for each in office.audit if each.outcome == "allowed"] == [
        (),
        ("lock:dev",),
        ("lock:dev",),
    ]


async def test_the_holder_changes_reason_and_end_without_unlocking(office: Locksmiths) -> None:
    await office.say("dev", "lock dev the database moves --for 1h --version v2")
    office.watch.time += HOUR / 2

    changed = await office.say("dev", "lock dev it takes longer --for 2h")

    assert isinstance(changed, LockSet)
    assert (changed.lock.since, changed.lock.until) == (NOON, NOON + 2.5 * HOUR)
    assert (changed.lock.reason, changed.lock.version) == ("it takes longer", "v2")
    assert changed.before is not None
    assert changed.before.reason == "the database moves"
    again = await office.say("dev", "lock dev nearly there")
    assert isinstance(again, LockSet)
    assert again.lock.until == NOON + 2.5 * HOUR


@pytest.mark.parametrize("who", ["dev2", "guest"])
async def test_nobody_takes_or_lifts_a_lock_of_another_by_chance(
    office: Locksmiths, who: str
) -> None:
    await office.say("dev", "lock prod the database moves")

    lifting = await office.refused(who, "unlock prod")
    taking = await office.refused(who, "lock prod mine")

    assert (lifting.code, lifting.facts["by"]) == (Code.LOCKED, "dev")
    assert lifting.who == ("dev", "sre", "sre2", "admin")
    assert taking.code is (Code.LOCKED if who == "dev2" else Code.NOT_ALLOWED)
    assert [each.by for each in await office.desk.locks.there_are()] == ["dev"]


@pytest.mark.parametrize("who", ["dev", "sre", "admin"])
async def test_the_holder_approvers_and_administrators_unlock(office: Locksmiths, who: str) -> None:
    await office.say("dev", "lock prod the database moves")

    assert isinstance(await office.say(who, "unlock prod"), Unlocked)
    assert isinstance(await office.say("dev", "deploy shop prod v1"), Started)


async def test_a_repeated_request_locks_and_unlocks_once(office: Locksmiths) -> None:
    first = await office.say("dev", "lock dev the database moves", request="r1")
    await office.say("dev", "unlock dev", request="r2")

    again = await office.say("dev", "lock dev the database moves", request="r1")

    assert again == first
    assert await office.desk.locks.there_are() == []
    assert isinstance(await office.say("dev", "unlock dev", request="r2"), Unlocked)


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
    office: Locksmiths, text: str, code: Code, nearest: str
) -> None:
    refusal = await office.refused("admin", text)
    assert (refusal.code, refusal.facts["nearest"]) == (code, nearest)


async def test_a_freeze_refuses_until_it_is_over(office: Locksmiths) -> None:
    office.rules(freezes=(FREEZE,))

    refusal = await office.refused("dev", "deploy shop prod v1")
    assert (refusal.code, refusal.facts["name"]) == (Code.FROZEN, "fair")
    assert (refusal.facts["roles"], refusal.who) == ("sre", ("sre", "sre2"))
    office.watch.time += HOUR
    assert isinstance(await office.say("dev", "deploy shop prod v1"), Started)


async def test_who_may_pass_a_freeze_does_and_it_is_written_down(office: Locksmiths) -> None:
    office.rules(freezes=(replace(FREEZE, passed_by=("developer",)),))

    started = await office.say("dev", "deploy shop prod v1")
    assert isinstance(started, Started)
    assert started.run.plan.passed == ("freeze:fair",)
    assert office.audit[-1].passed == ("freeze:fair",)
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    refusal = await office.refused("sre", "approve shop/prod#1")
    assert (refusal.code, refusal.who) == (Code.FROZEN, ("dev", "dev2"))


@pytest.mark.parametrize("allowed", [True, False])
async def test_a_way_back_stays_open_in_a_freeze_unless_it_is_closed(
    office: Locksmiths, *, allowed: bool
) -> None:
    await office.delivered("v1", "v2")
    office.rules("dev", freezes=(replace(FREEZE, allow_rollback=allowed),))

    if not allowed:
        assert (await office.refused("dev", "rollback shop dev")).code is Code.FROZEN
        return
    proposed = await office.say("dev", "rollback shop dev")
    assert isinstance(proposed, RollbackProposed)
    text = f"rollback shop dev v{proposed.target.number} --confirm {proposed.digest}"
    started = await office.say("dev", text)
    assert isinstance(started, Started)
    assert started.run.plan.passed == ("freeze:fair",)
    await office.until("shop/dev#3", RunPhase.SUCCEEDED)
    assert (await office.refused("dev", "deploy shop dev v3")).code is Code.FROZEN


async def test_a_lock_that_came_after_the_look_stops_the_way_back(office: Locksmiths) -> None:
    await office.delivered("v1", "v2")
    proposed = await office.say("dev", "rollback shop dev")
    assert isinstance(proposed, RollbackProposed)
    await office.say("dev2", "lock dev wait")

    text = f"rollback shop dev v{proposed.target.number} --confirm {proposed.digest}"
    assert (await office.refused("dev", text)).code is Code.LOCKED


async def test_what_holds_and_what_comes_is_listed(office: Locksmiths) -> None:
    later = replace(FREEZE, name="later", start=NOON + HOUR, end=NOON + 2 * HOUR)
    office.rules(freezes=(FREEZE, later))
    await office.say("dev", "lock prod the database moves --app shop")
    everything = ["lock:dev", "freeze:fair", "freeze:later"]

    envs = await office.say("guest", "envs")
    assert isinstance(envs, EnvironmentList)
    assert [each.key for each in envs.holds] == everything
    status = await office.say("guest", "status shop prod")
    assert isinstance(status, StatusList)
    assert [each.key for each in status.holds] == everything
    elsewhere = await office.say("guest", "status shop dev")
    assert isinstance(elsewhere, StatusList)
    assert elsewhere.holds == ()


async def test_a_rule_for_an_application_decides_over_everything_of_it(
    office: Locksmiths,
) -> None:
    rule = Permission(applications=("shop",), deployers=("sre",), approvers=("admin",))
    office.rules("dev", permissions=(rule,))

    refusal = await office.refused("dev", "deploy shop dev v1")
    assert (refusal.facts["application"], refusal.who) == ("shop", ("sre", "sre2"))
    assert isinstance(await office.say("sre", "deploy shop dev v1"), Started)
    assert (await office.refused("dev", "lock dev x --app shop")).code is Code.NOT_ALLOWED
    assert isinstance(await office.say("dev", "lock dev x"), LockSet)
    identity = await office.say("sre", "whoami")
    assert isinstance(identity, Identity)
    general = (Action.STOP, Action.PAUSE, Action.RESUME)
    approving = (Action.APPROVE, Action.REJECT, Action.UNLOCK)
    assert set(identity.rights) == {
        Right(environment="dev", actions=(*general, *approving)),
        Right(environment="prod", actions=(*general, *approving)),
        Right(
            environment="dev",
            application="shop",
            actions=(
                Action.DEPLOY,
                Action.ROLLBACK,
                Action.STOP,
                Action.RETRY,
                Action.RESTART,
                Action.SKIP,
                Action.PAUSE,
                Action.RESUME,
                Action.LOCK,
            ),
        ),
    }


async def logged(office: Office) -> None:
    """Answer requests as the reception does, so that the log has them."""
    for who, text in (
        ("dev", "deploy shop dev v1"),
        ("guest", "deploy shop prod v1"),
        ("dev2", "apps"),
    ):
        await office.say(who, text)
        await office.store.inbox.done("", office.audit[-1])


async def test_the_log_is_read_by_those_who_may(office: Locksmiths) -> None:
    await logged(office)
    office.rules(auditors=("sre",))

    whole = await office.say("admin", "audit")
    assert isinstance(whole, AuditShown)
    assert [(each.person, each.outcome, each.environment) for each in whole.lines] == [
        ("dev2", "allowed", ""),
        ("guest", "not_allowed", "prod"),
        ("dev", "allowed", "dev"),
    ]
    own = await office.say("sre", "audit")
    assert isinstance(own, AuditShown)
    assert [each.person for each in own.lines] == ["guest"]
    assert isinstance(await office.say("sre", "audit shop prod --person guest"), AuditShown)
    assert (await office.refused("sre", "audit shop dev")).code is Code.NOT_ALLOWED
    refusal = await office.refused("dev", "audit")
    assert (refusal.code, refusal.who) == (Code.NOT_ALLOWED, ("sre", "sre2", "admin"))


async def test_the_log_is_searched_by_person_and_time(office: Locksmiths) -> None:
    await logged(office)
    office.watch.time += HOUR

    by_guest = await office.say("admin", "audit --person guest")
    assert isinstance(by_guest, AuditShown)
    assert [each.request for each in by_guest.lines] == ["deploy shop prod v1"]
    recent = await office.say("admin", "audit --since 30m")
    assert isinstance(recent, AuditShown)
    assert recent.lines == ()
