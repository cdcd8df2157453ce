"""One approval in two chats: what is deployed in Slack is approved in DingTalk, and the other way round."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.company import ROOT
from tests.scenarios.ding import DingCompany


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[DingCompany]:
    made = DingCompany(tmp_path / "state", ROOT / "workflows")
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
