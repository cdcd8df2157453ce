"""An approval and a skip with its reason on a phone: everything in reach of a thumb, nothing beside the screen."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import People
from tests.browser.person import Person

pytestmark = pytest.mark.browser

THUMB = 36
"""Pixels that a button is high, at least."""


async def fits(person: Person, where: Locator) -> None:
    """Make sure that a message and its buttons are on the screen, and large enough."""
    width = person.page.viewport_size["width"] if person.page.viewport_size else 0
    for each in [where, *await where.locator(".block-actions button").all()]:
        box = await each.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= THUMB
    assert await person.page.evaluate("document.documentElement.scrollWidth") <= width


async def test_an_approval_and_a_skip_on_a_phone(people: People) -> None:
    await people.company.fault("webhooks", "error", None, status=400)
    await people.company.says("dev", "/deploy shop prod v1")
    sre = await people.open("sre", phone=True)
    card = sre.card("shop/prod#1")
    await sre.sees(card, "Waiting for sre or sre2", "Is hangzhou well?")
    await fits(sre, card)
    await sre.takes_a_picture("8-waiting-on-a-phone")

    await sre.presses("Approve", card)
    await sre.sees(card, "approved by sre", "the webhook answered 400")
    await fits(sre, card)
    await sre.takes_a_picture("9-failed-on-a-phone")

    dev = await people.open("dev", phone=True)
    await dev.presses("Skip", dev.card("shop/prod#1"))
    await dev.sees(dev.dialog(), "Tell the release calendar of shop/prod#1")
    await dev.takes_a_picture("10-skip-on-a-phone")
    await dev.dialog().get_by_label("Reason").fill("the calendar is down")
    await dev.dialog().get_by_role("button", name="Skip").click()
    await dev.sees(dev.card("shop/prod#1"), "skipped by dev", "revision v1")
    await expect(dev.card("shop/prod#1").get_by_role("button", name="Skip")).to_have_count(0)
