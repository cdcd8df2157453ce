"""Freezes, rules for single applications and the audit log: what is refused, who passes, who may read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.catalog.model import Freeze, Permission
from bot.chat.presenters.words import answered
from bot.operations.results import (
    AuditShown,
    Decided,
    EnvironmentList,
    Identity,
    LockSet,
    Right,
    RollbackProposed,
    Started,
    StatusList,
)
from bot.policy.decisions import Action
from bot.policy.refusals import Code
from bot.run.model import RunPhase
from tests.builders import NOON
from tests.operations.locksmiths import Locksmiths
from tests.operations.office import Office

HOUR = timedelta(hours=1)


FREEZE = Freeze(
    name="fair",
    reason="the fair is on",
    start=NOON,
    end=NOON + HOUR,
    passed_by=("sre",),
)


async def test_a_freeze_refuses_until_it_is_over(locksmiths: Locksmiths) -> None:
    locksmiths.rules(freezes=(FREEZE,))

    refusal = await locksmiths.refused("dev", "deploy shop prod v1")
    assert (refusal.code, refusal.facts["name"]) == (Code.FROZEN, "fair")
    assert (refusal.facts["roles"], refusal.who) == ("sre", ("sre", "sre2"))
    locksmiths.watch.time += HOUR
    assert isinstance(await locksmiths.say("dev", "deploy shop prod v1"), Started)


async def test_who_may_pass_a_freeze_does_and_it_is_written_down(locksmiths: Locksmiths) -> None:
    locksmiths.rules(freezes=(replace(FREEZE, passed_by=("developer",)),))

    started = await locksmiths.say("dev", "deploy shop prod v1")
    assert isinstance(started, Started)
    assert started.run.plan.passed == ("freeze:fair",)
    assert locksmiths.audit[-1].passed == ("freeze:fair",)
    await locksmiths.until("shop/prod#1", RunPhase.SUSPENDING)
    refusal = await locksmiths.refused("sre", "approve shop/prod#1")
    assert (refusal.code, refusal.who) == (Code.FROZEN, ("dev", "dev2"))


@pytest.mark.parametrize("allowed", [True, False])
async def test_a_way_back_stays_open_in_a_freeze_unless_it_is_closed(
    locksmiths: Locksmiths, *, allowed: bool
) -> None:
    await locksmiths.delivered("v1", "v2")
    locksmiths.rules("dev", freezes=(replace(FREEZE, allow_rollback=allowed),))

    if not allowed:
        assert (await locksmiths.refused("dev", "rollback shop dev")).code is Code.FROZEN
        return
    proposed = await locksmiths.say("dev", "rollback shop dev")
    assert isinstance(proposed, RollbackProposed)
    text = f"rollback shop dev v{proposed.target.number} --confirm {proposed.digest}"
    started = await locksmiths.say("dev", text)
    assert isinstance(started, Started)
    assert started.run.plan.passed == ("freeze:fair",)
    await locksmiths.until("shop/dev#3", RunPhase.SUCCEEDED)
    assert (await locksmiths.refused("dev", "deploy shop dev v3")).code is Code.FROZEN


async def test_a_yes_that_passes_a_freeze_says_so(locksmiths: Locksmiths) -> None:
    await locksmiths.say("dev", "deploy shop prod v1")
    run = await locksmiths.until("shop/prod#1", RunPhase.SUSPENDING)
    locksmiths.rules(freezes=(FREEZE,))

    decided = await locksmiths.say("sre", "approve shop/prod#1")

    assert isinstance(decided, Decided)
    assert decided.decision.passed == ("freeze:fair",)
    step = decided.run.step("approval")
    assert step is not None
    assert answered(step) == ("Approved", " by sre (passes the freeze fair)")
    assert run.plan.passed == ()


async def test_what_holds_and_what_comes_is_listed(locksmiths: Locksmiths) -> None:
    later = replace(FREEZE, name="later", start=NOON + HOUR, end=NOON + 2 * HOUR)
    locksmiths.rules(freezes=(FREEZE, later))
    await locksmiths.say("dev", "lock prod the database moves --app shop")
    everything = ["lock:dev", "freeze:fair", "freeze:later"]

    envs = await locksmiths.say("guest", "envs")
    assert isinstance(envs, EnvironmentList)
    assert [each.key for each in envs.holds] == everything
    status = await locksmiths.say("guest", "status shop prod")
    assert isinstance(status, StatusList)
    assert [each.key for each in status.holds] == everything
    elsewhere = await locksmiths.say("guest", "status shop dev")
    assert isinstance(elsewhere, StatusList)
    assert elsewhere.holds == ()


async def test_a_rule_for_an_application_decides_over_everything_of_it(
    locksmiths: Locksmiths,
) -> None:
    rule = Permission(applications=("shop",), deployers=("sre",), approvers=("admin",))
    locksmiths.rules("dev", permissions=(rule,))

    refusal = await locksmiths.refused("dev", "deploy shop dev v1")
    assert (refusal.facts["application"], refusal.who) == ("shop", ("sre", "sre2"))
    assert isinstance(await locksmiths.say("sre", "deploy shop dev v1"), Started)
    assert (await locksmiths.refused("dev", "lock dev x --app shop")).code is Code.NOT_ALLOWED
    assert isinstance(await locksmiths.say("dev", "lock dev x"), LockSet)
    envs = await locksmiths.say("guest", "envs")
    assert isinstance(envs, EnvironmentList)
    assert envs.rules == (("dev", "shop", ("sre", "sre2"), ("admin",)),)
    identity = await locksmiths.say("sre", "whoami")
    assert isinstance(identity, Identity)
    general = (Action.STOP, Action.PAUSE, Action.RESUME)
    approving = (Action.APPROVE, Action.REJECT, Action.SIGN, Action.UNLOCK)
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


async def test_the_log_is_read_by_those_who_may(locksmiths: Locksmiths) -> None:
    await logged(locksmiths)
    locksmiths.rules(auditors=("sre",))

    whole = await locksmiths.say("admin", "audit")
    assert isinstance(whole, AuditShown)
    assert [(each.person, each.outcome, each.environment) for each in whole.lines] == [
        ("dev2", "allowed", ""),
        ("guest", "not_allowed", "prod"),
        ("dev", "allowed", "dev"),
    ]
    own = await locksmiths.say("sre", "audit")
    assert isinstance(own, AuditShown)
    assert [each.person for each in own.lines] == ["guest"]
    assert isinstance(await locksmiths.say("sre", "audit shop prod --person guest"), AuditShown)
    assert (await locksmiths.refused("sre", "audit shop dev")).code is Code.NOT_ALLOWED
    refusal = await locksmiths.refused("dev", "audit")
    assert (refusal.code, refusal.who) == (Code.NOT_ALLOWED, ("sre", "sre2", "admin"))


async def test_the_log_is_searched_by_person_and_time(locksmiths: Locksmiths) -> None:
    await logged(locksmiths)
    locksmiths.watch.time += HOUR

    by_guest = await locksmiths.say("admin", "audit --person guest")
    assert isinstance(by_guest, AuditShown)
    assert [each.request for each in by_guest.lines] == ["deploy shop prod v1"]
    recent = await locksmiths.say("admin", "audit --since 30m")
    assert isinstance(recent, AuditShown)
    assert recent.lines == ()
