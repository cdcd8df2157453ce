"""The App Home: what waits for me, what runs, what is where; and it stays true while I look at it."""

import asyncio
from collections.abc import Callable

from tests.patience import PATIENCE
from tests.scenarios.company import Company


async def sees(company: Company, user: str, wanted: Callable[[str], bool]) -> str:
    """Wait until the home that someone has open reads as it should; nobody opens it again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            home = company.sandbox._slack._workspace.homes.get(user, {})
            said = company.read({"blocks": home.get("blocks", []), "text": ""})
            if wanted(said):
                return said
            await asyncio.sleep(0.05)


async def test_a_home_stays_true_while_someone_looks_at_it_and_over_a_restart(
    company: Company,
) -> None:
    await company.home("sre")
    empty = await sees(company, "U03SRE", lambda said: "Nothing waits for you." in said)

    await company.says("dev", "/deploy shop prod v1")
    asked = await sees(company, "U03SRE", lambda said: "[Approve] [Reject]" in said)
    await company.control("/control/slack/click", user="sre", home=True, button="Approve")
    done = await sees(company, "U03SRE", lambda said: "prod · shop · v1 v1" in said)

    assert "Nothing runs now." in empty
    assert "shop/prod#1 · Approval for frankfurt" in asked
    assert "Waiting for sre or sre2" in asked
    assert "Nothing waits for you." in done
    assert "I may approve in: dev, prod, staging." in done

    await company.stop_bot()
    await company.start_bot()
    await company.says("dev", "/deploy shop prod v2")
    await sees(company, "U03SRE", lambda said: "[Approve] [Reject]" in said)


async def test_a_home_has_what_its_person_did_and_no_button_for_what_they_may_not(
    company: Company,
) -> None:
    await company.says("dev", "/deploy shop prod v1")
    await company.card("shop/prod#1", offers="Approve")

    await company.home("dev")
    said = await sees(company, "U01DEV", lambda said: "My deliveries" in said)

    assert "Nothing waits for you." in said
    assert "[Approve]" not in said
    assert "shop/prod#1 · v1 · waiting" in said
    assert "archives/" in str(company.sandbox._slack._workspace.homes["U01DEV"])


async def test_a_lock_is_seen_at_home_as_long_as_it_holds(company: Company) -> None:
    await company.home("sre")
    await sees(company, "U03SRE", lambda said: "Nothing waits for you." in said)

    await company.says("dev", "/shipmate lock prod the database moves")
    await sees(company, "U03SRE", lambda said: "prod is locked by dev · the database moves" in said)
    await company.says("dev", "/shipmate unlock prod")
    await sees(company, "U03SRE", lambda said: "locked" not in said)


async def test_a_denied_press_at_home_is_answered_by_direct_message(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    await company.card("shop/prod#1", offers="Approve")
    await company.home("sre")
    await sees(company, "U03SRE", lambda said: "[Approve] [Reject]" in said)
    await company.fault("slack", "ratelimited", None, method="views.publish", retry_after=2)
    await company.says("sre2", "/shipmate approve shop/prod#1")
    await company.card("shop/prod#1", says="approved by sre2")

    await company.control("/control/slack/click", user="sre", home=True, button="Approve")

    await company.world.wait_for(
        "an answer",
        "D03SRE",
        lambda message: "sre2 has already approved" in company.read(message),
    )
    company.sandbox.faults.clear()
