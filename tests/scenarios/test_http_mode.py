"""Slack by signed HTTP: the same conversation as over sockets, and nothing for who cannot sign."""

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
from bot.clock import SystemClock
from bot.sandbox.slack.delivery import Envelope
from bot.sandbox.slack.http_mode import body_of, signed
from bot.settings import Secret
from tests.patience import PATIENCE
from tests.scenarios.company import ROOT, Company

DEV = "shop-dev"


def time() -> float:
    return SystemClock().now().timestamp()


class HttpCompany(Company):
    """A company whose bot is called by Slack."""

    @override
    async def start_bot(self) -> None:
        settings = self.settings()
        slack = replace(
            settings.slack,
            app_token=Secret(""),
            signing_secret=Secret(self.sandbox.slack_signing_secret),
            listen=("127.0.0.1", 0),
        )
        self.bot = Shipmate(replace(settings, slack=slack))
        await self.bot.start()
        await self.control("/control/slack/request-url", url=self.bot.address)
        self.sandbox.mark_ready(ready=True)

    async def post(self, body: str | bytes, headers: dict[str, str]) -> httpx.Response:
        """Send the bot a request as anyone could."""
        assert self.bot is not None
        async with httpx.AsyncClient() as client:
            return await client.post(
                self.bot.address, content=body, headers=headers, timeout=PATIENCE
            )


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[HttpCompany]:
    made = HttpCompany(tmp_path / "state", ROOT / "workflows")
    await made.open()
    yield made
    await made.close()


def mention(text: str, event_id: str = "Ev1") -> str:
    event = {
        "type": "app_mention",
        "user": "U01DEV",
        "channel": "C02SHOPDEV",
        "text": text,
        "ts": "1700000000.000001",
    }
    payload: dict[str, Any] = {"type": "event_callback", "event_id": event_id, "event": event}
    return body_of(Envelope(id="", kind="events_api", payload=payload))[0]


async def test_a_conversation_over_http(company: HttpCompany) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    assert "You may not approve" in await company.is_told("guest", "Approve", card)
    opened = await company.world.click("sre", "shop-prod", card["ts"], "Reject")
    await company.world.submit("sre", opened["view"]["id"], {"Reason": "not today"})

    await company.card("shop/prod#1", says="Rejected by sre: not today")
    assert (await company.world.state())["ready"]


async def test_a_request_that_slack_did_not_sign_is_refused_and_logged_without_its_contents(
    company: HttpCompany, caplog: pytest.LogCaptureFixture
) -> None:
    body = mention("<@U0SHIPMATE> deploy shop dev v1")
    kind = {"Content-Type": "application/json"}
    now = time()
    right = signed(body, now)
    wrong = [
        {},
        signed(body, now, "another-secret"),
        signed(body, now - 301),
        signed(body, now + 400),
        {**right, "X-Slack-Signature": right["X-Slack-Signature"].replace("v0=", "v1=")},
        signed(body.replace("v1", "v2"), now),
    ]
    with caplog.at_level(logging.INFO):
        answers = [await company.post(body, {**kind, **each}) for each in wrong]
        answers.append(await company.post(b"\xff", {**kind, **right}))

    assert [each.status_code for each in answers] == [401] * len(answers)
    refused = [each for each in caplog.records if "was refused" in each.getMessage()]
    assert len(refused) == len(answers)
    assert "deploy shop" not in caplog.text
    assert "no run" in (await company.asks("dev", "/shipmate runs shop dev", DEV)).lower()


async def test_an_event_counts_once_however_often_it_comes(company: HttpCompany) -> None:
    body = mention("deploy shop dev v1")
    again = f"{body} "
    kind = {"Content-Type": "application/json"}
    headers = {**kind, **signed(body, time())}

    first = await company.post(body, headers)
    retried = await company.post(again, {**kind, **signed(again, time()), "X-Slack-Retry-Num": "1"})
    replayed = await company.post(body, headers)

    assert (first.status_code, retried.status_code, replayed.status_code) == (200, 200, 401)
    await company.card("shop/dev#1", says="Delivered", channel=DEV)
    assert "shop/dev#2" not in await company.asks("dev", "/shipmate runs shop dev", DEV)


async def test_slacks_challenge_is_met_only_when_it_is_signed(company: HttpCompany) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"})
    kind = {"Content-Type": "application/json"}
    met = await company.post(body, {**kind, **signed(body, time())})
    assert met.json() == {"challenge": "abc"}
    assert (await company.post(body, kind)).status_code == 401
