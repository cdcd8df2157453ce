"""A rollback shows what it changes, asks, and delivers the older revision by today's workflow."""

from dataclasses import replace

from bot.catalog.model import CLEAN_UP
from bot.operations.results import Result, RollbackProposed, Started
from bot.policy.refusals import Code, Refusal
from bot.run.model import RunPhase
from tests.operations.company import prod_workflow
from tests.operations.office import Office


def proposed(result: Result) -> RollbackProposed:
    assert isinstance(result, RollbackProposed), result
    return result


async def test_it_shows_what_would_change_and_starts_nothing(office: Office) -> None:
    await office.delivered("v1", "v2")
    proposal = proposed(await office.say("dev", "rollback shop dev"))
    assert (proposal.current.number, proposal.target.number) == (2, 1)
    assert [(each.component, each.before, each.after) for each in proposal.changes] == [
        ("web", "registry.shop.example/web:v2", "registry.shop.example/web:v1"),
        ("api", "registry.shop.example/api:v2", "registry.shop.example/api:v1"),
    ]
    assert len(await office.runs.recent("shop", "dev")) == 2


async def test_confirmed_it_delivers_what_was_then_and_says_where_it_came_from(
    office: Office,
) -> None:
    await office.say("dev", "deploy shop dev v1 --commit abcdef1 --note first")
    await office.until("shop/dev#1", RunPhase.SUCCEEDED)
    await office.delivered("v2")
    proposal = proposed(await office.say("dev", "rollback shop dev v1"))
    result = await office.say(
        "dev", f"rollback shop dev v1 --confirm {proposal.digest} --note slow"
    )
    assert isinstance(result, Started)
    plan = result.run.plan
    assert (plan.rollback_to, plan.based_on) == (1, 2)
    assert (plan.version, plan.commit, plan.note) == ("v1", "abcdef1", "slow")
    assert plan.images == proposal.target.plan.images
    await office.until("shop/dev#3", RunPhase.SUCCEEDED)
    newest = await office.runs.revision("shop", "dev")
    assert newest is not None
    assert newest.number == 3
    assert newest.plan.rollback_to == 1


async def test_it_goes_by_today_s_workflow(office: Office) -> None:
    await office.delivered("v1", "v2")
    gated = replace(prod_workflow(), environment="dev", steps=prod_workflow().steps[:2])
    office.catalog = replace(office.catalog, workflows={("shop", "dev"): gated})
    proposal = proposed(await office.say("dev", "rollback shop dev"))
    await office.say("dev", f"rollback shop dev v1 --confirm {proposal.digest}")
    run = await office.until("shop/dev#3", RunPhase.SUSPENDING)
    assert [step.name for step in run.steps] == ["hangzhou", "approval", CLEAN_UP]


async def test_the_one_before_is_the_newest_whose_contents_differ(office: Office) -> None:
    await office.delivered("v1", "v2")
    await office.say("dev", "deploy shop dev")
    await office.until("shop/dev#3", RunPhase.SUCCEEDED)
    proposal = proposed(await office.say("dev", "rollback shop dev"))
    assert (proposal.current.number, proposal.target.number) == (3, 1)


async def test_nothing_delivered_is_nothing_to_go_back_to(office: Office) -> None:
    facts = {"application": "shop", "environment": "dev"}
    nothing = Refusal(code=Code.NOTHING_TO_ROLL_BACK, facts=facts)
    assert await office.refused("dev", "rollback shop dev") == nothing
    await office.delivered("v1")
    assert await office.refused("dev", "rollback shop dev") == nothing


async def test_the_revision_in_force_is_no_target(office: Office) -> None:
    await office.delivered("v1", "v2")
    refusal = await office.refused("dev", "rollback shop dev v2")
    assert refusal == Refusal(code=Code.ALREADY_IN_FORCE, facts={"revision": "v2"})


async def test_a_revision_that_never_was_is_refused_with_the_newest(office: Office) -> None:
    await office.delivered("v1", "v2")
    refusal = await office.refused("dev", "rollback shop dev v9")
    assert refusal == Refusal(code=Code.UNKNOWN_REVISION, facts={"name": "v9", "newest": "v2"})


async def test_a_confirmation_of_what_is_no_longer_so_is_refused(office: Office) -> None:
    await office.delivered("v1", "v2")
    proposal = proposed(await office.say("dev", "rollback shop dev v1"))
    await office.delivered("v3")
    refusal = await office.refused("dev", f"rollback shop dev v1 --confirm {proposal.digest}")
    assert refusal == Refusal(
        code=Code.PLAN_CHANGED, facts={"application": "shop", "environment": "dev"}
    )


async def test_a_changed_workflow_needs_another_look(office: Office) -> None:
    await office.delivered("v1", "v2")
    proposal = proposed(await office.say("dev", "rollback shop dev v1"))
    gated = replace(prod_workflow(), environment="dev", steps=prod_workflow().steps[:2])
    office.catalog = replace(office.catalog, workflows={("shop", "dev"): gated})
    refusal = await office.refused("dev", f"rollback shop dev v1 --confirm {proposal.digest}")
    assert refusal.code is Code.PLAN_CHANGED


async def test_a_made_up_confirmation_is_refused(office: Office) -> None:
    await office.delivered("v1", "v2")
    refusal = await office.refused("dev", "rollback shop dev v1 --confirm 0123456789abcdef")
    assert refusal.code is Code.PLAN_CHANGED


async def test_who_may_not_deploy_may_not_roll_back(office: Office) -> None:
    await office.delivered("v1", "v2")
    refusal = await office.refused("sre", "rollback shop dev")
    assert refusal.code is Code.NOT_ALLOWED
    assert refusal.facts["action"] == "rollback"
    assert refusal.who == ("dev", "dev2")


async def test_confirmed_twice_by_the_same_request_it_is_one_run(office: Office) -> None:
    await office.delivered("v1", "v2")
    proposal = proposed(await office.say("dev", "rollback shop dev v1"))
    confirmed = f"rollback shop dev v1 --confirm {proposal.digest}"
    await office.say("dev", confirmed, request="r1")
    await office.until("shop/dev#3", RunPhase.SUCCEEDED)
    again = await office.say("dev", confirmed, request="r1")
    assert isinstance(again, Started)
    assert again.again
    assert again.run.name == "shop/dev#3"
