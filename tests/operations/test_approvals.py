"""One decision counts; everyone else is told who took it, and who may not is told who could."""

import asyncio

import pytest

from bot.operations.results import Decided, ReasonAsked, Voted
from bot.policy.refusals import Code, Refusal
from bot.run.model import Run, RunPhase
from bot.run.terms import terms_of
from tests.builders import a_step
from tests.operations.office import Office


async def waiting(office: Office) -> Run:
    """Deploy to prod up to its approval."""
    await office.say("dev", "deploy shop prod v1.4.2")
    return await office.until("shop/prod#1", RunPhase.SUSPENDING)


def shown(run: Run) -> str:
    """Answer the digest of what its buttons are shown with."""
    step = run.step("approval")
    assert step is not None
    return terms_of(run, step).digest


def button(verb: str, run: Run, attempt: int = 1) -> str:
    return f"{verb} run:{run.id} --step approval --attempt {attempt}"


async def test_an_approval_lets_the_run_go_on(office: Office) -> None:
    run = await waiting(office)
    result = await office.say("sre", button("approve", run), via="button")
    assert isinstance(result, Decided)
    assert result.step == "approval"
    assert (result.decision.approved, result.decision.by) == (True, "sre")
    assert result.decision.via == "slack button"
    await office.until("shop/prod#1", RunPhase.SUCCEEDED)


async def test_it_may_be_typed_with_a_reason(office: Office) -> None:
    await waiting(office)
    result = await office.say("sre", "approve shop/prod#1 looks good")
    assert isinstance(result, Decided)
    assert result.decision.reason == "looks good"
    assert result.decision.via == "slack command"


async def test_a_rejection_with_a_reason_ends_the_run(office: Office) -> None:
    run = await waiting(office)
    result = await office.say("sre", button("reject", run) + " not today", via="form")
    assert isinstance(result, Decided)
    assert not result.decision.approved
    ended = await office.until("shop/prod#1", RunPhase.TERMINATED)
    assert ended.ended_by == "sre"


async def test_a_reject_button_asks_for_the_reason(office: Office) -> None:
    run = await waiting(office)
    result = await office.say("sre", button("reject", run), via="button")
    assert result == ReasonAsked(run=run, step="approval", attempt=1, shown=shown(run))


@pytest.mark.parametrize("text", ["reject shop/prod#1", 'reject shop/prod#1 "  "'])
async def test_a_typed_rejection_without_a_reason_is_asked_for_it(
    office: Office, text: str
) -> None:
    run = await waiting(office)
    result = await office.say("sre", text)
    assert result == ReasonAsked(run=run, step="approval", attempt=1, shown=shown(run))
    assert (await office.runs.get(run.id)) == run


@pytest.mark.parametrize("person", ["dev", "admin", "guest"])
@pytest.mark.parametrize("verb", ["approve", "reject"])
async def test_who_may_not_is_told_who_could(office: Office, verb: str, person: str) -> None:
    run = await waiting(office)
    refusal = await office.refused(person, button(verb, run), via="button")
    assert refusal.code is Code.NOT_ALLOWED
    assert refusal.facts == {
        "action": verb,
        "environment": "prod",
        "roles": "sre",
        "run": "shop/prod#1",
    }
    assert refusal.who == ("sre", "sre2")
    now = await office.runs.get(run.id)
    assert now == run


async def test_of_two_people_at_once_one_decides_and_the_other_is_told(office: Office) -> None:
    run = await waiting(office)
    answers = await asyncio.gather(
        office.say("sre", button("approve", run), via="button"),
        office.say("sre2", button("reject", run) + " no", via="form"),
    )
    decided = next(each for each in answers if isinstance(each, Decided))
    refusal = next(each for each in answers if isinstance(each, Refusal))
    assert refusal.code is Code.ALREADY_DECIDED
    assert refusal.facts["by"] == decided.decision.by
    assert refusal.facts["at"] == decided.decision.at.isoformat()


@pytest.mark.parametrize("text", ["approve shop/prod#1", "reject shop/prod#1 not now"])
async def test_an_answer_that_comes_again_after_a_crash_is_answered_as_it_was(
    office: Office, text: str
) -> None:
    await waiting(office)
    first = await office.say("sre", text, request="the same")
    again = await office.say("sre", text, request="the same")
    assert isinstance(first, Decided)
    assert isinstance(again, Decided)
    assert again.decision == first.decision
    assert [each.outcome for each in office.audit[-2:]] == ["allowed", "allowed"]
    assert (await office.refused("sre", text)).code is Code.ALREADY_DECIDED


async def test_a_vote_that_comes_again_after_a_crash_counts_once(office: Office) -> None:
    office.with_steps(a_step("approval", properties={"quorum": 2}))
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    for _ in range(2):
        vote = await office.say("sre", "approve shop/prod#1", request="the same")
        assert isinstance(vote, Voted)
        assert (vote.votes, vote.quorum) == (1, 2)


async def test_a_late_answer_is_told_the_whole_decision(office: Office) -> None:
    run = await waiting(office)
    await office.say("sre", "approve shop/prod#1 looks good")
    ended = await office.until("shop/prod#1", RunPhase.SUCCEEDED)
    step = ended.step("approval")
    assert step is not None
    assert step.decision is not None
    told = Refusal(
        code=Code.ALREADY_DECIDED,
        facts={
            "run": "shop/prod#1",
            "step": "approval",
            "verdict": "approved",
            "by": "sre",
            "at": step.decision.at.isoformat(),
            "reason": "looks good",
        },
    )
    assert await office.refused("sre2", button("approve", run), via="button") == told
    assert await office.refused("sre2", button("reject", run), via="button") == told
    assert await office.refused("sre2", "reject shop/prod#1 no") == told


async def test_a_button_of_an_earlier_attempt_is_outdated(office: Office) -> None:
    run = await waiting(office)
    await office.say("sre", "reject shop/prod#1 wait for the test")
    await office.until("shop/prod#1", RunPhase.TERMINATED)
    await office.say("dev", "retry shop/prod#1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    refusal = await office.refused("sre", button("approve", run), via="button")
    assert refusal == Refusal(code=Code.BUTTON_OUTDATED, facts={"run": "shop/prod#1"})
    fresh = await office.say("sre", button("approve", run, attempt=2), via="button")
    assert isinstance(fresh, Decided)


async def test_a_step_that_the_run_does_not_have_is_outdated(office: Office) -> None:
    run = await waiting(office)
    refusal = await office.refused("sre", f"approve run:{run.id} --step other --attempt 1")
    assert refusal.code is Code.BUTTON_OUTDATED


async def test_a_step_that_is_no_gate_waits_for_nothing(office: Office) -> None:
    run = await waiting(office)
    refusal = await office.refused("sre", f"approve run:{run.id} --step hangzhou")
    assert refusal == Refusal(code=Code.NOTHING_WAITING, facts={"run": "shop/prod#1"})


async def test_a_run_that_never_asks_waits_for_nothing(office: Office) -> None:
    await office.delivered("v1")
    refusal = await office.refused("sre", "approve shop/dev#1")
    assert refusal == Refusal(
        code=Code.RUN_ENDED, facts={"run": "shop/dev#1", "phase": "succeeded"}
    )


async def test_the_gate_of_a_stopped_run_is_closed(office: Office) -> None:
    run = await waiting(office)
    await office.say("dev", "stop shop/prod#1")
    refusal = await office.refused("sre", button("approve", run), via="button")
    assert refusal == Refusal(
        code=Code.RUN_ENDED, facts={"run": "shop/prod#1", "phase": "terminated"}
    )


@pytest.mark.parametrize("name", ["shop/prod#9", "run:nobody"])
async def test_a_run_that_never_was_is_unknown(office: Office, name: str) -> None:
    await waiting(office)
    refusal = await office.refused("sre", f"approve {name}")
    assert refusal == Refusal(code=Code.UNKNOWN_RUN, facts={"name": name})


@pytest.mark.parametrize(
    ("name", "code", "near"),
    [
        ("shpo/prod#1", Code.UNKNOWN_APPLICATION, "shop"),
        ("shop/prdo#1", Code.UNKNOWN_ENVIRONMENT, "prod"),
    ],
)
async def test_a_run_with_a_mistyped_name_gets_the_nearest(
    office: Office, name: str, code: Code, near: str
) -> None:
    await waiting(office)
    refusal = await office.refused("sre", f"approve {name}")
    assert (refusal.code, refusal.facts["nearest"]) == (code, near)
