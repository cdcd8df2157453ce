"""What people may look at."""

import pytest

from bot.operations.results import (
    ApplicationList,
    Difference,
    EnvironmentList,
    Identity,
    RevisionList,
    RunList,
    RunShown,
    StatusList,
)
from bot.policy.decisions import Action
from bot.policy.refusals import Code, Refusal
from bot.run.model import RunPhase
from tests.operations.office import Office


async def test_revisions_are_listed_newest_first(office: Office) -> None:
    await office.delivered("v1", "v2")
    result = await office.say("guest", "revisions shop dev")
    assert isinstance(result, RevisionList)
    assert [each.name for each in result.revisions] == ["v2", "v1"]


async def test_runs_are_listed_newest_first_whatever_became_of_them(office: Office) -> None:
    await office.delivered("v1")
    office.delivery.broken.add("hangzhou")
    await office.say("dev", "deploy shop dev v2")
    await office.until("shop/dev#2", RunPhase.FAILED)
    result = await office.say("guest", "runs shop dev")
    assert isinstance(result, RunList)
    assert [(each.name, each.phase) for each in result.runs] == [
        ("shop/dev#2", RunPhase.FAILED),
        ("shop/dev#1", RunPhase.SUCCEEDED),
    ]


async def test_one_run_is_shown(office: Office) -> None:
    await office.delivered("v1")
    result = await office.say("guest", "show shop/dev#1")
    assert isinstance(result, RunShown)
    assert result.run.name == "shop/dev#1"


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("diff shop dev", (2, 3)),
        ("diff shop dev v1", (1, 3)),
        ("diff shop dev v3", (2, 3)),
        ("diff shop dev v1 v2", (1, 2)),
        ("diff shop dev v2 v1", (1, 2)),
        ("diff shop dev v2 v2", (2, 2)),
    ],
)
async def test_revisions_are_compared(office: Office, text: str, pair: tuple[int, int]) -> None:
    await office.delivered("v1", "v2", "v3")
    result = await office.say("guest", text)
    assert isinstance(result, Difference)
    assert (result.older.number, result.newer.number) == pair
    older, newer = pair
    assert [(each.component, each.before, each.after) for each in result.changes] == [
        (
            name,
            f"registry.shop.example/{name}:v{older}",
            f"registry.shop.example/{name}:v{newer}",
        )
        for name in ("web", "api")
        if older != newer
    ]


async def test_a_revision_that_never_was_cannot_be_compared(office: Office) -> None:
    nothing = Refusal(
        code=Code.NOTHING_TO_COMPARE, facts={"application": "shop", "environment": "dev"}
    )
    assert await office.refused("guest", "diff shop dev") == nothing
    await office.delivered("v1")
    assert await office.refused("guest", "diff shop dev") == nothing
    await office.delivered("v2")
    refusal = await office.refused("guest", "diff shop dev v1 v9")
    assert refusal == Refusal(code=Code.UNKNOWN_REVISION, facts={"name": "v9", "newest": "v2"})


async def test_status_says_what_is_where(office: Office) -> None:
    await office.delivered("v1")
    await office.say("dev", "deploy shop prod v2")
    result = await office.say("guest", "status")
    assert isinstance(result, StatusList)
    assert [
        (
            each.environment,
            each.revision.name if each.revision else "",
            each.run.name if each.run else "",
        )
        for each in result.places
    ] == [("dev", "v1", "shop/dev#1"), ("prod", "", "shop/prod#1")]


@pytest.mark.parametrize(
    ("text", "environments"),
    [("status shop", ["dev", "prod"]), ("status shop dev", ["dev"])],
)
async def test_status_keeps_to_what_is_named(
    office: Office, text: str, environments: list[str]
) -> None:
    result = await office.say("guest", text)
    assert isinstance(result, StatusList)
    assert [each.environment for each in result.places] == environments


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("status shpo", Code.UNKNOWN_APPLICATION),
        ("status shop prdo", Code.UNKNOWN_ENVIRONMENT),
        ("revisions shpo dev", Code.UNKNOWN_APPLICATION),
        ("runs shop prdo", Code.UNKNOWN_ENVIRONMENT),
        ("diff shop prdo", Code.UNKNOWN_ENVIRONMENT),
        ("show shop/dev#1", Code.UNKNOWN_RUN),
    ],
)
async def test_unknown_names_are_refused(office: Office, text: str, code: Code) -> None:
    assert (await office.refused("guest", text)).code is code


async def test_applications_and_environments_are_listed(office: Office) -> None:
    apps = await office.say("guest", "apps")
    assert isinstance(apps, ApplicationList)
    assert [each.name for each in apps.applications] == ["shop"]
    envs = await office.say("guest", "envs")
    assert isinstance(envs, EnvironmentList)
    assert [
        (each.name, deployers, approvers) for each, deployers, approvers in envs.environments
    ] == [
        ("dev", ("dev", "dev2"), ("sre", "sre2")),
        ("prod", ("dev", "dev2"), ("sre", "sre2")),
    ]


@pytest.mark.parametrize(
    ("person", "may_deploy", "may_approve"),
    [("dev", ("dev", "prod"), ()), ("sre", (), ("dev", "prod")), ("guest", (), ())],
)
async def test_people_learn_who_they_are_and_what_they_may(
    office: Office, person: str, may_deploy: tuple[str, ...], may_approve: tuple[str, ...]
) -> None:
    result = await office.say(person, "whoami")
    assert isinstance(result, Identity)
    assert result.person.name == person

    def where(action: Action) -> tuple[str, ...]:
        return tuple(each.environment for each in result.rights if action in each.actions)

    assert (where(Action.DEPLOY), where(Action.APPROVE)) == (may_deploy, may_approve)
