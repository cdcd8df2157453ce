"""What a deployment delivers, and what is refused before a run exists."""

from dataclasses import replace

import pytest

from bot.catalog.model import CLEAN_UP
from bot.operations.results import Result, Started
from bot.policy.refusals import Code, Refusal
from bot.run.model import Run, RunPhase
from bot.workflow.generated import with_cleaning
from tests.operations.company import prod_workflow
from tests.operations.office import Office

WEB = "registry.shop.example/web"
API = "registry.shop.example/api"
QUEUE = "docker.io/library/redis:7.4"


def started(result: Result) -> Run:
    assert isinstance(result, Started), result
    return result.run


async def test_a_version_is_the_tag_of_what_the_application_builds(office: Office) -> None:
    run = started(await office.say("dev", "deploy shop prod v1.4.2 --note hotfix --commit abcdef1"))
    assert run.name == "shop/prod#1"
    assert run.plan.images == {"web": f"{WEB}:v1.4.2", "api": f"{API}:v1.4.2", "queue": QUEUE}
    assert (run.plan.version, run.plan.note, run.plan.commit) == ("v1.4.2", "hotfix", "abcdef1")
    assert run.plan.workflow == with_cleaning(prod_workflow())
    assert run.origin.person == "dev"
    assert run.origin.channel == "C01GENERAL"
    await office.until("shop/prod#1", RunPhase.SUSPENDING)


async def test_an_environment_without_a_file_gets_a_step_for_each_target(office: Office) -> None:
    run = started(await office.say("dev", "deploy shop dev v1"))
    assert run.plan.workflow.generated
    assert [step.name for step in run.steps] == ["hangzhou", CLEAN_UP]
    ended = await office.until("shop/dev#1", RunPhase.SUCCEEDED)
    assert ended.revision == 1


async def test_an_image_wins_over_the_version(office: Office) -> None:
    run = started(await office.say("dev", "deploy shop dev v2 api=registry.shop.example/api:fix"))
    assert run.plan.images == {"web": f"{WEB}:v2", "api": f"{API}:fix", "queue": QUEUE}
    assert run.plan.version == "v2"


async def test_an_image_without_a_tag_gets_the_version(office: Office) -> None:
    run = started(await office.say("dev", "deploy shop dev v2 api=mirror.example/api"))
    assert run.plan.images["api"] == "mirror.example/api:v2"


async def test_an_image_without_a_tag_and_no_version_is_refused(office: Office) -> None:
    refusal = await office.refused("dev", f"deploy shop dev web={WEB}:a api={API}")
    assert refusal == Refusal(code=Code.VERSION_MISSING, facts={"components": "api"})


async def test_without_a_version_the_newest_revision_is_delivered_again(office: Office) -> None:
    await office.say("dev", "deploy shop dev v1 --commit abcdef1")
    await office.until("shop/dev#1", RunPhase.SUCCEEDED)
    run = started(await office.say("dev", "deploy shop dev"))
    assert run.plan.images["web"] == f"{WEB}:v1"
    assert (run.plan.version, run.plan.commit, run.plan.based_on) == ("v1", "abcdef1", 1)


async def test_an_image_without_a_version_changes_one_component(office: Office) -> None:
    await office.delivered("v1")
    run = started(await office.say("dev", "deploy shop dev api=registry.shop.example/api:fix"))
    assert run.plan.images == {"web": f"{WEB}:v1", "api": f"{API}:fix", "queue": QUEUE}
    assert run.plan.version == ""


async def test_nothing_delivered_and_no_version_is_refused(office: Office) -> None:
    refusal = await office.refused("dev", "deploy shop dev")
    assert refusal == Refusal(code=Code.VERSION_MISSING, facts={"components": "web, api"})


async def test_images_for_all_that_is_built_need_no_version(office: Office) -> None:
    run = started(await office.say("dev", f"deploy shop dev web={WEB}:a api={API}:b"))
    assert run.plan.images == {"web": f"{WEB}:a", "api": f"{API}:b", "queue": QUEUE}


async def test_a_version_that_nothing_would_use_is_refused(office: Office) -> None:
    shop = office.catalog.applications["shop"]
    bought = replace(shop, components=shop.components[2:])
    office.catalog = replace(office.catalog, applications={"shop": bought})
    refusal = await office.refused("dev", "deploy shop dev v1")
    assert refusal == Refusal(code=Code.VERSION_UNUSED, facts={"application": "shop"})


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        (
            "deploy shpo dev v1",
            Code.UNKNOWN_APPLICATION,
            {"name": "shpo", "nearest": "shop", "known": "shop"},
        ),
        (
            "deploy shop prdo v1",
            Code.UNKNOWN_ENVIRONMENT,
            {"name": "prdo", "nearest": "prod", "known": "dev, prod"},
        ),
        (
            "deploy shop dev v1 wbe=x/y:1",
            Code.UNKNOWN_COMPONENT,
            {"name": "wbe", "nearest": "web", "known": "web, api, queue"},
        ),
        (
            "deploy zzz dev v1",
            Code.UNKNOWN_APPLICATION,
            {"name": "zzz", "nearest": "", "known": "shop"},
        ),
    ],
)
async def test_a_mistyped_name_gets_the_nearest(
    office: Office, text: str, code: Code, facts: dict[str, str]
) -> None:
    assert await office.refused("dev", text) == Refusal(code=code, facts=facts)


@pytest.mark.parametrize("person", ["sre", "admin", "guest"])
async def test_who_may_not_deploy_is_told_who_could(office: Office, person: str) -> None:
    refusal = await office.refused(person, "deploy shop prod v1")
    assert refusal.code is Code.NOT_ALLOWED
    assert refusal.facts == {"action": "deploy", "environment": "prod", "roles": "developer"}
    assert refusal.who == ("dev", "dev2")
    assert await office.runs.recent() == []


async def test_another_environment_is_not_in_the_way(office: Office) -> None:
    await office.say("dev", "deploy shop prod v1")
    assert started(await office.say("dev2", "deploy shop dev v1")).name == "shop/dev#1"


async def test_one_request_is_one_run_however_often_it_is_answered(office: Office) -> None:
    first = await office.say("dev", "deploy shop prod v1", request="r1")
    again = await office.say("dev", "deploy shop prod v1", request="r1")
    assert isinstance(first, Started)
    assert not first.again
    assert isinstance(again, Started)
    assert again.again
    assert again.run.id == first.run.id
    assert len(await office.runs.recent("shop", "prod")) == 1


async def test_a_plan_keeps_what_the_catalog_said_when_it_was_accepted(office: Office) -> None:
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    workflow = replace(prod_workflow(), steps=prod_workflow().steps[:1])
    office.catalog = replace(office.catalog, workflows={("shop", "prod"): workflow})
    await office.say("sre", "approve shop/prod#1")
    run = await office.until("shop/prod#1", RunPhase.SUCCEEDED)
    assert [step.name for step in run.steps] == ["hangzhou", "approval", "frankfurt", CLEAN_UP]
