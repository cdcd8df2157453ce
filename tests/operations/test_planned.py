"""A deployment for later begins by the clock, and as if it were asked for then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.operations.results import Intervened, Started
from bot.policy.refusals import Code, Refusal
from bot.run.model import Run, RunPhase
from tests.builders import NOON
from tests.operations.office import Office, Ticking


def let_pass(office: Office, hours: float) -> None:
    clock = office.desk.clock
    assert isinstance(clock, Ticking)
    clock.passes(hours=hours)


async def planned(office: Office, text: str, *, zone: str = "") -> Run:
    result = await office.say("dev", text, zone=zone)
    assert isinstance(result, Started), result
    assert result.standing is not None
    assert result.standing.place == 0
    return result.run


async def test_it_begins_at_its_moment_and_not_before(office: Office) -> None:
    run = await planned(office, "deploy shop dev v1 --at 18:00", zone="Europe/Berlin")
    assert run.at == NOON + timedelta(hours=5)
    assert office.alarms[run.id] == run.at
    await office.engine.wake(run.id)  # an alarm that rings too early
    assert (await office.run(run.name)).waits
    assert office.alarms[run.id] == run.at

    let_pass(office, 5)
    await office.rings(run)

    done = await office.until(run.name, RunPhase.SUCCEEDED)
    assert done.began is not None
    assert done.began >= run.at
    revision = await office.runs.revision("shop", "dev")
    assert revision is not None
    assert revision.duration < 3600, "the time before is not in it"


async def test_it_is_in_nobodys_way_before(office: Office) -> None:
    run = await planned(office, 'deploy shop dev v2 --at "in 2h"')
    await office.say("dev2", "deploy shop dev v1")
    await office.until("shop/dev#2", RunPhase.SUCCEEDED)
    let_pass(office, 2)
    await office.rings(run)
    done = await office.until(run.name, RunPhase.SUCCEEDED)
    assert (done.plan.based_on, done.revision) == (1, 2)


async def test_its_moment_comes_while_another_one_is_under_way(office: Office) -> None:
    run = await planned(office, 'deploy shop prod v2 --at "in 2h"')
    await office.say("dev2", "deploy shop prod v1")
    await office.until("shop/prod#2", RunPhase.SUSPENDING)
    let_pass(office, 2)
    await office.rings(run)
    assert (await office.run(run.name)).waits
    await office.say("sre", "approve shop/prod#2")
    assert (await office.until(run.name, RunPhase.SUSPENDING)).plan.based_on == 1


async def test_who_has_lost_the_role_by_then_is_told(office: Office) -> None:
    run = await planned(office, 'deploy shop dev v1 --at "in 2h"')
    people = {key: each for key, each in office.catalog.people.items() if key != "dev"}
    office.catalog = replace(office.catalog, people=people)
    let_pass(office, 2)
    await office.rings(run)
    ended = await office.until(run.name, RunPhase.FAILED)
    assert ended.refused is not None
    assert (ended.refused.code, ended.refused.facts) == (Code.PERSON_GONE, {"name": "dev"})


async def test_stop_cancels_it(office: Office) -> None:
    run = await planned(office, 'deploy shop dev v1 --at "in 2h"')
    stopped = await office.say("dev", f"stop {run.name}")
    assert isinstance(stopped, Intervened)
    assert stopped.run.unbegun
    assert run.id not in office.alarms
    let_pass(office, 2)
    await office.engine.wake(run.id)
    assert (await office.run(run.name)).phase is RunPhase.TERMINATED


@pytest.mark.parametrize(
    ("time", "code"), [("11:00", Code.TIME_PAST), ('"18:00 Mars/Base"', Code.TIME_UNKNOWN)]
)
async def test_a_moment_that_is_none_is_refused_and_nothing_is_stored(
    office: Office, time: str, code: Code
) -> None:
    refusal = await office.refused("dev", f"deploy shop dev v1 --at {time}")
    assert isinstance(refusal, Refusal)
    assert refusal.code is code
    assert await office.runs.recent() == []
