"""Slack refuses, or is away, or the store is: whoever asked hears of it, and the run goes on."""

import asyncio
import sqlite3
from contextlib import closing

from tests.scenarios.company import PROD, Company

DEV = "shop-dev"


async def test_a_card_that_its_channel_refuses_is_told_to_whoever_asked(company: Company) -> None:
    await company.fault("slack", "error", 1, method="chat.postMessage", error="is_archived")
    await company.says("dev", "/deploy shop dev v1", channel=DEV)

    told = await company.world.wait_for(
        "a direct message", "D01DEV", lambda message: "shop/dev#1" in company.read(message)
    )

    assert "(is_archived). The run goes on." in company.read(told)
    shown = ""
    for _ in range(50):
        shown = await company.asks("dev", "/shipmate show shop/dev#1")
        if "Delivered" in shown:
            break
        await asyncio.sleep(0.1)
    assert "revision v1" in shown
    assert await company.images("east", "shop-dev") == {"web": "v1", "api": "v1", "jobs": "v1"}


async def test_nobody_hears_of_a_request_that_slack_keeps_us_from_understanding_but_the_asker(
    company: Company,
) -> None:
    # Asked twice: in which language to answer, and who it is.
    await company.fault("slack", "ratelimited", 2, method="users.info", retry_after=1)

    told = await company.asks("dev", "/deploy shop dev v1", channel=DEV)

    assert "That did not work just now" in told
    assert "Nothing has happened" in told
    assert "no run" in (await company.asks("dev", "/shipmate runs shop dev")).lower()


async def test_a_form_that_cannot_be_opened_becomes_words(company: Company) -> None:
    await company.fault("slack", "error", 1, method="views.open", error="expired_trigger_id")

    told = await company.asks("dev", "/deploy shop", channel=DEV)

    assert "deploy needs an environment." in told
    assert "deploy APP ENV [VERSION]" in told


async def test_a_rejection_whose_form_cannot_be_opened_says_what_to_type(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Reject")
    await company.fault("slack", "error", 1, method="views.open", error="expired_trigger_id")

    told = await company.is_told("sre", "Reject", card)
    await company.says("sre", "/shipmate reject shop/prod#1 errors in checkout")

    assert "reject shop/prod#1 REASON" in told
    await company.card("shop/prod#1", says="Rejected by sre: errors in checkout")


async def test_a_refused_notification_ends_its_step_and_says_why(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    await company.in_thread(card, "please approve or reject")
    await company.fault("slack", "error", 1, method="chat.postMessage", error="restricted_action")

    await company.presses("sre", "Approve", card)

    card = await company.card("shop/prod#1", says="Slack refused: restricted_action")
    assert "Failed" in company.read(card)
    assert "Retry" in card["buttons"]


async def test_a_connection_that_slack_wants_renewed_is_renewed(company: Company) -> None:
    await company.control("/control/faults", target="slack", fault="refresh")

    for _ in range(3):
        assert "You are dev" in await company.asks("dev", "/shipmate whoami")


async def test_a_store_that_is_away_holds_a_run_up_and_loses_nothing(company: Company) -> None:
    await company.fault("cluster/east", "not-ready", None, name="web")
    await company.says("dev", "/deploy shop prod v1")
    await company.card("shop/prod#1", says="web 0/3 ready")

    with closing(sqlite3.connect(company.folder / "shipmate.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # as a backup that forgot to end would
        company.sandbox.faults.clear()  # the rollout goes on, and there is news that cannot be stored
        told = await company.asks("dev2", "/deploy shop dev v1", channel=DEV)
        other.execute("ROLLBACK")

    assert "failed" in told or "did not work" in told  # Slack's own word for no answer, or ours
    card = await company.card("shop/prod#1", offers="Approve")
    assert await company.presses("sre", "Approve", card) == ""
    await company.card("shop/prod#1", says="revision v1")
    assert PROD in {each["name"] for each in (await company.world.state())["slack"]["channels"]}
