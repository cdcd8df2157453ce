"""What runs in one environment is delivered to another."""

import pytest

from bot.operations.forecasts import PlanShown
from bot.operations.results import Result, Started
from bot.policy.refusals import Code, Refusal
from bot.run.model import RunPhase
from tests.operations.office import Office

WEB = "registry.shop.example/web"


def started(result: Result) -> Started:
    assert isinstance(result, Started), result
    return result


async def test_what_is_in_force_there_is_delivered_here(office: Office) -> None:
    await office.say("dev", f"deploy shop dev v1 web={WEB}:fix --commit abcdef1")
    await office.until("shop/dev#1", RunPhase.SUCCEEDED)

    result = started(await office.say("dev2", "promote shop dev prod --note tried"))

    plan = result.run.plan
    assert (plan.version, plan.commit, plan.note) == ("v1", "abcdef1", "tried")
    assert plan.images["web"] == f"{WEB}:fix"
    assert plan.images["api"].endswith(":v1")
    assert plan.promoted == "dev v1"
    assert result.not_in_it is None
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    await office.say("sre", "approve shop/prod#1")
    await office.until("shop/prod#1", RunPhase.SUCCEEDED)
    revision = await office.runs.revision("shop", "prod")
    assert revision is not None
    assert revision.plan.promoted == "dev v1"


async def test_images_without_a_version_are_promoted_as_they_are(office: Office) -> None:
    await office.delivered("v1")
    await office.say("dev", f"deploy shop dev web={WEB}:fix")
    await office.until("shop/dev#2", RunPhase.SUCCEEDED)
    plan = started(await office.say("dev", "promote shop dev prod")).run.plan
    assert (plan.version, plan.images["web"]) == ("", f"{WEB}:fix")
    assert plan.images["api"].endswith(":v1")


async def test_what_is_under_way_there_is_not_in_it_and_that_is_said(office: Office) -> None:
    await office.delivered("v1", environment="prod")
    await office.say("dev", "deploy shop prod v2")
    await office.until("shop/prod#2", RunPhase.SUSPENDING)
    result = started(await office.say("dev", "promote shop prod dev"))
    assert result.run.plan.version == "v1"
    assert result.not_in_it is not None
    assert result.not_in_it.name == "shop/prod#2"


async def test_it_waits_its_turn_and_stays_what_was_promoted(office: Office) -> None:
    await office.delivered("v1")
    await office.say("dev", "deploy shop prod v7")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    waiting = started(await office.say("dev2", "promote shop dev prod"))
    assert waiting.run.waits
    await office.delivered("v2")
    await office.say("dev", "stop shop/prod#1")
    run = await office.until("shop/prod#2", RunPhase.SUSPENDING)
    assert (run.plan.version, run.plan.promoted) == ("v1", "dev v1")


async def test_a_plan_of_it_starts_nothing(office: Office) -> None:
    await office.delivered("v1")
    result = await office.say("dev", "promote shop dev prod --plan")
    assert isinstance(result, PlanShown)
    assert (result.wish.promoted, result.plan.version) == ("dev v1", "v1")
    assert await office.runs.recent("shop", "prod") == []


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (
            "promote shop dev prod",
            Refusal(
                code=Code.NOTHING_TO_PROMOTE, facts={"application": "shop", "environment": "dev"}
            ),
        ),
        (
            "promote shop prod prod",
            Refusal(code=Code.SAME_ENVIRONMENT, facts={"environment": "prod"}),
        ),
        (
            "promote shop dve prod",
            Refusal(
                code=Code.UNKNOWN_ENVIRONMENT,
                facts={"name": "dve", "nearest": "dev", "known": "dev, prod"},
            ),
        ),
    ],
)
async def test_what_makes_no_sense_is_refused(office: Office, text: str, refusal: Refusal) -> None:
    assert await office.refused("dev", text) == refusal


async def test_who_may_not_deploy_there_may_not_promote(office: Office) -> None:
    await office.delivered("v1")
    refusal = await office.refused("sre", "promote shop dev prod")
    assert (refusal.code, refusal.who) == (Code.NOT_ALLOWED, ("dev", "dev2"))
