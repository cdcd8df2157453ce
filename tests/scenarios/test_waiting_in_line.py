"""Several people deliver to the same place: they wait in line, take each other's place, begin later, promote."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from typing_extensions import override

from bot.clock import Clock, SystemClock
from tests.scenarios.company import ROOT, Company

DEV = "shop-dev"
STAGING = "shop-staging"


class Ahead(Clock):
    """A clock some hours ahead of the machine's."""

    def __init__(self, hours: float) -> None:
        self._ahead = timedelta(hours=hours)

    @override
    def now(self) -> datetime:
        return SystemClock().now() + self._ahead


async def test_whoever_comes_second_waits_and_the_cards_say_behind_whom(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    first = await company.card("shop/prod#1", offers="Approve")

    await company.says("dev2", "/deploy shop prod v2")
    await company.card("shop/prod#2", says="Waiting: next in line, after shop/prod#1 of dev")
    await company.says("dev", "/deploy shop prod v3")
    third = await company.card("shop/prod#3", says="2nd in line, after shop/prod#2 of dev2")
    assert "shop/prod#1" in await company.asks("dev", "/shipmate status shop prod")
    assert "Waiting: 2nd in line" in await company.asks("dev", "/shipmate show shop/prod#3")

    second = await company.card("shop/prod#2", says="shop/prod#2 · by dev2", offers="Stop")
    await company.presses("dev", "Stop", second)
    gone = await company.card("shop/prod#2", says="Stopped by dev", offers="Deploy again")
    await company.in_thread(gone, "@dev2")
    await company.card("shop/prod#3", says="next in line, after shop/prod#1 of dev")

    await company.presses("sre", "Approve", first)
    await company.card("shop/prod#1", says="revision v1")
    third = await company.card("shop/prod#3", offers="Approve")
    assert "v3" in company.read(third)
    assert (await company.images("east"))["web"] == "v3"
    assert (await company.images("west"))["web"] == "v1"


async def test_as_ruled_the_newest_takes_the_place_of_who_waits(tmp_path: Path) -> None:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    prod = workflows / "environments" / "prod.yaml"
    prod.write_text(prod.read_text(encoding="utf-8") + "  concurrency: replace\n", encoding="utf-8")
    company = Company(tmp_path / "state", workflows)
    await company.open()
    try:
        await company.says("dev", "/deploy shop prod v1")
        first = await company.card("shop/prod#1", offers="Approve")
        await company.says("dev", "/deploy shop prod v2")
        await company.card("shop/prod#2", says="next in line")

        await company.says("dev2", "/deploy shop prod v3")

        await company.card("shop/prod#3", says="next in line, after shop/prod#1 of dev")
        gone = await company.card("shop/prod#2", says="Replaced by shop/prod#3 of dev2")
        await company.in_thread(gone, "was replaced by shop/prod#3 of dev2. @dev")
        await company.presses("sre", "Approve", first)
        await company.card("shop/prod#3", offers="Approve")
    finally:
        await company.close()


async def test_a_deployment_for_later_begins_by_the_clock_after_a_restart_too(
    company: Company,
) -> None:
    told = await company.asks("dev", "/deploy shop dev v1 --at teatime", DEV)
    assert '"in 2h"' in told
    told = await company.asks("dev2", "/deploy shop dev v1 --at 00:00", DEV)
    assert "00:00 is over today" in told
    assert "in Europe/Berlin. For tomorrow: --at 2" in told
    await company.says("dev", "/deploy shop dev v1 --at “in 2h”", DEV)
    await company.card("shop/dev#1", says="Planned: begins", offers="Stop", channel=DEV)
    await company.says("dev2", "/deploy shop dev v2 --at “in 3h”", DEV)
    planned = await company.card("shop/dev#2", says="Planned", channel=DEV)
    await company.presses("dev2", "Stop", planned, DEV)
    await company.card("shop/dev#2", says="Stopped by dev2", channel=DEV)

    await company.stop_bot()
    company.clock = Ahead(hours=4)
    await company.start_bot()

    await company.card("shop/dev#1", says="revision v1", channel=DEV)
    assert (await company.images("east", DEV))["web"] == "v1"


async def test_what_runs_in_one_environment_is_promoted_to_another(company: Company) -> None:
    told = await company.asks("dev", "/shipmate promote shop dev staging", STAGING)
    assert "Nothing of shop was delivered to dev yet" in told
    await company.says("dev", "/deploy shop dev v7", DEV)
    await company.card("shop/dev#1", says="revision v1", channel=DEV)

    await company.says("dev", "@shipmate promote shop dev staging --note “tried it”", STAGING)

    card = await company.card("shop/staging#1", says="revision v1", channel=STAGING)
    assert "v7 · shop/staging#1 · by dev · promoted from dev v1 · tried it" in company.read(card)
    listed = await company.asks("dev", "/revisions shop staging", STAGING)
    assert "promoted from dev v1" in listed

    await company.says("dev", "/deploy shop dev v8", DEV)
    await company.card("shop/dev#2", says="revision v2", channel=DEV)
    await company.says("dev", "/shipmate promote shop dev staging --at “in 2h”", STAGING)
    planned = await company.card("shop/staging#2", says="Planned: begins", channel=STAGING)
    assert "v8 · shop/staging#2 · by dev · promoted from dev v2" in company.read(planned)


async def test_a_slip_of_the_finger_is_put_right_with_a_button(company: Company) -> None:
    offer = await company.answer("dev", "/shipmate deplyo shop dev v1", DEV)
    assert offer["buttons"] == ["deploy shop dev v1"]
    offer = await company.answer("dev", "/deploy shpo dev v1", DEV)
    assert "Did you mean shop?" in company.read(offer)

    await company.presses("dev", "deploy shop dev v1", offer, DEV)

    await company.card("shop/dev#1", says="v1", channel=DEV)
