"""Whatever a step type does, its run ends, or waits for something that comes."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from bot.catalog.model import Mode, Output, Step, Target
from bot.clock import SystemClock
from bot.engine.engine import Engine, UnknownRunError
from bot.engine.ports import Observer
from bot.errors import Permanent, Temporary
from bot.events import PersonName, RunId
from bot.run.model import Progress, Reason, Run, RunPhase, StepPhase
from bot.run.stimuli import Approved, StopAsked
from bot.run.transitions import Ignored, new_run
from bot.schedule.alarms import ClockAlarms
from bot.steps.contract import Capabilities, Done, Failed, Need, Outcome, StepContext, StepType
from bot.steps.kinds.restart_workflow import RestartWorkflow
from bot.steps.kinds.suspend import Suspend
from bot.store.database import Store, open_store
from tests.builders import a_plan, a_step, an_origin
from tests.patience import PATIENCE


class Doing(StepType):
    """A step type that does what its property `do` says."""

    name = "doing"
    needs: frozenset[Need] = frozenset()
    summary = "Does what it is told."
    schema: Mapping[str, Any] = {}

    def __init__(self) -> None:
        self.attempts = 0
        self.keys: set[str] = set()
        self.order: list[str] = []
        self.outcomes: list[Outcome] = []
        self.patient = True
        self.at_once = self.most_at_once = 0
        self.all_are_here = asyncio.Event()
        self.begun, self.cancelled = asyncio.Event(), asyncio.Event()

    @override
    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Accept everything."""

    @override
    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        self.attempts += 1
        self.begun.set()
        self.keys.add(context.key)
        self.order.append(context.step)
        if self.outcomes:
            return self.outcomes.pop(0)
        match properties.get("do"):
            case "break":
                raise ZeroDivisionError
            case "leave something odd":
                return Done(outputs={"odd": object()})
            case "refuse":
                raise Permanent("no such thing", code="gone")
            case "fail once" if self.attempts == 1:
                raise Temporary("not now")
            case "report and fail":
                await context.report([Progress("web", 1, 3)], "on its way")
                return Failed(message="it broke", retryable=False, details=("because",))
            case "meet":
                await self.meet()
            case "wait for ever" if self.patient:
                try:
                    await asyncio.Event().wait()
                finally:
                    self.cancelled.set()
        return Done(outputs={"number": 7})

    async def meet(self) -> None:
        """Wait for the others, and count how many there were at once."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if self.at_once == 50:
            self.all_are_here.set()
        async with asyncio.timeout(PATIENCE):
            await self.all_are_here.wait()
        self.at_once -= 1


class Watching(Observer):
    """Hears of every stored change."""

    def __init__(self) -> None:
        self.run: Run | None = None
        self.heard: set[str] = set()
        self.progress: list[tuple[Progress, ...]] = []
        self._changed = asyncio.Event()

    @override
    def changed(self, run: Run, *, announced: bool) -> None:
        self.run = run
        self.heard.add(run.id)
        self.progress += [step.progress for step in run.steps if step.progress]
        self._changed.set()

    async def until(self, *phases: RunPhase) -> Run:
        """Wait until the run is in one of `phases`."""
        async with asyncio.timeout(PATIENCE):
            while self.run is None or self.run.phase not in phases:
                self._changed.clear()
                await self._changed.wait()
        return self.run

    async def until_heard(self, runs: set[str]) -> None:
        """Wait until these have been heard of, and no other."""
        async with asyncio.timeout(PATIENCE):
            while self.heard != runs:
                self._changed.clear()
                await self._changed.wait()


class Workshop:
    """An engine with everything around it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.doing = Doing()
        self.watching = Watching()
        self.alarms = ClockAlarms()
        self.held_by = ""
        self.engine = Engine(
            runs=store.runs,
            types={
                "doing": self.doing,
                "suspend": Suspend(),
                "restart-workflow": RestartWorkflow(),
            },
            granted=Capabilities(),
            clock=SystemClock(),
            alarms=self.alarms,
            observer=self.watching,
            hold=self._hold,
        )

    async def _hold(self, run: Run) -> str:  # noqa: ARG002 - it is a `Hold`
        return self.held_by

    async def accept(
        self,
        *steps: Step,
        mode: Mode = Mode.STEP_BY_STEP,
        application: str = "shop",
        name: str = "one",
    ) -> Run:
        """Store a run that has not begun."""
        plan = a_plan(*steps)
        plan = replace(plan, workflow=replace(plan.workflow, mode=mode))
        run, _ = await self.store.runs.add(
            application,
            "prod",
            lambda _: new_run(
                run_id=RunId(name),
                number=1,
                plan=plan,
                origin=an_origin(),
                now=SystemClock().now(),
            ),
        )
        assert run is not None
        return run

    async def ends(self, *steps: Step, mode: Mode = Mode.STEP_BY_STEP) -> Run:
        """Run steps to the end."""
        await self.engine.begin(await self.accept(*steps, mode=mode))
        return await self.watching.until(RunPhase.SUCCEEDED, RunPhase.FAILED, RunPhase.TERMINATED)


@asynccontextmanager
async def a_workshop(folder: Path) -> AsyncIterator[Workshop]:
    store = open_store(f"sqlite:///{folder / 'shipmate.db'}", SystemClock())
    made = Workshop(store)
    made.alarms.start(made.engine.wake)
    yield made
    made.alarms.stop()
    await made.engine.stop()
    await store.close()


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with a_workshop(tmp_path) as made:
        yield made


def doing(what: str, **more: Any) -> Step:
    return a_step("work", "doing", properties={"do": what}, **more)


@pytest.mark.parametrize(
    ("what", "said", "reason"),
    [
        ("break", "Shipmate made a mistake in a step of type doing", Reason.ACTION),
        ("refuse", "no such thing", Reason.ACTION),
        ("report and fail", "it broke", Reason.ACTION),
        ("${{ inputs.nothing }}", "an expression failed", Reason.INPUT),
    ],
)
async def test_what_a_step_does_wrong_ends_its_run_with_the_reason(
    workshop: Workshop, what: str, said: str, reason: Reason
) -> None:
    run = await workshop.ends(doing(what))

    assert run.phase is RunPhase.FAILED
    assert said in run.message
    assert run.steps[0].reason is reason
    assert workshop.doing.attempts <= 1


async def test_what_cannot_be_stored_ends_its_run(workshop: Workshop) -> None:
    odd = a_step(
        "work",
        "doing",
        properties={"do": "leave something odd"},
        outputs=(Output(name="odd", value_from="odd"),),
    )
    run = await workshop.ends(odd)

    assert run.phase is RunPhase.FAILED
    assert run.message


async def test_a_type_that_this_shipmate_does_not_have_is_named(workshop: Workshop) -> None:
    run = await workshop.ends(a_step("work", "teleport"))

    assert run.message == "this Shipmate has no step type teleport"


async def test_progress_is_stored_as_it_comes_and_details_at_the_end(workshop: Workshop) -> None:
    run = await workshop.ends(doing("report and fail"))

    assert (Progress("web", 1, 3),) in workshop.watching.progress
    assert run.steps[0].details == ("because",)


async def test_what_may_pass_is_tried_again_with_the_same_key(workshop: Workshop) -> None:
    run = await workshop.ends(doing("fail once"))

    assert run.phase is RunPhase.SUCCEEDED
    assert workshop.doing.attempts == 2
    assert workshop.doing.keys == {"one/work/1"}
    assert run.steps[0].attempt == 2


async def test_a_timeout_ends_a_step_that_hangs(workshop: Workshop) -> None:
    run = await workshop.ends(doing("wait for ever", timeout=0.2))

    assert run.steps[0].reason is Reason.TIMEOUT
    async with asyncio.timeout(PATIENCE):
        await workshop.doing.cancelled.wait()


async def test_a_duration_is_waited_for(workshop: Workshop) -> None:
    run = await workshop.ends(a_step("pause", "suspend", properties={"duration": "200ms"}))

    assert run.phase is RunPhase.SUCCEEDED
    assert run.steps[0].message == "the time was over"


async def test_a_stop_ends_what_runs(workshop: Workshop) -> None:
    await workshop.engine.begin(
        await workshop.accept(doing("wait for ever"), a_step("after", "doing"))
    )
    await workshop.engine.tell(RunId("one"), StopAsked(by=an_origin().person, reason="enough"))

    run = await workshop.watching.until(RunPhase.TERMINATED)

    assert [each.phase for each in run.steps] == [StepPhase.FAILED, StepPhase.SKIPPED]
    async with asyncio.timeout(PATIENCE):
        await workshop.doing.cancelled.wait()


async def test_a_run_that_nobody_knows_is_an_error_of_the_caller(workshop: Workshop) -> None:
    with pytest.raises(UnknownRunError):
        await workshop.engine.tell(RunId("nobody"), StopAsked(by=an_origin().person))


async def test_what_comes_after_the_end_changes_nothing(workshop: Workshop) -> None:
    run = await workshop.ends(doing("nothing special"))

    answer = await workshop.engine.tell(run.id, StopAsked(by=an_origin().person))

    assert isinstance(answer, Ignored)
    assert await workshop.store.runs.get(run.id) == run


@pytest.mark.parametrize("begun", [False, True])
async def test_another_process_takes_a_run_up_where_it_was(tmp_path: Path, *, begun: bool) -> None:
    async with a_workshop(tmp_path) as first:
        run = await first.accept(doing("wait for ever" if begun else "nothing special"))
        if begun:
            await first.engine.begin(run)
            await first.watching.until(RunPhase.EXECUTING)

    async with a_workshop(tmp_path) as second:
        assert await second.engine.recover() == 1
        if begun:
            await asyncio.sleep(0)
            again = await second.watching.until(RunPhase.EXECUTING)
            assert again.steps[0].attempt == 1  # the same attempt, with the same key
        else:
            await second.watching.until(RunPhase.INITIALIZING)  # whose turn it is others say
            await second.engine.begin(run)
            await second.watching.until(RunPhase.SUCCEEDED)


async def test_a_run_that_only_waits_is_told_of_after_a_start_as_it_is_by_then(
    tmp_path: Path,
) -> None:
    async with a_workshop(tmp_path) as first:
        run = await first.accept(a_step("approval", "suspend"), doing("nothing special"))
        await first.engine.begin(run)
        before = await first.watching.until(RunPhase.SUSPENDING)

    async with a_workshop(tmp_path) as second:
        assert await second.engine.recover() == 1
        assert await second.watching.until(RunPhase.SUSPENDING) == before

    async with a_workshop(tmp_path) as third:
        assert await third.engine.recover() == 1
        await third.engine.tell(run.id, StopAsked(by=run.origin.person))
        await asyncio.sleep(0.05)  # it is looked at by now, and nobody hears of it as it was
        assert third.watching.run is not None
        assert third.watching.run.phase is RunPhase.TERMINATED


async def test_a_run_that_is_answered_while_a_start_reads_it_goes_on_whole(tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as first:
        gate = a_step("approval", "suspend", properties={"duration": "1h"})
        run = await first.accept(gate, doing("wait for ever"), mode=Mode.DAG)
        await first.engine.begin(run)
        await first.doing.begun.wait()

    async with a_workshop(tmp_path) as second:
        second.doing.patient = False
        start = asyncio.create_task(second.engine.recover())
        await asyncio.sleep(0)
        await second.engine.tell(
            run.id, Approved(step="approval", attempt=1, by=PersonName("sre"), roles=("sre",))
        )
        await start
        ended = await second.watching.until(RunPhase.SUCCEEDED)
        assert second.doing.attempts == 1
        assert [each.attempt for each in ended.steps] == [1, 1]


async def test_a_run_that_cannot_be_read_keeps_nobody_from_hearing_of_the_others(
    tmp_path: Path,
) -> None:
    async with a_workshop(tmp_path) as first:
        for name in ("one", "two", "three"):
            run = await first.accept(a_step("gate", "suspend"), application=name, name=name)
            await first.engine.begin(run)
            await first.watching.until(RunPhase.SUSPENDING)
    with sqlite3.connect(tmp_path / "shipmate.db") as database:
        database.execute("UPDATE runs SET state = '{' WHERE id = 'two'")

    async with a_workshop(tmp_path) as second:
        assert await second.engine.recover() == 3
        await second.watching.until_heard({"one", "three"})


async def test_an_alarm_that_came_while_nobody_was_there_rings_at_once(tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as first:
        run = await first.accept(a_step("pause", "suspend", properties={"duration": "300ms"}))
        await first.engine.begin(run)
        await first.watching.until(RunPhase.SUSPENDING)
    await asyncio.sleep(0.4)

    async with a_workshop(tmp_path) as second:
        await second.engine.recover()
        ended = await second.watching.until(RunPhase.SUCCEEDED)

    assert isinstance(ended.ended, datetime)
