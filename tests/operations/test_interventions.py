"""Stopping a run and going on with one that failed."""

import asyncio

import pytest

from bot.operations.results import Intervened
from bot.policy.refusals import Code, Refusal
from bot.run.model import RunPhase
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


@pytest.mark.parametrize("text", ["retry shop/prod#1", "retry shop/prod#1 frankfurt"])
async def test_what_has_not_failed_cannot_be_retried(office: Office, text: str) -> None:
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    refusal = await office.refused("dev", text)
    assert refusal == Refusal(code=Code.NOT_FAILED, facts={"run": "shop/prod#1"})


async def test_a_run_that_was_overtaken_is_not_revived(office: Office) -> None:
    office.delivery.broken.add("hangzhou")
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.FAILED)
    office.delivery.broken.clear()
    await office.say("dev2", "deploy shop prod v2")
    refusal = await office.refused("dev", "retry shop/prod#1")
    assert refusal == Refusal(code=Code.RUN_UNFINISHED, facts={"run": "shop/prod#2", "by": "dev2"})
    await office.until("shop/prod#2", RunPhase.SUSPENDING)
    await office.say("sre", "approve shop/prod#2")
    await office.until("shop/prod#2", RunPhase.SUCCEEDED)
    refusal = await office.refused("dev", "retry shop/prod#1")
    assert refusal == Refusal(code=Code.BUTTON_OUTDATED, facts={"run": "shop/prod#1"})


async def test_of_a_retry_and_a_deployment_at_once_one_is_told_of_the_other(office: Office) -> None:
    office.delivery.broken.add("hangzhou")
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.FAILED)
    office.delivery.broken.clear()
    answers = await asyncio.gather(
        office.say("dev", "retry shop/prod#1"), office.say("dev2", "deploy shop prod v2")
    )
    refused = [each for each in answers if isinstance(each, Refusal)]
    assert [each.code for each in refused] == [Code.RUN_UNFINISHED]
    assert len(await office.runs.unfinished()) == 1
