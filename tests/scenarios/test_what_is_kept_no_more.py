"""A conversation about a run that is kept no more: its cards still stand in the chats, and their buttons are answered."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from bot.clock import SystemClock
from bot.retention import Keep, Retention
from bot.settings import Settings
from bot.store import tidying
from tests.patience import PATIENCE
from tests.scenarios.company import PROD
from tests.scenarios.ding import DingCompany, gated
from tests.scenarios.test_shortcuts import uses

RULES = Retention(runs=Keep(newest=1))
NAMED = "shop/prod#1 is not kept any more. Of each application and environment the newest run"
UNNAMED = "I do not have this run any more. Of each application and environment the newest run"


class Frugal(DingCompany):
    """A company that keeps one run of each place."""

    @override
    def settings(self) -> Settings:
        return replace(super().settings(), keep=RULES)

    async def prune(self) -> None:
        """Remove what is kept no more in two days, as `shipmate db prune` does beside the bot."""
        then = SystemClock().now() + timedelta(days=2)
        url = self.settings().store_url
        async with asyncio.timeout(PATIENCE):
            gone = await asyncio.to_thread(tidying.prune, url, RULES, then)
            while "runs" not in gone:  # something of it has still to be shown
                await asyncio.sleep(0.1)
                gone = await asyncio.to_thread(tidying.prune, url, RULES, then)


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Frugal]:
    made = Frugal(tmp_path / "state", gated(tmp_path))
    await made.open()
    yield made
    await made.close()


async def test_who_asks_for_a_run_that_is_kept_no_more_is_told_privately(company: Frugal) -> None:
    await company.says("dev", "/deploy shop prod v1")
    await company.card("shop/prod#1", offers="Approve")
    await company.says("sre", "/shipmate reject shop/prod#1 not today")
    old = await company.card("shop/prod#1", says="Rejected by sre: not today")
    old_in_dingtalk = await company.ding_card("shop/prod#1", says="not today")
    await company.says("dev", "/deploy shop prod v2")
    await company.card("shop/prod#2", offers="Approve")

    await company.prune()

    # Who names it is told by its name; a button knows an id alone.
    assert NAMED in await company.asks("dev", "/shipmate show shop/prod#1")
    assert NAMED in await company.asks("dev", "/shipmate logs shop/prod#1")
    assert old["buttons"]
    for button in old["buttons"]:
        assert UNNAMED in await company.is_told("dev", button, old), button

    async def uses_the_shortcut() -> str:
        await uses(company, "dev", "Run actions", old)
        return ""

    answer = company.read(await company._told("dev", PROD, uses_the_shortcut))
    assert "or about one that is not kept any more" in answer
    await company.press("dev", old_in_dingtalk["buttons"][0], old_in_dingtalk)
    await company.told("dev", UNNAMED)
    shown = await company.world.messages(PROD, viewer="dev2")
    assert not any("any more" in company.read(each) for each in shown)

    young = await company.card("shop/prod#2", offers="Approve")
    await company.presses("sre", "Approve", young)
    await company.card("shop/prod#2", says="Delivered")
