"""Stopping a run and going on with one that failed."""

import asyncio

import pytest

from bot.catalog.model import CLEAN_UP, Mode
from bot.operations.results import Decided, Intervened, Started, Voted
from bot.policy.queueing import busy
from bot.policy.refusals import Code, Refusal
from bot.run.model import Run, RunPhase, StepPhase
from tests.builders import a_step
from tests.operations.office import Office


@pytest.mark.parametrize("person", ["dev", "dev2", "sre", "admin"])
async def test_deployers_approvers_and_admins_may_stop(office: Office, person: str) -> None:
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    result = await office.say(person, "stop shop/prod#1 wrong version")
    assert isinstance(result, Intervened)
    assert result.run.phase is RunPhase.TERMINATED
    assert result.run.ended_by == person
    assert result.run.message == f"stopped by {person}: wrong version"


async def test_a_guest_may_not_stop_and_is_told_who_could(office: Office) -> None:
    await office.say("dev", "deploy shop prod v1")
    refusal = await office.refused("guest", "stop shop/prod#1")
    assert refusal.code is Code.NOT_ALLOWED
    assert refusal.who == ("dev", "dev2", "sre", "sre2", "admin")


async def test_what_has_ended_cannot_be_stopped(office: Office) -> None:
    await office.delivered("v1")
    refusal = await office.refused("dev", "stop shop/dev#1")
    assert refusal == Refusal(
        code=Code.RUN_ENDED, facts={"run": "shop/dev#1", "phase": "succeeded"}
    )


async def test_an_environment_that_is_gone_from_the_files_still_has_its_people(
    office: Office,
) -> None:
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    office.without_environment("prod")
    assert isinstance(await office.say("dev", "stop shop/prod#1"), Intervened)


@pytest.mark.parametrize("person", ["dev", "admin"])
async def test_a_failed_run_goes_on_from_the_step_that_failed(office: Office, person: str) -> None:
    office.delivery.broken.add("hangzhou")
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.FAILED)
    office.delivery.broken.clear()
    result = await office.say(person, "retry shop/prod#1")
    assert isinstance(result, Intervened)
    assert result.step == "hangzhou"
    run = await office.until("shop/prod#1", RunPhase.SUSPENDING)
    step = run.step("hangzhou")
    assert step is not None
    assert step.attempt == 2


@pytest.mark.parametrize("person", ["sre", "guest"])
async def test_who_may_not_retry_is_told_who_could(office: Office, person: str) -> None:
    office.delivery.broken.add("hangzhou")
    await office.say("dev", "deploy shop dev v1")
    await office.until("shop/dev#1", RunPhase.FAILED)
    refusal = await office.refused(person, "retry shop/dev#1")
    assert refusal.code is Code.NOT_ALLOWED
    assert refusal.who == ("dev", "dev2", "admin")


def phases(run: Run) -> dict[str, StepPhase]:
    return {each.name: each.phase for each in run.steps}


RUN = {"run": "shop/prod#1"}


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("retry shop/prod#1", Code.NOT_FAILED, RUN),
        ("retry shop/prod#1 frankfurt", Code.NOT_FAILED, RUN | {"step": "frankfurt"}),
        ("skip shop/prod#1 approval too slow", Code.AT_GATE, RUN | {"step": "approval"}),
        ("skip shop/prod#1 hangzhou why not", Code.NOT_FAILED, RUN | {"step": "hangzhou"}),
        ("skip shop/prod#1 approval", Code.AT_GATE, RUN | {"step": "approval"}),
    ],
)
async def test_what_does_not_fit_a_run_that_waits_is_refused(
    office: Office, text: str, code: Code, facts: dict[str, str]
) -> None:
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    assert await office.refused("dev", text) == Refusal(code=code, facts=facts)


async def test_a_step_that_is_not_there_gets_the_nearest(office: Office) -> None:
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    refusal = await office.refused("dev", "skip shop/prod#1 frankfrut it is full")
    assert refusal.code is Code.UNKNOWN_STEP
    assert refusal.facts["nearest"] == "frankfurt"


async def test_a_paused_run_does_not_go_on_with_a_yes_alone(office: Office) -> None:
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    paused = await office.say("admin", "pause shop/prod#1 the database is down")
    assert isinstance(paused, Intervened)
    assert paused.run.suspended_by == "admin"
    again = await office.refused("dev", "pause shop/prod#1")
    assert again == Refusal(code=Code.ALREADY_PAUSED, facts=RUN)

    assert isinstance(await office.say("sre", "approve shop/prod#1"), Decided)
    run = await office.run("shop/prod#1")
    assert run.phase is RunPhase.SUSPENDING
    assert phases(run)["frankfurt"] is StepPhase.PENDING

    assert isinstance(await office.say("sre", "resume shop/prod#1"), Intervened)
    await office.until("shop/prod#1", RunPhase.SUCCEEDED)
    refusal = await office.refused("sre", "resume shop/prod#1")
    assert refusal == Refusal(code=Code.RUN_ENDED, facts={**RUN, "phase": "succeeded"})


async def test_resuming_at_an_approval_takes_an_approver(office: Office) -> None:
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    refusal = await office.refused("dev", "resume shop/prod#1")
    assert refusal.code is Code.NOT_ALLOWED
    assert refusal.who == ("sre", "sre2")
    assert isinstance(await office.say("sre", "resume shop/prod#1"), Decided)
    await office.until("shop/prod#1", RunPhase.SUCCEEDED)


async def test_a_failed_step_is_skipped_and_the_run_goes_on(office: Office) -> None:
    office.delivery.broken.add("frankfurt")
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    await office.say("sre", "approve shop/prod#1")
    await office.until("shop/prod#1", RunPhase.FAILED)
    refusal = await office.refused("sre", "skip shop/prod#1 frankfurt it has no users")
    assert refusal.who == ("dev", "dev2", "admin")

    result = await office.say("dev", "skip shop/prod#1 frankfurt it has no users")

    assert isinstance(result, Intervened)
    run = await office.until("shop/prod#1", RunPhase.SUCCEEDED)
    step = run.step("frankfurt")
    assert step is not None
    assert (step.skipped_by, step.message) == ("dev", "skipped by dev: it has no users")


async def test_a_restart_does_every_step_again_and_asks_again(office: Office) -> None:
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    await office.say("sre", "reject shop/prod#1 not now")
    await office.until("shop/prod#1", RunPhase.TERMINATED)
    assert isinstance(await office.say("dev", "restart shop/prod#1"), Intervened)
    run = await office.until("shop/prod#1", RunPhase.SUSPENDING)
    step = run.step("hangzhou")
    assert step is not None
    assert (step.attempt, step.round) == (2, 2)


async def test_one_yes_of_two_is_counted_and_the_same_person_cannot_say_it_twice(
    office: Office,
) -> None:
    office.with_steps(a_step("approval", properties={"quorum": 2}))
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    vote = await office.say("sre", "approve shop/prod#1")
    assert isinstance(vote, Voted)
    assert (vote.votes, vote.quorum) == (1, 2)
    again = await office.refused("sre", "approve shop/prod#1")
    assert again == Refusal(code=Code.ALREADY_VOTED, facts=RUN | {"step": "approval"})
    assert isinstance(await office.say("sre2", "approve shop/prod#1"), Decided)
    await office.until("shop/prod#1", RunPhase.SUCCEEDED)


async def test_of_several_open_gates_one_has_to_be_named(office: Office) -> None:
    office.with_steps(a_step("legal"), a_step("security"), mode=Mode.DAG)
    await office.say("dev", "deploy shop prod v1")
    await office.until_so("shop/prod#1", lambda run: sum(each.at_gate for each in run.steps) == 2)
    refusal = await office.refused("sre", "approve shop/prod#1")
    assert refusal == Refusal(code=Code.WHICH_STEP, facts=RUN | {"steps": "legal, security"})
    assert isinstance(await office.say("sre", "approve shop/prod#1 --step security"), Decided)
    run = await office.run("shop/prod#1")
    assert phases(run) == {
        "legal": StepPhase.SUSPENDING,
        "security": StepPhase.SUCCEEDED,
        CLEAN_UP: StepPhase.PENDING,
    }


async def test_a_run_that_was_overtaken_is_not_revived(office: Office) -> None:
    office.delivery.broken.add("hangzhou")
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.FAILED)
    office.delivery.broken.clear()
    await office.say("dev2", "deploy shop prod v2")
    refusal = await office.refused("dev", "retry shop/prod#1")
    assert refusal == busy(await office.run("shop/prod#2"))
    await office.until("shop/prod#2", RunPhase.SUSPENDING)
    await office.say("sre", "approve shop/prod#2")
    await office.until("shop/prod#2", RunPhase.SUCCEEDED)
    refusal = await office.refused("dev", "retry shop/prod#1")
    assert refusal == Refusal(code=Code.BUTTON_OUTDATED, facts={"run": "shop/prod#1"})


async def test_of_a_retry_and_a_deployment_at_once_one_is_under_way_at_a_time(
    office: Office,
) -> None:
    office.delivery.broken.add("hangzhou")
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.FAILED)
    office.delivery.broken.clear()
    retried, deployed = await asyncio.gather(
        office.say("dev", "retry shop/prod#1"), office.say("dev2", "deploy shop prod v2")
    )
    assert isinstance(deployed, Started)
    under_way = [each for each in await office.runs.unfinished() if each.begun]
    assert len(under_way) == 1
    first = under_way[0].name == "shop/prod#1"
    assert isinstance(retried, Intervened if first else Refusal), retried


async def twice(office: Office, person: str, text: str) -> None:
    """Ask twice as one request, as after a crash between what was done and its answer: both answers are the same."""
    first = await office.say(person, text, request=text)
    again = await office.say(person, text, request=text)
    assert isinstance(first, Intervened), first
    assert isinstance(again, Intervened), again
    assert (again.action, again.step) == (first.action, first.step)
    assert [each.outcome for each in office.audit[-2:]] == ["allowed", "allowed"]


async def test_a_request_that_comes_again_after_a_crash_is_done_once_and_answered_as_at_first(
    office: Office,
) -> None:
    office.delivery.broken.add("hangzhou")
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.FAILED)
    office.delivery.broken.clear()

    await twice(office, "dev", "retry shop/prod#1")
    run = await office.until("shop/prod#1", RunPhase.SUSPENDING)
    hangzhou = run.step("hangzhou")
    assert hangzhou is not None
    assert hangzhou.attempt == 2
    for text in (
        "pause shop/prod#1 the database is down",
        "resume shop/prod#1",
        "skip shop/prod#1 frankfurt it is full",
        "stop shop/prod#1",
        "restart shop/prod#1",
    ):
        await twice(office, "admin", text)
    kinds = [each.event.kind for each in await office.desk.runs.events(run.id)]
    assert [kinds.count(each) for each in ("run_suspended", "run_resumed", "run_retried")] == [
        1,
        1,
        2,
    ]
