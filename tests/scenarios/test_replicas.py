"""Two replicas on one database, as those see it who talk to them: whoever takes a request in, it is answered once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.scenarios.company import PROD, ROOT, Company
from tests.scenarios.replicas import Replicas


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    made = Company(tmp_path, ROOT / "workflows", speed=40.0)
    await made.open_world()
    yield made
    await made.close()


async def test_whoever_takes_it_in_it_is_answered_once_and_a_clean_end_hands_over(
    company: Company, replicas: Replicas
) -> None:
    one = await replicas.start("one")
    two = await replicas.start("two")
    assert (one.leads, two.leads) == (True, False)

    # Slack sends to one connection after the other: each replica takes some of these in.
    answers = [await company.asks("dev", "/shipmate whoami") for _ in range(4)]
    assert all("You are dev" in each for each in answers)
    private = await company.world.messages(PROD, viewer="dev")
    assert sum("You are dev" in company.read(each) for each in private) == 4
    listed = await company.asks("dev", "/shipmate replicas")
    assert "one · leads, 0 runs under way" in listed
    assert "two · stands by" in listed

    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    await replicas.stop("one")
    await replicas.until_leads("two")

    await company.presses("sre", "Approve", card)
    card = await company.card("shop/prod#1", says="revision v1")
    await company.in_thread(card, "v1 of shop is in prod")
    cards = [each for each in await company.world.messages(PROD) if each["user"] == "shipmate"]
    assert len([each for each in cards if not each["ephemeral"]]) == 1
    thread = await company.thread(card)
    assert [sum("is live" in each for each in thread), len(set(thread))] == [2, len(thread)]


async def test_a_form_of_a_replica_that_does_not_lead_is_opened_by_the_one_that_does(
    company: Company, replicas: Replicas
) -> None:
    await replicas.start("one")
    await replicas.start("two")

    for _ in range(2):  # one at each
        await company.says("dev", "/deploy shop")
        view = await company.view("dev", says="Environment")
        assert view is not None
        await company.world.submit("dev", view["id"], {"Environment": "staging", "Version": "v3"})

    await company.card("shop/staging#2", channel="shop-staging", says="v3")
    await company.home("sre")
    async with asyncio.timeout(PATIENCE):
        while "shop" not in await company.home("sre"):  # noqa: ASYNC110 - over HTTP there is no event
            await asyncio.sleep(0.1)
