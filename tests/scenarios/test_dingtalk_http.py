"""DingTalk by signed HTTP: the same conversation as over a stream, and nothing for who cannot sign."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from typing_extensions import override

from bot.bootstrap.shipmate import Shipmate
from bot.chat.dingtalk.http import signature, signed
from bot.clock import SystemClock
from bot.sandbox.dingtalk import organization
from bot.settings import Settings
from tests.patience import PATIENCE
from tests.scenarios.ding import ALONE, DingOnly, gated

SECRET = organization.CLIENT_SECRET


class HttpCompany(DingOnly):
    """A company whose bot is called by DingTalk."""

    @override
    def settings(self) -> Settings:
        settings = super().settings()
        return replace(settings, dingtalk=replace(settings.dingtalk, listen=("127.0.0.1", 0)))

    @override
    async def start_bot(self) -> None:
        self.bot = Shipmate(self.settings())
        await self.bot.start()
        self.url = self.bot.address_for("dingtalk")
        await self.control("/control/dingtalk/callback-url", url=self.url)

    async def post(self, body: str, headers: dict[str, str], path: str = "") -> int:
        """Send the bot a request as anyone could; answer the status."""
        async with httpx.AsyncClient() as client:
            answer = await client.post(
                f"{self.url}{path}", content=body, headers=headers, timeout=PATIENCE
            )
        return answer.status_code


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[HttpCompany]:
    made = HttpCompany(tmp_path / "state", gated(tmp_path))
    await made.open()
    yield made
    await made.close()


def sign(at: float, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at * 1000))
    return {"timestamp": stamp, "sign": signature(stamp, secret)}


def said(text: str, message: str = "msg1") -> str:
    body: dict[str, Any] = {
        "conversationId": organization.GROUPS[0].id,
        "conversationType": "2",
        "msgId": message,
        "msgtype": "text",
        "text": {"content": text},
        "senderStaffId": organization.MEMBERS[0].staff_id,
    }
    return json.dumps(body)


async def test_a_conversation_over_http_in_which_requests_are_typed(company: HttpCompany) -> None:
    await company.ask("dev", "部署 shop prod v1")
    card = await company.ding_card("shop/prod#1", says="Approve: approve shop/prod#1")
    assert card["buttons"] == [], "a press would not reach us"
    await company.ask("sre", "批准 shop/prod#1")

    done = await company.ding_card("shop/prod#1", says="Delivered")

    assert done["id"] == card["id"]


async def test_a_request_that_dingtalk_did_not_sign_is_refused_and_logged_without_its_contents(
    company: HttpCompany, caplog: pytest.LogCaptureFixture
) -> None:
    now = SystemClock().now().timestamp()
    body = said("deploy shop prod v1")
    right = sign(now)
    wrong = [
        {},
        {"timestamp": "soon", "sign": right["sign"]},
        {**right, "sign": ""},
        sign(now, "another"),
        sign(now - 3700),
        sign(now + 3700),
    ]
    with caplog.at_level(logging.INFO):
        statuses = [await company.post(body, each) for each in wrong]

    assert statuses == [401] * len(wrong)
    assert sum("was refused" in each.getMessage() for each in caplog.records) == len(wrong)
    assert "deploy shop" not in caplog.text
    assert await company.post(body, right, "x") == 404
    assert await company.post("[]", right) == 400
    assert await company.post(body, right) == 200
    await company.ding_card("shop/prod#1")
    assert await company.post(body, sign(now + 1)) == 200, "replayed within the hour"
    await company.ask("dev", "runs shop prod", ALONE)
    assert "shop/prod#2" not in (await company.told("dev", "shop/prod#1"))["text"]


def test_a_signature_is_good_for_an_hour_either_way() -> None:
    stamp = "1700000000000"
    right = signature(stamp, SECRET)
    assert signed(stamp, right, SECRET, 1_700_003_600.0)
    assert signed(stamp, right, SECRET, 1_699_996_400.0)
    assert not signed(stamp, right, SECRET, 1_700_003_601.0)
    assert not signed(stamp, right, "other", 1_700_000_000.0)
    assert not signed(stamp, "签", SECRET, 1_700_000_000.0)
