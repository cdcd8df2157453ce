"""Notices to several places in a conversation: what waits for its turn outlives a restart, what failed is tried again alone."""

import shutil
from base64 import b64encode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml
from typing_extensions import override

from bot.clock import Clock, SystemClock
from bot.run.robots import MOST, WINDOW
from tests.scenarios.company import ROOT, Company
from tests.somebody import Somebody

DEV = "shop-dev"
MANY = MOST + 2
"""As many as DingTalk takes in a minute, and more than Shipmate sends."""
MAIL = {
    "from": {"address": "shipmate@shop.example", "url": {"fromSetting": "MAIL_URL"}},
    "to": ["sre@shop.example"],
    "content": {"subject": "${{ context.version }} is live", "text": "by ${{ context.requester }}"},
}


class AMinuteAgo(Clock):
    """A clock that is behind: what waits for a minute by it is due some seconds after the machine's clock takes over."""

    @override
    def now(self) -> datetime:
        return SystemClock().now() - timedelta(seconds=WINDOW - 3)


async def a_company(tmp_path: Path, notices: dict[str, Any], clock: Clock | None = None) -> Company:
    """Open a company whose workflow for dev only tells."""
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    labels = {"app.oam.dev/name": "shop", "app.oam.dev/env-name": "dev"}
    tell = {"name": "tell", "type": "notification", "meta": {"alias": "Tell all"}}
    document = {
        "apiVersion": "core.oam.dev/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "workflow-dev", "labels": labels},
        "steps": [{**tell, "properties": notices}],
    }
    (workflows / "shop" / "workflow-dev.yaml").write_text(yaml.safe_dump(document))
    company = Company(tmp_path / "state", workflows)
    company.clock = clock or SystemClock()
    await company.open()
    return company


async def outside(company: Company, what: str, **query: str) -> Any:
    async with httpx.AsyncClient(base_url=company.sandbox.url) as client:
        return (await client.get(f"/control/{what}", params=query)).json()


async def a_robots_secret(company: Company) -> None:
    somebody = Somebody(company.sandbox)
    data = {"url": company.sandbox.robot_url, "secret": f"{company.sandbox.robot_secret}\n"}
    made = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "robot"},
        "data": {name: b64encode(value.encode()).decode() for name, value in data.items()},
    }
    await somebody.applies("/api/v1/namespaces/default/secrets", made)
    await somebody.close()


async def test_more_than_a_robot_takes_waits_over_a_restart_and_all_arrive_once(
    tmp_path: Path,
) -> None:
    def said(number: int) -> dict[str, Any]:
        return {
            "url": {"secretRef": {"name": "robot", "key": "url"}},
            "secret": {"secretRef": {"name": "robot", "key": "secret"}},
            "message": {"text": {"content": f"notice {number} of ${{{{ context.version }}}}"}},
        }

    notices = {"dingding": [said(each) for each in range(MANY)]}
    company = await a_company(tmp_path, notices, AMinuteAgo())
    try:
        await a_robots_secret(company)
        await company.says("dev", "/deploy shop dev v1", channel=DEV)
        await company.card(
            "shop/dev#1", says="DingTalk takes 20 messages a minute from a robot", channel=DEV
        )
        sent = await outside(company, "dingtalk/messages", conversation="shop-prod")
        assert len(sent["messages"]) == MOST

        await company.stop_bot()
        company.clock = SystemClock()
        await company.start_bot()
        await company.card("shop/dev#1", says="revision v1", channel=DEV)
        sent = await outside(company, "dingtalk/messages", conversation="shop-prod")
        texts = {f"notice {number} of v1" for number in range(MANY)}
        assert len(sent["messages"]) == MANY
        assert {each["text"] for each in sent["messages"]} == texts
        kept = b"".join(each.read_bytes() for each in company.folder.glob("shipmate.db*"))
        assert b"sandbox-signed-robot" not in kept
        assert b"SECsandbox" not in kept
    finally:
        await company.close()


async def test_one_that_fails_is_told_with_the_others_and_is_tried_again_alone(
    tmp_path: Path,
) -> None:
    slack = [{"message": {"text": "it is live"}}, {"channel": "nowhere", "message": {"text": "x"}}]
    company = await a_company(tmp_path, {"slack": slack, "email": MAIL})
    try:
        await company.says("dev", "/deploy shop dev v1", channel=DEV)
        card = await company.card("shop/dev#1", offers="Retry", channel=DEV)
        assert "1 of 3 notices did not arrive: #nowhere" in company.read(card)
        shown = await company.asks("dev", "/shipmate show shop/dev#1", channel=DEV)
        for line in ("the run's thread: delivered", "mail to sre@shop.example: delivered"):
            assert line in shown

        await company.presses("dev", "Retry", card, channel=DEV)
        await company.in_thread(card, "1 of 3 notices did not arrive", channel=DEV)
        await company.card("shop/dev#1", offers="Retry", channel=DEV)
        (mail,) = (await outside(company, "mail"))["mail"]
        assert (mail["subject"], mail["text"].strip()) == ("v1 is live", "by dev")
        said = [each for each in await company.thread(card, DEV) if "it is live" in each]
        assert len(said) == 1
    finally:
        await company.close()
