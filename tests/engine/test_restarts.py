"""A run that begins anew by the clock: once or again and again, over a death of the process, until someone says no."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.catalog.model import Step
from bot.clock import SystemClock
from bot.errors import UserError
from bot.events import PersonName, RestartCancelled, RunId, RunRetried
from bot.run.model import Run, RunPhase
from bot.run.stimuli import StopAsked
from bot.run.timing import restart_at
from bot.run.transitions import Ignored, new_run
from bot.steps.contract import PropertyError
from bot.steps.kinds.restart_workflow import RestartWorkflow
from tests.builders import a_plan, a_step, an_origin
from tests.engine.test_engine import Workshop, a_workshop
from tests.patience import PATIENCE


def restarting(**properties: str) -> Step:
    return a_step("again", "restart-workflow", properties=properties)


async def rounds(workshop: Workshop, number: int) -> None:
    """Wait until the work was done so often."""
    async with asyncio.timeout(PATIENCE):
        while workshop.doing.attempts < number:  # noqa: ASYNC110 - the step tells nobody
            await asyncio.sleep(0.01)


def work() -> Step:
    return a_step("work", "doing")


async def test_a_run_begins_anew_once_after_some_time(tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as workshop:
        run = await workshop.ends(restarting(after="200ms"), work())
        assert run.restart is not None
        await rounds(workshop, 2)
        again = await workshop.watching.until(RunPhase.SUCCEEDED)
        events = [each.event for each in await workshop.store.runs.events(run.id)]

    assert (again.restart, again.restarted, again.revision) == (None, True, 2)
    (anew,) = [each for each in events if isinstance(each, RunRetried)]
    assert anew.by == "shipmate"


async def test_a_run_begins_anew_again_and_again_until_someone_says_no(tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as workshop:
        run = await workshop.ends(restarting(every="100ms"), work())
        await rounds(workshop, 3)
        stopped: Run | Ignored | None = None
        while not isinstance(stopped, Run):
            await workshop.watching.until(RunPhase.SUCCEEDED)
            stopped = await workshop.engine.tell(run.id, StopAsked(by=PersonName("sre")))
        done = workshop.doing.attempts
        await asyncio.sleep(0.4)
        events = [each.event for each in await workshop.store.runs.events(run.id)]
        assert await workshop.store.runs.scheduled() == []

    assert workshop.doing.attempts == done
    if stopped.phase is RunPhase.SUCCEEDED:  # it was over when the no came, and not in between
        assert any(isinstance(each, RestartCancelled) for each in events)


async def test_a_run_that_is_held_begins_anew_when_that_is_over(tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as workshop:
        workshop.held_by = "prod is locked by sre: it moves"
        run = await workshop.ends(restarting(after="100ms"), work())
        workshop.watching.run = None
        held = await workshop.watching.until(RunPhase.SUCCEEDED)
        assert (held.restarted, workshop.doing.attempts) == (False, 1), "its card is looked at"
        assert [each.id for each in await workshop.store.runs.scheduled()] == [run.id]

        workshop.held_by = ""
        workshop.engine.look()
        await rounds(workshop, 2)
        assert (await workshop.watching.until(RunPhase.SUCCEEDED)).restarted


async def test_another_process_begins_it_anew(tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as first:
        run = await first.ends(restarting(after="500ms"), work())
        assert [each.id for each in await first.store.runs.scheduled()] == [run.id]

    async with a_workshop(tmp_path) as second:
        assert await second.engine.recover() == 0
        await rounds(second, 1)
        await second.watching.until(RunPhase.SUCCEEDED)


async def test_a_run_that_somebody_stopped_stays_over(tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as workshop:
        slow = a_step("work", "doing", properties={"do": "wait for ever"})
        run = await workshop.accept(restarting(every="100ms"), slow)
        await workshop.engine.begin(run)
        await rounds(workshop, 1)
        await workshop.engine.tell(run.id, StopAsked(by=PersonName("sre")))
        await workshop.watching.until(RunPhase.TERMINATED)
        await asyncio.sleep(0.3)

    assert workshop.doing.attempts == 1


async def test_a_run_after_which_another_one_came_stays_over(tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as workshop:
        run = await workshop.ends(restarting(after="400ms"), work())
        newer, _ = await workshop.store.runs.add(
            "shop",
            "prod",
            lambda _: new_run(
                run_id=RunId("two"),
                number=2,
                plan=a_plan(a_step("ask", "suspend")),
                origin=an_origin(),
                now=SystemClock().now(),
            ),
        )
        assert newer is not None
        async with asyncio.timeout(PATIENCE):
            while await workshop.store.runs.scheduled():  # noqa: ASYNC110 - the store tells nobody
                await asyncio.sleep(0.01)
        over = await workshop.store.runs.get(run.id)
        events = [each.event for each in await workshop.store.runs.events(run.id)]

    assert over is not None
    assert restart_at(over) is None, "its card does not say that it begins anew"
    (told,) = [each for each in events if isinstance(each, RestartCancelled)]
    assert told.by == "shipmate"
    assert workshop.doing.attempts == 1


async def test_a_moment_that_is_over_begins_nothing(tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as workshop:
        run = await workshop.ends(restarting(at="2001-01-01T00:00:00Z"), work())

    assert run.restart is None
    assert "is over" in run.steps[0].message


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({}, "exactly one of at, after and every"),
        ({"after": "1h", "every": "1h"}, "exactly one of at, after and every"),
        ({"at": "tomorrow"}, "expected a moment such as"),
        ({"at": "2026-11-25T14:30:00"}, "expected a moment such as"),
        ({"after": "soon"}, "expected a duration such as"),
        ({"every": "1min"}, "write 1m for 1min"),
    ],
)
def test_what_is_no_time_is_told(properties: Mapping[str, Any], said: str) -> None:
    with pytest.raises((PropertyError, UserError), match=said):
        RestartWorkflow().check(properties, ())


def test_days_are_taken_as_kubevela_writes_them() -> None:
    RestartWorkflow().check({"every": "2d"}, ())
