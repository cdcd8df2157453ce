"""What is deployed in Slack is approved in DingTalk, on the page, and both cards show it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.conftest import People
from tests.browser.person import Person
from tests.scenarios.ding import DingCompany, gated

pytestmark = pytest.mark.browser


@pytest.fixture
async def people(browser: Browser, tmp_path: Path) -> AsyncIterator[People]:
    company = DingCompany(tmp_path / "state", gated(tmp_path))
    await company.open()
    made = People(browser, company)
    yield made
    await made.close()
    await company.close()


def cards(person: Person) -> Locator:
    """The cards of runs in DingTalk."""
    return person.page.locator(".ding-message").filter(has_text="→")


async def test_an_approval_in_dingtalk_of_what_was_deployed_in_slack(people: People) -> None:
    dev = await people.open("dev")
    await dev.types('/deploy shop prod v1.4.2 --note "新的结算"')
    in_slack = dev.card("shop/prod#1")
    await dev.sees(in_slack, "Waiting for sre or sre2")

    guest = await people.open("guest", phone=True)
    await guest.page.get_by_role("button", name="Channels").click()
    await guest.goes_to("shop-prod in DingTalk")
    await guest.presses("Approve", cards(guest).first)
    await guest.page.get_by_role("button", name="Channels").click()
    await guest.goes_to("shipmate in DingTalk")
    await guest.sees(guest.page.locator(".ding-message").last, "You may not approve in prod")

    sre = await people.open("sre")
    await sre.goes_to("shop-prod in DingTalk")
    card = cards(sre).first
    await sre.sees(card, "shop/prod#1", "新的结算", "Waiting for sre or sre2")
    await sre.takes_a_picture("21-waiting-in-two-chats")
    await sre.presses("Approve", card)

    for person, shown in ((sre, card), (dev, in_slack)):
        await person.sees(shown, "approved by sre", "Delivered in", "revision v1")
        await expect(shown.get_by_role("button", name="Approve")).to_have_count(0)
    await sre.takes_a_picture("22-approved-in-dingtalk")
    await dev.takes_a_picture("23-approved-in-dingtalk-seen-in-slack")
    await expect(cards(sre)).to_have_count(1)
