"""A developer deploys; those who may approve do, those who may not are told why."""

import asyncio

from tests.scenarios.company import PROD, Company


async def test_a_deployment_with_an_approval_from_the_command_to_the_revision(
    company: Company,
) -> None:
    await company.fault("cluster/east", "not-ready", None, name="web")
    await company.says(
        "dev", '/deploy shop prod v1.4.2 --note "new checkout" --commit 4be1c0a9d27f'
    )

    await company.card("shop/prod#1", says="web 0/3 ready")
    company.sandbox.faults.clear()
    card = await company.card("shop/prod#1", offers="Approve")
    assert "Waiting for sre or sre2" in company.read(card)
    request = await company.in_thread(card, "please approve or reject")
    assert "@sre @sre2" in company.read(request)

    refusal = await company.is_told("guest", "Approve", request)
    assert "You may not approve in prod" in refusal
    assert "sre or sre2 could" in refusal
    assert await company.images("west") == {}

    assert await company.presses("sre", "Approve", request) == ""
    card = await company.card("shop/prod#1", says="Delivered")

    assert "revision v1" in company.read(card)
    assert "approved by sre" in company.read(card)
    assert "4be1c0a" in company.read(card)
    assert "new checkout" in company.read(card)
    assert "Approve" not in card["buttons"]
    v142 = {"web": "v1.4.2", "api": "v1.4.2", "jobs": "v1.4.2"}
    assert await company.images("east") == v142
    assert await company.images("west") == v142
    await company.in_thread(card, "v1 of shop is in prod")
    thread = await company.thread(card)
    for said in (
        "is live in hangzhou",
        "Approved by sre",
        "is live everywhere",
        "v1 of shop is in prod",
    ):
        assert sum(said in each for each in thread) == 1
    hooks = await company.world.webhooks()
    assert [(each["body"]["version"], each["deliveries"]) for each in hooks] == [("v1.4.2", 1)]


async def test_two_people_press_at_once_and_one_of_them_decides(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")

    answers = await asyncio.gather(
        company.presses("sre", "Approve", card), company.presses("sre2", "Approve", card)
    )

    told = [each for each in answers if each]
    assert len(told) == 1
    assert "has already approved" in told[0]
    await company.card("shop/prod#1", says="revision v1")


async def test_a_reject_asks_for_a_reason_and_ends_the_run(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v2")
    card = await company.card("shop/prod#1", offers="Reject")

    answer = await company.world.click("sre", PROD, card["ts"], "Reject")
    view = answer["view"]
    empty = await company.world.submit("sre", view["id"], {})
    assert empty == {"ok": False, "errors": {"Reason": "Please complete this required field."}}
    assert (await company.world.submit("sre", view["id"], {"Reason": "not on a Friday"}))["ok"]

    card = await company.card("shop/prod#1", says="Rejected by sre: not on a Friday")
    assert await company.images("west") == {}
    assert "Retry" in card["buttons"]
    again = await company.is_told("guest", "Retry", card)
    assert "may not" in again
    await company.presses("dev", "Retry", card)
    card = await company.card("shop/prod#1", offers="Approve")
    await company.presses("sre2", "Approve", card)
    await company.card("shop/prod#1", says="revision v1")


async def test_a_typed_rejection_asks_for_its_reason_too(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    await company.card("shop/prod#1", offers="Reject")

    view = (await company.world.say("sre", PROD, "/shipmate reject shop/prod#1"))["view"]
    told = await company.asks("sre", "@shipmate reject shop/prod#1")  # nothing opens a form there
    await company.world.submit("sre", view["id"], {"Reason": "errors in checkout"})

    await company.card("shop/prod#1", says="Rejected by sre: errors in checkout")
    assert "To reject shop/prod#1, say why: reject shop/prod#1 REASON." in told


async def test_an_environment_without_a_workflow_gets_a_step_a_target(company: Company) -> None:
    await company.says("dev", "/deploy shop staging v1.4.2", channel="shop-staging")

    card = await company.card("shop/staging#1", says="revision v1", channel="shop-staging")

    assert "Deploy to staging" in company.read(card)
    assert (await company.images("west", "shop-staging"))["web"] == "v1.4.2"


async def test_a_card_stands_in_the_environments_channel_and_the_asker_is_told_where(
    company: Company,
) -> None:
    told = await company.asks("dev", "/deploy shop dev v1", channel="general")

    assert "#shop-dev" in told
    await company.card("shop/dev#1", says="revision v1", channel="shop-dev")


async def test_a_mention_and_a_direct_message_are_requests_too(company: Company) -> None:
    await company.says("dev", "@shipmate deploy shop dev v1", channel="shop-dev")
    await company.card("shop/dev#1", says="revision v1", channel="shop-dev")

    await company.says("dev", "whoami", channel="D01DEV")
    await company.world.wait_for(
        "who dev is", "D01DEV", lambda message: "You are dev" in company.read(message)
    )


async def test_stop_ends_a_run_at_once(company: Company) -> None:
    await company.fault("cluster/east", "not-ready", None, name="web")
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", says="web 0/3 ready")

    await company.presses("dev2", "Stop", card)

    card = await company.card("shop/prod#1", says="Stopped by dev2")
    assert "Stop" not in card["buttons"]
    company.sandbox.faults.clear()
