"""Deploy, approve, be refused, reject, look back and go back: on the page, with mouse and keyboard."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.conftest import People
from tests.browser.person import Person

pytestmark = pytest.mark.browser


async def test_a_deployment_as_its_people_see_it(people: People) -> None:
    await people.company.fault("cluster/east", "not-ready", None, name="web")
    dev = await people.open("dev")
    await dev.composer().click()
    await dev.page.keyboard.type("/dep")
    await expect(dev.page.get_by_role("option", name="/deploy")).to_be_visible()
    await dev.page.keyboard.press("Tab")
    await dev.page.keyboard.type('shop prod v1.4.2 --note "new checkout"')
    await dev.page.keyboard.press("Enter")
    await expect(dev.composer()).to_have_value("")

    card = dev.card("shop/prod#1")
    await dev.sees(card, "web 0/3 ready", "api 2/2 ready")
    await dev.takes_a_picture("1-running")
    people.company.sandbox.faults.clear()
    await dev.sees(card, "Waiting for sre or sre2")
    await card.get_by_role("button", name="repl").click()
    await dev.sees(dev.thread(), "is live in hangzhou", "@sre", "please approve or reject")
    await dev.takes_a_picture("2-waiting")

    guest = await people.open("guest", phone=True)
    await guest.presses("Approve", guest.card("shop/prod#1"))
    refusal = guest.message("You may not approve in prod")
    await guest.sees(refusal, "Only visible to you", "sre or sre2 could")
    await guest.takes_a_picture("3-refused-on-a-phone")
    await expect(dev.messages().filter(has_text="You may not")).to_have_count(0)

    sre = await people.open("sre", phone=True, dark=True)
    sre2 = await people.open("sre2")
    await both_approve_at_once(people, sre, sre2)
    await dev.sees(card, "approved by sre", "Delivered in", "revision v1")
    told = [
        await each.messages().filter(has_text="has already approved").count()
        for each in (sre, sre2)
    ]
    assert sorted(told) == [0, 1]
    await dev.sees(dev.thread(), "Approved by sre", "is live everywhere", "v1 of shop is in prod")
    await dev.takes_a_picture("4-delivered")
    await sre.takes_a_picture("5-delivered-on-a-phone-in-the-dark")

    await dev.goes_to("Cluster west")
    await dev.sees(dev.page.get_by_role("main"), "registry.shop.example/web:v1.4.2", "3/3")
    await dev.goes_to("Webhooks")
    await dev.sees(dev.page.get_by_role("main"), "/releases", '"version": "v1.4.2"')


async def both_approve_at_once(people: People, *approvers: Person) -> None:
    """Let all of them press before any of them sees the card without its buttons."""
    await people.company.fault("slack", "ratelimited", None, method="chat.update", retry_after=1)
    await asyncio.gather(*(each.presses("Approve", each.card("shop/prod#1")) for each in approvers))
    people.company.sandbox.faults.clear()


async def test_a_reject_and_the_way_back(people: People) -> None:
    for number, version in enumerate(("v1", "v2"), 1):
        await people.company.says("dev", f"/deploy shop prod {version}")
        ready = await people.company.card(f"shop/prod#{number}", offers="Approve")
        await people.company.presses("sre", "Approve", ready)
        await people.company.card(f"shop/prod#{number}", says=f"revision v{number}")

    dev = await people.open("dev")
    await dev.types("/revisions shop prod")
    listed = dev.message("Revisions of shop in prod")
    await dev.sees(listed, "Only visible to you", "in force", "by dev", "took")
    await dev.presses("Roll back", listed)
    proposal = dev.message("from v2 to v1?")
    await dev.sees(proposal, "image: v2 → v1")
    await dev.takes_a_picture("6-roll-back")
    await dev.presses("Roll back", proposal)
    await dev.sees(dev.card("shop/prod#3"), "Waiting for sre or sre2", "back to v1")

    await dev.becomes("sre2")
    await dev.presses("Reject", dev.card("shop/prod#3"))
    await dev.dialog().get_by_role("button", name="Reject").click()
    await dev.sees(dev.dialog(), "Please complete this required field.")
    await dev.takes_a_picture("7-reject")
    await dev.page.keyboard.press("Escape")
    await expect(dev.dialog()).to_have_count(0)
    await dev.presses("Reject", dev.card("shop/prod#3"))
    await expect(dev.dialog().get_by_label("Reason")).to_be_focused()
    await dev.page.keyboard.type("not on a Friday")
    await dev.dialog().get_by_role("button", name="Reject").click()
    await dev.sees(dev.card("shop/prod#3"), "Rejected by sre2: not on a Friday")

    await dev.becomes("dev")
    await dev.presses("Retry", dev.card("shop/prod#3"))
    await dev.sees(dev.card("shop/prod#3"), "Waiting for sre or sre2")
    await dev.becomes("sre")
    await dev.goes_to("Home")
    await dev.presses("Approve", dev.page.get_by_role("main"))
    await dev.goes_to("shop-prod")
    await dev.sees(dev.card("shop/prod#3"), "revision v3, which is v1 again")
    await dev.goes_to("Cluster east")
    await dev.sees(dev.page.get_by_role("main"), "registry.shop.example/web:v1")
