"""Somebody locks an environment, others are told why not; a freeze comes and goes; who looks after it all can read who asked."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.world import Message
from tests.scenarios.company import PROD, ROOT, Company

FREEZE = """\
  auditors: [sre]
  freezes:
    - name: fair
      reason: the fair is on
      from: 2026-01-01T00:00
      to: 2126-01-01T00:00
      timeZone: Asia/Shanghai
      passedBy: [sre]
"""


@pytest.fixture
async def frozen(tmp_path: Path) -> AsyncIterator[Company]:
    """Bring up a company whose production is frozen."""
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    prod = workflows / "environments" / "prod.yaml"
    prod.write_text(prod.read_text(encoding="utf-8") + FREEZE, encoding="utf-8")
    made = Company(tmp_path / "state", workflows)
    await made.open()
    yield made
    await made.close()


async def told(company: Company, text: str, channel: str = PROD) -> Message:
    """Wait for what everyone in a channel reads."""
    return await company.world.wait_for(
        f"a message with {text!r}", channel, lambda message: text in company.read(message)
    )


async def test_a_lock_is_told_refuses_and_is_lifted_by_another_in_the_open(
    company: Company,
) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")

    done = await company.asks(
        "dev", "/shipmate lock prod the database moves --for 2h", channel="general"
    )
    assert "prod is locked" in done
    lock = await told(company, "dev locked prod: the database moves")
    assert "/shipmate unlock prod" in company.read(lock)

    refused = await company.is_told("sre", "Approve", card)
    assert "prod is locked by dev: the database moves. Until " in refused
    assert "dev, sre, sre2 or admin may unlock it" in refused
    assert "prod is locked by dev" in await company.asks("dev2", "/deploy shop prod v2")
    assert "prod is locked by dev" in await company.asks("dev2", "/shipmate unlock prod")
    assert "prod is locked by dev · the database moves · until" in await company.asks(
        "guest", "/shipmate status shop prod"
    )
    assert "prod is locked by dev" in await company.asks("guest", "/shipmate envs")

    assert "prod is unlocked" in await company.asks("sre", "/shipmate unlock prod")
    lifted = company.read(await told(company, "sre unlocked prod"))
    assert "which @dev had locked (the database moves)" in lifted
    await company.in_thread(card, "prod is no longer locked")
    await company.says("sre", "/shipmate approve shop/prod#1")
    await company.card("shop/prod#1", says="revision v1")
    messages = await company.world.messages(PROD)
    assert sum("locked prod" in company.read(each) for each in messages) == 2


async def test_a_lock_that_says_nothing_opens_a_form(company: Company) -> None:
    view = (await company.world.say("dev", PROD, "/shipmate lock"))["view"]

    filled = {"Environment": "dev", "Reason": "we look at it", "How long": "30m"}
    assert (await company.world.submit("dev", view["id"], filled))["ok"]

    await told(company, "dev locked dev: we look at it", channel="shop-dev")


async def test_a_freeze_is_passed_by_those_who_may_and_the_log_says_so(frozen: Company) -> None:
    refused = await frozen.asks("dev", "/deploy shop prod v1")
    assert "prod is frozen by fair: the fair is on. That takes the role sre. Until" in refused
    assert "sre or sre2 may pass" in refused
    assert "prod is frozen: fair · the fair is on" in await frozen.asks("dev", "/shipmate envs")

    await frozen.says("sre", "/deploy shop prod v1")
    card = await frozen.card("shop/prod#1", says="passes the freeze fair")
    card = await frozen.card("shop/prod#1", offers="Approve")
    await frozen.presses("sre2", "Approve", card)
    card = await frozen.card("shop/prod#1", says="revision v1")
    assert "approved by sre2 (passes the freeze fair)" in frozen.read(card)

    log = await frozen.asks("admin", "/shipmate audit shop prod")
    for line in (
        "sre2 · approve run:",
        "shop/prod#1 · passes the freeze fair · slack button",
        "sre · deploy shop prod v1 · shop/prod#1 · passes the freeze fair · slack command",
        "dev · deploy shop prod v1 · frozen · slack command",
    ):
        assert line in log
    assert "dev · deploy" in await frozen.asks("sre", "/shipmate audit --person dev --since 2h")
    denied = await frozen.asks("dev", "/shipmate audit")
    assert "You may not read the audit log of any environment" in denied
    assert "admin could" in denied
