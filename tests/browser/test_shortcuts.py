"""Shortcuts and forms on the page: from the menu of a message, on a phone too, and from the composer."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import People

pytestmark = pytest.mark.browser


async def test_a_run_is_rejected_from_the_menu_of_its_card_on_a_phone(people: People) -> None:
    dev = await people.open("dev")
    await dev.page.get_by_role("button", name="Use a shortcut").click()
    await dev.page.get_by_role("menuitem", name="Deploy").click()
    form = dev.dialog()
    await form.get_by_role("button", name="Deploy").click()
    await dev.sees(form, "Please complete this required field.")
    await form.get_by_label("Application").select_option("shop")
    await form.get_by_label("Environment").select_option("prod")
    await form.get_by_label("Version").fill("v1.4.2")
    await form.get_by_role("button", name="Deploy").click()

    sre = await people.open("sre", phone=True)
    card = sre.card("shop/prod#1")
    await sre.sees(card, "Waiting for sre")
    await card.get_by_role("button", name="More actions").click()
    await sre.page.get_by_role("menuitem", name="Run actions").click()
    await sre.sees(sre.dialog(), "Run actions", "Pause")
    await sre.takes_a_picture("run-actions-on-a-phone")
    await sre.presses("Reject", sre.dialog())
    reason = sre.dialog().last
    await reason.get_by_label("Reason").fill("not today")
    await reason.get_by_role("button", name="Reject").click()

    await expect(sre.dialog()).to_have_count(0)
    await sre.sees(card, "Rejected by sre: not today")
