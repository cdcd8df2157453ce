"""A log in a thread: its first lines are there at once, all of them when someone asks, and stay when the page changes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.conftest import People
from tests.browser.person import Person
from tests.scenarios.company import Company
from tests.scenarios.talking import talking

pytestmark = pytest.mark.browser


@pytest.fixture
async def slow_company(tmp_path: Path) -> AsyncIterator[Company]:
    """A company whose steps have much to say; `people` look at it."""
    with talking(tmp_path) as workflows:
        made = Company(tmp_path / "state", workflows, speed=1.5)
        await made.open()
        yield made
        await made.close()


def file(person: Person, title: str) -> Locator:
    """A file in the thread."""
    return person.thread().locator(".file").filter(has_text=title)


async def test_a_log_unfolds_and_stays_unfolded(people: People, browser: Browser) -> None:
    company = people.company
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    dev = await people.open("dev")
    await dev.card("shop/prod#1").get_by_role("button", name="repl").click()
    log = file(dev, "migrate.log")
    await dev.sees(log, "shop-prod-1-migrate-1.log", "120 lines", "005 migrate goes on")
    await expect(log.get_by_text("120 migrate goes on")).not_to_be_visible()
    await dev.takes_a_picture("8-a-log")

    await log.get_by_text("Click to expand (120 lines)").click()
    await expect(log.get_by_text("120 migrate goes on")).to_be_visible()
    await company.presses("sre", "Approve", card)
    await dev.sees(dev.thread(), "Smoke test failed: it broke", "060 smoke goes on")
    await dev.sees(file(dev, "smoke.log"), "001 smoke goes on")
    await expect(log.get_by_text("120 migrate goes on")).to_be_visible()
    await dev.takes_a_picture("9-a-log-unfolded")

    await log.get_by_text("Collapse").focus()
    await dev.page.keyboard.press("Enter")
    await expect(log.get_by_text("120 migrate goes on")).not_to_be_visible()
    phone = await people.open("sre", phone=True, dark=True)
    await phone.card("shop/prod#1").get_by_role("button", name="repl").click()
    await phone.sees(file(phone, "smoke.log"), "Click to expand (60 lines)")
    await phone.takes_a_picture("10-a-log-on-a-phone-in-the-dark")
