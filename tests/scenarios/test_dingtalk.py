"""Conversations in DingTalk, in both languages, with what goes wrong there: the bot is in no other chat."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from bot.chat.ports import Received
from bot.clock import SystemClock
from bot.command.requests import Asker
from bot.sandbox.dingtalk import organization
from bot.settings import Settings
from bot.store.database import open_store
from tests.scenarios.ding import ALONE, GROUP, DingOnly, gated

NOTICE = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: workflow-prod
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}
steps:
  - name: tell
    type: notification
    properties: {slack: {message: {text: "*It is* live: see <https://shop.example|the page> <!channel>"}}}
  - name: elsewhere
    type: notification
    properties: {slack: {channel: general, message: {text: hello}}}
"""
STAFF = {each.name: each.staff_id for each in organization.MEMBERS}


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[DingOnly]:
    """A company whose production asks for one approval, and does nothing else."""
    made = DingOnly(tmp_path / "state", gated(tmp_path))
    await made.open()
    yield made
    await made.close()


async def test_a_conversation_in_chinese(company: DingOnly) -> None:
    await company.ask("dev", "部署")
    await company.told("dev", "deploy needs an application and an environment")
    await company.ask("dev", "部署 shop prod v1 --备注 “修复 <结算>”")
    card = await company.ding_card("shop/prod#1", offers="Approve")
    assert "修复 <结算>" in card["text"]
    await company.ask("guest", "批准 shop/prod#1")
    await company.told("guest", "You may not approve in prod")
    await company.ask("sre", "拒绝 shop/prod#1")
    await company.told("sre", "To reject shop/prod#1, say why")
    await company.ask("sre", "拒绝 shop/prod#1 压测没做完")
    card = await company.ding_card("shop/prod#1", says="Rejected by sre: 压测没做完")
    told = await company.ding("shop/prod#1 was rejected by sre")
    assert told["at"] == ["dev"], "whoever asked for it hears of it"
    await company.ask("dev", "重试 shop/prod#1")
    await company.ding_card("shop/prod#1", offers="Approve")
    await company.ask("sre", "批准shop/prod#1。", GROUP)
    await company.ding_card("shop/prod#1", says="revision v1")
    await company.ask("sre", "状态 shop", ALONE)
    await company.told("sre", "shop in prod · v1 v1")
    await company.ask("sre", "我是谁", ALONE)
    await company.told("sre", "You are sre")
    await company.ask("sre", "我是谁")
    await company.told("sre", "This group is cidShopProdSandbox==")


async def test_a_conversation_in_english(company: DingOnly) -> None:
    await company.ask("dev", "deploy shop prod v1")
    card = await company.ding_card("shop/prod#1", offers="Approve")
    await company.press("sre", "Approve", card)
    await company.ding_card("shop/prod#1", says="revision v1")
    await company.ask("dev", "deploy shop prod v2", ALONE)
    await company.told("dev", "shop/prod#2 has started; follow it in the group of prod")
    card = await company.ding_card("shop/prod#2", offers="Stop")

    await company.press("dev", "Stop", card)
    question = await company.told("dev", "stop shop/prod#2")
    await company.press("dev", "No", question, ALONE)
    await company.told("dev", "Nothing was changed")
    await company.press("dev", "Stop", card)
    question = await company.ding(
        "stop shop/prod#2", offers="Yes", conversation=ALONE, viewer="dev"
    )
    await company.fault("dingtalk", "ratelimited", 1, method="UpdateRobotInteractiveCard")
    await company.press("dev", "Yes", question, ALONE)
    answered = await company.told("dev", "shop/prod#2 is stopped")
    assert (answered["id"], answered["buttons"]) == (question["id"], [])

    await company.ding_card("shop/prod#2", says="Stopped by dev")
    await company.ask("dev", "deply shop prod v1")
    offered = await company.told("dev", "I do not know the verb")
    assert "deploy shop prod v1" in offered["buttons"]


async def test_what_a_notification_step_says_stands_in_the_group_with_the_name_of_its_run(
    tmp_path: Path,
) -> None:
    workflows = gated(tmp_path)
    (workflows / "shop" / "workflow-prod.yaml").write_text(NOTICE, encoding="utf-8")
    company = DingOnly(tmp_path / "state", workflows)
    await company.open()
    try:
        await company.ask("dev", "deploy shop prod v1")
        told = await company.ding("It is live")
        name, text = told["text"].split("  \n")
        assert (name, text.strip()) == (
            "shop/prod#1",
            "It is live: see [the page](https://shop.example)",
        )
        assert "**It is** live" in told["markdown"]
        await company.ding_card("shop/prod#1", says="Slack is not connected: #general")
    finally:
        await company.close()


async def test_someone_without_a_staff_id_is_refused_where_they_asked(company: DingOnly) -> None:
    await company.ask("partner", "deploy shop prod v1")

    await company.ding("DingTalk does not tell me who you are")
    assert not [each for each in await company.seen() if each["kind"] == "card"]


async def test_what_comes_twice_counts_once(company: DingOnly) -> None:
    for number, fresh in enumerate((False, True), 1):
        await company.fault("dingtalk", "duplicate", 1, fresh=fresh)
        await company.ask("dev", f"deploy shop prod v{number}")
        card = await company.ding_card(f"shop/prod#{number}", offers="Approve")
        await company.fault("dingtalk", "duplicate", 1, fresh=False)
        await company.press("sre", "Approve", card)
        await company.ding_card(f"shop/prod#{number}", says=f"revision v{number}")

    await company.ask("dev", "runs shop prod", ALONE)
    told = await company.told("dev", "shop/prod#2")
    assert "shop/prod#3" not in told["text"]
    assert await company.seen(ALONE, "sre") == [], "nobody was told that it was decided already"


async def test_a_request_is_answered_by_the_next_process_when_one_dies_after_the_acknowledgement(
    company: DingOnly,
) -> None:
    await company.stop_bot()
    asked = Received(
        asker=Asker(
            chat="dingtalk",
            identity=STAFF["dev"],
            email="",
            channel=organization.GROUPS[0].id,
            via="mention",
            request="dingtalk-message-1",
        ),
        text="部署 shop prod v1",
        delivery="dingtalk-delivery-1",
    )
    store = open_store(f"sqlite:///{company.folder / 'shipmate.db'}", SystemClock())
    assert await store.inbox.receive(asked)
    await store.close()

    await company.start_bot()

    await company.ding_card("shop/prod#1", offers="Approve")
    await company.ding("please approve or reject", offers="Approve")
    await company.stop_bot()
    await company.start_bot()
    cards = [each for each in await company.seen() if each["kind"] == "card"]
    assert len(cards) == 2, "one card of one run, and its request"


async def test_where_cards_are_refused_messages_and_typed_requests_do_everything(
    company: DingOnly,
) -> None:
    await company.fault(
        "dingtalk", "error", None, method="SendRobotInteractiveCard", status=403, code="Forbidden"
    )
    await company.ask("dev", "deploy shop prod v1")

    told = await company.ding("Approve: approve shop/prod#1")
    assert told["kind"] == "markdown"
    await company.ask("sre", "approve shop/prod#1")
    await company.ding("Delivered in")
    await company.ding("Approved by sre")


async def test_a_last_update_that_is_refused_is_said_in_a_new_card(company: DingOnly) -> None:
    await company.ask("dev", "deploy shop prod v1")
    card = await company.ding_card("shop/prod#1", offers="Approve")
    await company.fault(
        "dingtalk", "error", None, method="UpdateRobotInteractiveCard", status=400, code="noSpace"
    )

    await company.ask("sre", "approve shop/prod#1")

    fresh = await company.ding_card("shop/prod#1", says="Delivered")
    assert fresh["id"] != card["id"]


async def test_a_lost_update_heals_after_a_restart(company: DingOnly) -> None:
    await company.ask("dev", "deploy shop prod v1")
    card = await company.ding_card("shop/prod#1", offers="Approve")
    await company.fault("dingtalk", "error", None, method="UpdateRobotInteractiveCard")
    await company.ask("sre", "approve shop/prod#1")
    await company.ding("v1 of shop is in prod")
    await company.stop_bot()
    company.sandbox.faults.clear()
    assert "Delivered" not in str([each["text"] for each in await company.seen()])

    await company.start_bot()

    healed = await company.ding_card("shop/prod#1", says="Delivered")
    assert healed["id"] == card["id"]


async def test_a_card_that_was_taken_although_nobody_heard_of_it_stands_there_once(
    company: DingOnly,
) -> None:
    await company.fault(
        "dingtalk", "error", 1, method="SendRobotInteractiveCard", status=500, after=True
    )
    await company.fault("dingtalk", "ratelimited", 2, method="UpdateRobotInteractiveCard")
    await company.fault("dingtalk", "token", 1)
    await company.ask("dev", "deploy shop prod v1")

    await company.ding_card("shop/prod#1", offers="Approve")
    await company.ding("please approve or reject", offers="Approve")
    cards = [each for each in await company.seen() if each["kind"] == "card"]
    assert len(cards) == 2, "the run card, and the request"


async def test_a_bot_that_is_told_to_end_while_it_speaks_finishes_or_leaves_it_to_the_next(
    company: DingOnly, caplog: pytest.LogCaptureFixture
) -> None:
    await company.ask("dev", "deploy shop prod v1")
    card = await company.ding_card("shop/prod#1", offers="Approve")
    for method in ("UpdateRobotInteractiveCard", "OrgGroupSend"):
        await company.fault("dingtalk", "slow", None, method=method, seconds=0.02)
    await company.press("sre", "Approve", card)
    await asyncio.sleep(0.05)
    await company.stop_bot()
    assert "could not be shown" not in caplog.text

    company.sandbox.faults.clear()
    await company.start_bot()
    await company.ding_card("shop/prod#1", says="revision v1")


class Templated(DingOnly):
    """A company with a card template of its own."""

    @override
    def settings(self) -> Settings:
        settings = super().settings()
        template = self.sandbox.dingtalk_template
        return replace(settings, dingtalk=replace(settings.dingtalk, card_template=template))


async def test_a_template_shows_approve_to_those_who_may_and_to_nobody_else(
    tmp_path: Path,
) -> None:
    company = Templated(tmp_path / "state", gated(tmp_path))
    await company.open()
    try:
        await company.ask("dev", "deploy shop prod v1")
        asks = {"says": "Waiting for sre or sre2"}
        seen_by = {
            name: await company.ding(asks["says"], viewer=name) for name in ("guest", "dev", "sre")
        }
        assert "Approve" not in seen_by["guest"]["buttons"]
        assert "Approve" not in seen_by["dev"]["buttons"]
        assert {"Approve", "Reject", "Stop"} <= set(seen_by["sre"]["buttons"])

        await company.stop_bot()
        await company.start_bot()
        await company.fault("dingtalk", "ratelimited", 3, method="UpdateCard")
        await company.press("sre", "Approve", seen_by["sre"])

        await company.ding("revision v1", viewer="sre", lacks="Approve")
        await company.ding("Approved by sre", viewer="sre2", lacks="Approve")
    finally:
        await company.close()
