"""Who has to say yes by which rules, what becomes of votes when the rules change, and emergencies."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.catalog.approving import Requirement
from bot.catalog.model import Person
from bot.engine.observers import Observers
from bot.operations.keeping import Keeper
from bot.operations.results import Decided, Signed, StatusList, Voted, VoteTaken
from bot.policy.refusals import Code, Refusal
from bot.run.model import Run, RunPhase, StepRun
from bot.run.terms import terms_of
from tests.builders import a_step
from tests.operations.office import Office
from tests.patience import PATIENCE

SRE_AND_SECURITY = (Requirement(roles=("sre",)), Requirement(roles=("security",)))


@pytest.fixture
def strict(office: Office) -> Office:
    """Let prod ask for one of sre and one of security, nobody's own, and let a lead break the glass."""
    people = {
        name: Person(name=name, email=f"{name}@shop.example", roles=roles)
        for name, roles in (
            ("claire", ("security",)),
            ("both", ("sre", "security")),
            ("lead", ("lead",)),
            ("dev", ("developer", "sre")),
        )
    }
    office.catalog = replace(office.catalog, people={**office.catalog.people, **people})
    office.with_steps(a_step("approval"))
    with_rules(office, approvals=SRE_AND_SECURITY, self_approval=False, break_glass=("lead",))
    return office


def with_rules(office: Office, **rules: Any) -> None:
    """Change the file of prod."""
    changed = replace(office.catalog.environments["prod"], **rules)
    environments = {**office.catalog.environments, "prod": changed}
    office.catalog = replace(office.catalog, environments=environments)


async def waiting(office: Office) -> Run:
    await office.say("dev", "deploy shop prod v1")
    return await office.until("shop/prod#1", RunPhase.SUSPENDING)


def gate_of(run: Run) -> StepRun:
    found = run.step("approval")
    assert found is not None
    return found


def button(verb: str, run: Run) -> str:
    shown = terms_of(run, gate_of(run)).digest
    return f"{verb} run:{run.id} --step approval --attempt 1 --shown {shown}"


async def test_it_takes_one_of_each_role(strict: Office) -> None:
    run = await waiting(strict)
    first = await strict.say("sre", button("approve", run))
    assert isinstance(first, Voted)
    assert first.needs == (Requirement(roles=("security",)),)
    # A second one of the same role is no one of the other.
    second = await strict.say("sre2", button("approve", run))
    assert isinstance(second, Voted)
    assert second.needs == (Requirement(roles=("security",)),)
    refusal = await strict.refused("guest", button("approve", run))
    assert refusal.facts["roles"] == "sre, security"
    assert isinstance(await strict.say("claire", button("approve", run)), Decided)
    await strict.until("shop/prod#1", RunPhase.SUCCEEDED)


async def test_who_asked_for_a_run_may_reject_it_and_not_approve_it(strict: Office) -> None:
    run = await waiting(strict)
    refusal = await strict.refused("dev", button("approve", run))
    assert refusal == Refusal(
        code=Code.SELF_APPROVAL,
        facts={"run": "shop/prod#1", "step": "approval", "environment": "prod"},
        who=("sre", "sre2", "claire", "both"),
    )
    assert isinstance(await strict.say("dev", f"{button('reject', run)} my mistake"), Decided)


async def test_a_step_may_say_otherwise(strict: Office) -> None:
    strict.with_steps(a_step("approval", properties={"selfApproval": True, "approvers": ["sre"]}))
    run = await waiting(strict)
    assert isinstance(await strict.say("dev", button("approve", run)), Decided)


async def test_a_yes_is_taken_back_while_others_have_to_say_theirs(strict: Office) -> None:
    run = await waiting(strict)
    nothing = await strict.refused("sre", "withdraw shop/prod#1")
    assert nothing.code is Code.NO_VOTE
    await strict.say("sre", button("approve", run))
    taken = await strict.say("sre", f"withdraw run:{run.id} --step approval --attempt 1")
    assert isinstance(taken, VoteTaken)
    assert len(taken.needs) == 2
    assert isinstance(await strict.say("claire", button("approve", run)), Voted)
    assert isinstance(await strict.say("sre2", button("approve", run)), Decided)
    late = await strict.refused("sre2", "withdraw shop/prod#1")
    assert late.code is Code.ALREADY_DECIDED


async def test_other_rules_make_votes_void_and_old_buttons_outdated(strict: Office) -> None:
    run = await waiting(strict)
    old = button("approve", run)
    await strict.say("sre", old)
    with_rules(strict, approvals=(Requirement(roles=("security",), count=2),))
    # The first one to answer finds it out, and has not been shown the new rules either.
    refusal = await strict.refused("claire", old)
    assert refusal == Refusal(
        code=Code.TERMS_CHANGED, facts={"run": "shop/prod#1", "step": "approval"}
    )
    now = await strict.run("shop/prod#1")
    assert gate_of(now).votes == ()
    assert (await strict.refused("claire", old)).code is Code.TERMS_CHANGED
    assert (await strict.refused("claire", f"{old.replace('approve', 'reject', 1)} no")).code is (
        Code.TERMS_CHANGED
    )
    assert (await strict.refused("sre", button("approve", now))).code is Code.NOT_ALLOWED
    assert isinstance(await strict.say("claire", button("approve", now)), Voted)
    assert isinstance(await strict.say("both", "approve shop/prod#1"), Decided)


async def test_who_types_has_seen_the_new_rules_only_after_they_were_asked_again(
    strict: Office,
) -> None:
    await waiting(strict)
    with_rules(strict, approvals=(Requirement(roles=("security",)),))
    assert (await strict.refused("claire", "approve shop/prod#1")).code is Code.TERMS_CHANGED
    assert isinstance(await strict.say("claire", "approve shop/prod#1"), Decided)


async def test_the_keeper_finds_out_when_the_files_change_and_at_its_start(strict: Office) -> None:
    run = await waiting(strict)
    await strict.say("sre", button("approve", run))
    keeper = Keeper(strict.desk, pause=0.01)
    keeper.start()
    with_rules(strict, approvals=(Requirement(roles=("security",)),))
    async with asyncio.timeout(PATIENCE):
        changed = await strict.until_so("shop/prod#1", lambda run: not gate_of(run).votes)
    await keeper.stop()
    assert terms_of(changed, gate_of(changed)).requirements == (Requirement(roles=("security",)),)

    with_rules(strict, self_approval=True)
    later = Keeper(strict.desk, pause=600)
    later.start()
    Observers(later).changed(changed, announced=True)  # as the engine does with what it takes up
    async with asyncio.timeout(PATIENCE):
        now = await strict.until_so(
            "shop/prod#1", lambda run: terms_of(run, gate_of(run)).self_approval
        )
    await later.stop()
    assert now.version == changed.version + 1


async def test_a_lock_makes_votes_void_and_so_does_its_end(strict: Office) -> None:
    run = await waiting(strict)
    keeper = Keeper(strict.desk, pause=600)
    await strict.say("sre", button("approve", run))
    keeper.start()
    await strict.say("dev", "lock prod a fair")
    keeper.look()
    async with asyncio.timeout(PATIENCE):
        now = await strict.until_so("shop/prod#1", lambda run: not gate_of(run).votes)
    assert terms_of(now, gate_of(now)).locked == "dev: a fair"
    await strict.say("dev", "unlock prod")
    keeper.look()
    async with asyncio.timeout(PATIENCE):
        await strict.until_so("shop/prod#1", lambda run: not terms_of(run, gate_of(run)).locked)
    await keeper.stop()


async def test_whoever_may_approve_no_more_has_not_approved(strict: Office) -> None:
    run = await waiting(strict)
    await strict.say("sre", button("approve", run))
    people = {**strict.catalog.people}
    people["sre"] = replace(people["sre"], roles=())
    strict.catalog = replace(strict.catalog, people=people)
    assert (await strict.refused("claire", button("approve", run))).code is Code.TERMS_CHANGED
    still = await strict.say("claire", button("approve", run))
    assert isinstance(still, Voted)
    assert still.needs == (Requirement(roles=("sre",)),)


async def test_an_emergency_takes_a_role_and_a_reason_and_is_signed_by_someone_else(
    strict: Office,
) -> None:
    run = await waiting(strict)
    await strict.say("sre", button("approve", run))
    refusal = await strict.refused("sre", "approve shop/prod#1 --emergency checkout is down")
    assert refusal == Refusal(
        code=Code.NOT_ALLOWED,
        facts={"action": "approve by emergency", "environment": "prod", "roles": "lead"},
        who=("lead",),
    )
    refusal = await strict.refused("lead", "approve shop/prod#1 --emergency")
    assert refusal.code is Code.EMERGENCY_REASON
    assert (await strict.refused("sre", "sign shop/prod#1")).code is Code.NOTHING_TO_SIGN

    opened = await strict.say("lead", "approve shop/prod#1 --emergency checkout is down")
    assert isinstance(opened, Decided)
    assert (opened.decision.by, opened.decision.reason) == ("lead", "checkout is down")
    ended = await strict.until("shop/prod#1", RunPhase.SUCCEEDED)
    status = await strict.say("guest", "status shop")
    assert isinstance(status, StatusList)
    assert status.unsigned == (ended,)

    assert (await strict.refused("guest", "sign shop/prod#1")).code is Code.NOT_ALLOWED
    signed = await strict.say("sre", "sign shop/prod#1 the fix was right")
    assert isinstance(signed, Signed)
    assert signed.run.reviews[0].note == "the fix was right"
    assert (signed.run.phase, signed.run.revision) == (RunPhase.SUCCEEDED, ended.revision)
    status = await strict.say("guest", "status")
    assert isinstance(status, StatusList)
    assert status.unsigned == ()
    assert (await strict.refused("claire", "sign shop/prod#1")).code is Code.NOTHING_TO_SIGN


async def test_an_emergency_passes_a_lock(strict: Office) -> None:
    run = await waiting(strict)
    await strict.say("dev", "lock prod a fair")
    assert (await strict.refused("sre", button("approve", run))).code is Code.LOCKED

    opened = await strict.say("lead", "approve shop/prod#1 --emergency checkout is down")

    assert isinstance(opened, Decided)


async def test_nobody_signs_their_own_emergency(strict: Office) -> None:
    with_rules(strict, break_glass=("security",))
    await waiting(strict)
    await strict.say("claire", "approve shop/prod#1 --emergency fire")
    refusal = await strict.refused("claire", "sign shop/prod#1")
    assert refusal.code is Code.OWN_EMERGENCY
