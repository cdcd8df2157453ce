"""Runs that are wide, long, held and taken up again: steps side by side with real coroutines and a real store."""

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.catalog.model import Input, Mode, Output
from bot.events import PersonName, RunId
from bot.run.model import Run, RunPhase, StepPhase
from bot.run.stimuli import ResumeAsked, SuspendAsked
from bot.steps.contract import Waiting
from tests.builders import a_step
from tests.engine.test_engine import Workshop, a_workshop, doing
from tests.engine.test_engine import workshop as workshop  # a fixture
from tests.patience import PATIENCE

ADMIN = PersonName("admin")


def phases(run: Run) -> dict[str, str]:
    return {each.name: each.phase.value for each in run.steps}


async def test_five_hundred_steps_are_gone_through(workshop: Workshop) -> None:
    run = await workshop.ends(*(a_step(f"s{at}", "doing") for at in range(500)))

    assert run.phase is RunPhase.SUCCEEDED
    assert workshop.doing.attempts == 500
    events = await workshop.store.runs.events(run.id)
    assert [each.number for each in events] == list(range(1, run.events + 1))


async def test_fifty_steps_run_side_by_side(workshop: Workshop) -> None:
    wide = tuple(a_step(f"s{at}", "doing", properties={"do": "meet"}) for at in range(50))
    group = a_step("all", "step-group", sub_steps=wide)
    run = await workshop.ends(group, a_step("after", "doing"))

    assert run.phase is RunPhase.SUCCEEDED
    assert workshop.doing.most_at_once == 50
    assert workshop.doing.attempts == 51


async def test_a_dag_begins_what_is_ready_and_values_flow(workshop: Workshop) -> None:
    last = a_step(
        "last",
        "doing",
        properties={"do": "${{ inputs.seven == 7 ? 'nothing special' : 'refuse' }}"},
        inputs=(Input(from_="seven"),),
    )
    first = a_step("first", "doing", outputs=(Output(name="seven", value_from="number"),))
    run = await workshop.ends(last, first, mode=Mode.DAG)

    assert phases(run) == {"last": "succeeded", "first": "succeeded"}
    assert workshop.doing.order == ["first", "last"]


async def test_what_waits_is_looked_at_again_with_the_same_key(workshop: Workshop) -> None:
    workshop.doing.outcomes = [Waiting(message="not yet", after=0.01)] * 3
    run = await workshop.ends(a_step("work", "doing", retries=0))

    assert run.phase is RunPhase.SUCCEEDED
    assert workshop.doing.attempts == 4
    assert (run.steps[0].attempt, run.steps[0].failures) == (1, 0)
    assert workshop.doing.keys == {"one/work/1"}


async def test_a_pause_cancels_what_runs_and_a_resume_does_it_again(workshop: Workshop) -> None:
    run = await workshop.accept(doing("wait for ever"), a_step("after", "doing"))
    await workshop.engine.begin(run)
    await workshop.watching.until(RunPhase.EXECUTING)

    await workshop.engine.tell(run.id, SuspendAsked(by=ADMIN, reason="look"))
    paused = await workshop.watching.until(RunPhase.SUSPENDING)
    assert phases(paused) == {"work": "suspending", "after": "pending"}
    async with asyncio.timeout(PATIENCE):
        await workshop.doing.cancelled.wait()

    workshop.doing.patient = False
    await workshop.engine.tell(run.id, ResumeAsked(by=ADMIN))
    ended = await workshop.watching.until(RunPhase.SUCCEEDED)
    assert ended.steps[0].attempt == 1
    assert workshop.doing.keys == {"one/work/1", "one/after/1"}


async def test_a_paused_run_stays_paused_over_a_restart(tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as first:
        run = await first.accept(doing("wait for ever"))
        await first.engine.begin(run)
        await first.watching.until(RunPhase.EXECUTING)
        await first.engine.tell(run.id, SuspendAsked(by=ADMIN))

    async with a_workshop(tmp_path) as second:
        await second.engine.recover()
        await asyncio.sleep(0.05)
        assert second.doing.attempts == 0
        second.doing.patient = False
        await second.engine.tell(RunId("one"), ResumeAsked(by=ADMIN))
        await second.watching.until(RunPhase.SUCCEEDED)


async def test_steps_of_a_group_that_were_cut_off_are_all_taken_up_again(tmp_path: Path) -> None:
    below = tuple(replace(doing("wait for ever"), name=f"s{at}") for at in range(3))
    async with a_workshop(tmp_path) as first:
        run = await first.accept(a_step("all", "step-group", sub_steps=below))
        await first.engine.begin(run)
        await first.watching.until(RunPhase.EXECUTING)

    async with a_workshop(tmp_path) as second:
        second.doing.patient = False
        await second.engine.recover()
        run = await second.watching.until(RunPhase.SUCCEEDED)
        assert {each.phase for each in run.steps} == {StepPhase.SUCCEEDED}
        assert second.doing.keys == {f"one/s{at}/1" for at in range(3)}
