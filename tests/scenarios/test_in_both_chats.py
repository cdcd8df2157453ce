"""The same conversations in Slack and in DingTalk, in English and in Chinese: what can be asked is asked in each."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.command.chinese import VERBS
from tests.patience import PATIENCE
from tests.scenarios.company import PROD, Company
from tests.scenarios.ding import ALONE, GROUP, DingOnly, gated

Json = dict[str, Any]


class Talk(Protocol):
    """A conversation in one chat."""

    @property
    def company(self) -> Company:
        """Whose people talk."""
        ...

    async def says(self, user: str, text: str) -> None:
        """Type a request where production is talked about."""
        ...

    async def presses(self, user: str, button: str, message: Json, *, alone: bool = False) -> None:
        """Press a button, of what everyone sees or of what one is told `alone`."""
        ...

    async def card(self, run: str, *, says: str = "", offers: str = "") -> Json:
        """Wait for the card of a run."""
        ...

    async def told(self, user: str, says: str, *, offers: str = "") -> Json:
        """Wait for something that only one person is told."""
        ...


class InSlack:
    """Talks in #shop-prod."""

    def __init__(self, company: Company) -> None:
        self.company = company

    async def says(self, user: str, text: str) -> None:
        await self.company.says(user, f"/shipmate {text}")

    async def presses(self, user: str, button: str, message: Json, *, alone: bool = False) -> None:  # noqa: ARG002 - the same place
        await self.company.presses(user, button, message)

    async def card(self, run: str, *, says: str = "", offers: str = "") -> Json:
        return await self.company.card(run, says=says, offers=offers)

    async def told(self, user: str, says: str, *, offers: str = "") -> Json:
        async with asyncio.timeout(PATIENCE):
            while True:
                for each in reversed(await self.company.world.messages(PROD, viewer=user)):
                    fits = each["ephemeral"] and says in self.company.read(each)
                    if fits and (not offers or offers in each["buttons"]):
                        return each
                await asyncio.sleep(0.05)


class InDingTalk:
    """Talks in the group of production; what only one is told comes from the robot alone."""

    def __init__(self, company: DingOnly, *, chinese: bool) -> None:
        self.company: Company = company
        self._ding = company
        self._chinese = chinese

    async def says(self, user: str, text: str) -> None:
        verb, _, rest = text.partition(" ")
        await self._ding.ask(user, f"{VERBS[verb][0]} {rest}".strip() if self._chinese else text)

    async def presses(self, user: str, button: str, message: Json, *, alone: bool = False) -> None:
        await self._ding.press(user, button, message, ALONE if alone else GROUP)

    async def card(self, run: str, *, says: str = "", offers: str = "") -> Json:
        return await self._ding.ding_card(run, says=says, offers=offers)

    async def told(self, user: str, says: str, *, offers: str = "") -> Json:
        return await self._ding.ding(says, offers=offers, conversation=ALONE, viewer=user)


@pytest.fixture(params=["slack", "dingtalk", "dingtalk in chinese"])
async def talk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Talk]:
    made: Talk
    if request.param == "slack":
        made = InSlack(Company(tmp_path / "state", gated(tmp_path)))
    else:
        chinese = request.param.endswith("chinese")
        made = InDingTalk(DingOnly(tmp_path / "state", gated(tmp_path)), chinese=chinese)
    await made.company.open()
    yield made
    await made.company.close()


async def test_a_deployment_is_approved_by_one_of_those_who_may(talk: Talk) -> None:
    await talk.says("dev", "deploy shop prod v1.4.2")
    card = await talk.card("shop/prod#1", offers="Approve")

    await talk.presses("guest", "Approve", card)
    await talk.told("guest", "You may not approve in prod")
    await asyncio.gather(
        talk.presses("sre", "Approve", card), talk.presses("sre2", "Approve", card)
    )

    await talk.card("shop/prod#1", says="revision v1")
    await talk.says("sre", "show shop/prod#1")
    await talk.told("sre", "approved by sre")


async def test_a_rejection_with_its_reason_a_retry_and_a_stop(talk: Talk) -> None:
    await talk.says("dev", "deploy shop prod v1")
    await talk.card("shop/prod#1", offers="Reject")
    await talk.says("sre", "reject shop/prod#1 错误太多")
    await talk.card("shop/prod#1", says="Rejected by sre: 错误太多")
    await talk.says("dev", "retry shop/prod#1")
    await talk.card("shop/prod#1", offers="Approve")
    await talk.says("dev", "pause shop/prod#1 看一下")
    await talk.card("shop/prod#1", says="Paused by dev", offers="Resume")
    await talk.says("dev", "stop shop/prod#1 算了")
    await talk.card("shop/prod#1", says="Stopped by dev")
    await talk.says("dev", "restart shop/prod#1")
    await talk.card("shop/prod#1", offers="Approve")
    await talk.says("sre2", "approve shop/prod#1 看过了")
    await talk.card("shop/prod#1", says="Delivered")


async def test_a_rollback_shows_what_it_changes_and_asks_first(talk: Talk) -> None:
    for number in (1, 2):
        await talk.says("dev", f"deploy shop prod v{number}")
        await talk.card(f"shop/prod#{number}", offers="Approve")
        await talk.says("sre", f"approve shop/prod#{number}")
        await talk.card(f"shop/prod#{number}", says="Delivered")
    await talk.says("dev", "rollback shop prod v1")
    question = await talk.told("dev", "v1", offers="Roll back")

    await talk.presses("dev", "Roll back", question, alone=True)

    await talk.card("shop/prod#3", says="back to v1", offers="Approve")


async def test_what_is_there_and_who_may_what(talk: Talk) -> None:
    await talk.says("sre", "lock prod 数据库迁移")
    await talk.says("dev", "deploy shop prod v1")
    await talk.told("dev", "prod is locked by sre: 数据库迁移")
    await talk.says("sre", "unlock prod")
    for asked, answer in (
        ("apps", "orders"),
        ("envs", "approve: sre, sre2"),
        ("status shop prod", "shop in prod"),
        ("runs shop prod", "No run yet"),
        ("whoami", "You are dev"),
        ("help", "What I can do"),
        ("revisions shop prod", "Nothing was delivered yet"),
        ("audit shop prod", "may not read the audit log"),
        ("logs shop/prod#9", "There is no run shop/prod#9"),
    ):
        await talk.says("dev", asked)
        await talk.told("dev", answer)
