"""One approval in two chats: what is deployed in Slack is approved in DingTalk, and the other way round."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.company import PROD, ROOT
from tests.scenarios.ding import DingCompany, gated


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[DingCompany]:
    made = DingCompany(tmp_path / "state", ROOT / "workflows")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[DingCompany]:
    """A company in which it takes two people of sre, and nothing else."""
    made = DingCompany(tmp_path / "state", gated(tmp_path, people=2))
    await made.open()
    yield made
    await made.close()


async def test_what_is_deployed_in_slack_is_approved_in_dingtalk_and_both_cards_show_it(
    company: DingCompany,
) -> None:
    await company.says("dev", "/deploy shop prod v1.4.2")
    card = await company.ding_card("shop/prod#1", offers="Approve")
    assert "Waiting for sre or sre2" in card["text"]
    request = await company.ding("please approve or reject", offers="Approve")
    assert request["at"] == ["sre", "sre2"]

    assert (await company.press("guest", "Approve", card))["ok"]
    refusal = await company.told("guest", "You may not approve in prod")
    assert "sre or sre2 could" in refusal["text"]
    assert (await company.press("sre", "Approve", card))["ok"]

    in_slack = await company.card("shop/prod#1", says="Delivered")
    in_dingtalk = await company.ding_card("shop/prod#1", says="Delivered")
    for text in (company.read(in_slack), in_dingtalk["text"]):
        assert "revision v1" in text
        assert "approved by sre" in text
    assert "Approve" not in in_dingtalk["buttons"]
    await company.in_thread(in_slack, "Approved by sre")
    await company.ding("Approved by sre", lacks="Approve")
    await company.ding("v1 of shop is in prod")
    told = await company.ding("is live in hangzhou")
    assert told["text"].startswith("shop/prod#1"), "what stands alone says of which run it is"


async def test_the_votes_of_one_person_in_both_chats_are_one(two: DingCompany) -> None:
    await two.ask("dev", "部署 shop prod v1")
    card = await two.ding_card("shop/prod#1", offers="Approve")
    in_slack = await two.card("shop/prod#1", offers="Approve")

    await asyncio.gather(two.press("sre", "Approve", card), two.presses("sre", "Approve", in_slack))

    for_both = "1 of 2 approvals"
    await two.card("shop/prod#1", says=for_both)
    await two.ding_card("shop/prod#1", says=for_both)
    await two.ask("sre2", "批准 shop/prod#1 看过了")
    await two.card("shop/prod#1", says="Delivered")
    await two.ding_card("shop/prod#1", says="Delivered")
    await two.ding("Approved by sre and sre2")


async def test_a_group_that_cannot_be_written_to_is_told_to_whoever_asked_and_the_run_goes_on(
    tmp_path: Path,
) -> None:
    workflows = gated(tmp_path)
    prod = workflows / "environments" / "prod.yaml"
    given = prod.read_text(encoding="utf-8")
    prod.write_text(given.replace("cidShopProdSandbox==", "cidNowhere=="), encoding="utf-8")
    company = DingCompany(tmp_path / "state", workflows)
    await company.open()
    try:
        await company.says("dev", "/deploy shop prod v1")
        told = await company.told("dev", "I cannot write about shop/prod#1 to its group")
        assert "The run goes on. Add the robot to that group" in told["text"]
        await company.says("sre", "/shipmate approve shop/prod#1")
        await company.card("shop/prod#1", says="Delivered")
    finally:
        await company.close()


async def test_a_lock_is_told_in_both_chats_and_a_direct_answer_in_the_one_that_asked(
    two: DingCompany,
) -> None:
    await two.ask("sre", "锁定 prod 数据库迁移 --时长 2小时")

    await two.ding("数据库迁移")
    await two.world.wait_for("the lock", PROD, lambda each: "数据库迁移" in two.read(each))
    assert "prod" in await two.asks("dev", "/deploy shop prod v1")
    await two.ask("dev", "deploy shop prod v1")
    await two.told("dev", "prod is locked by sre: 数据库迁移")
