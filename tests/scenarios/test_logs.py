"""Steps that have much to say: their last words and their logs in the thread, and a run that waits for neither."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.company import Company
from tests.scenarios.talking import MIGRATED, SMOKED, talking


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    with talking(tmp_path) as workflows:
        made = Company(tmp_path / "state", workflows)
        await made.open()
        yield made
        await made.close()


def place(thread: list[str], text: str) -> int:
    """Answer where the one message that says something stands."""
    (found,) = [at for at, each in enumerate(thread) if text in each]
    return found


async def test_what_steps_have_to_say_stands_in_the_thread_and_all_of_it_in_files(
    company: Company,
) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    await company.in_thread(card, MIGRATED)
    await company.presses("sre", "Approve", card)
    await company.in_thread(card, SMOKED)
    await company.in_thread(card, "shop/prod#1 failed")

    thread = await company.thread(card)
    assert place(thread, "Migrate the database is done. Its last words:") == 0
    assert "119 migrate goes on\n120 migrate goes on" in thread[0]
    assert place(thread, MIGRATED) > 0
    assert place(thread, "Smoke test failed: it broke") < place(thread, SMOKED)
    shown = await company.world.messages("shop-prod", thread=card["ts"])
    (file,) = [each["files"][0] for each in shown if SMOKED in company.read(each)]
    assert file["title"] == "smoke.log"
    assert file["text"].startswith("001 smoke goes on\n")
    assert file["text"].endswith("060 smoke goes on")
    told = await company.is_told("guest", "Logs", await company.card("shop/prod#1", offers="Logs"))
    assert "Smoke test of shop/prod#1" in told
    assert "060 smoke goes on" in told
    assert "All of it is the file smoke.log in the thread" in told
    assert "120 migrate" in await company.asks("guest", "/shipmate logs shop/prod#1 migrate")


async def test_a_step_that_failed_is_skipped_from_the_card_with_a_reason(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    await company.presses("sre", "Approve", await company.card("shop/prod#1", offers="Approve"))
    card = await company.card("shop/prod#1", offers="Skip")

    denied = await company.is_told("guest", "Skip", card)
    view = (await company.world.click("dev", "shop-prod", card["ts"], "Skip"))["view"]
    await company.world.submit("dev", view["id"], {"Reason": "it tests the old checkout"})

    assert "You may not skip in prod" in denied
    assert "Smoke test of shop/prod#1" in str(view["blocks"][0])
    await company.card("shop/prod#1", says="revision v1")
    await company.in_thread(card, "Smoke test was skipped by dev: it tests the old checkout")


async def test_a_run_goes_on_while_files_can_go_nowhere_and_they_come_when_they_can(
    company: Company,
) -> None:
    await company.fault("slack", "error", None, method="upload")
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    await company.in_thread(card, "The tables are new.")
    await company.presses("sre", "Approve", card)
    await company.in_thread(card, "shop/prod#1 failed")
    assert "≡" not in "".join(await company.thread(card))

    company.sandbox.faults.clear()

    await company.in_thread(card, MIGRATED)
    await company.in_thread(card, SMOKED)


async def test_a_restart_while_slack_looks_through_a_file_leads_to_one(company: Company) -> None:
    company.sandbox.files.share_takes = 2.0
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    await company.in_thread(card, "Migrate the database is done")
    await company.stop_bot()
    await company.start_bot()

    await company.in_thread(card, MIGRATED)
    await company.presses("sre", "Approve", card)
    await company.in_thread(card, SMOKED)

    thread = await company.thread(card)
    assert [sum(each in said for said in thread) for each in (MIGRATED, SMOKED)] == [1, 1]
