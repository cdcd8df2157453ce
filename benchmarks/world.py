"""What the measurements need of a Shipmate: the real store and engine, and steps that do nothing or wait."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from typing_extensions import override

from bot.catalog.model import Application, Component, Environment, Step, Target, Workflow
from bot.clock import SystemClock
from bot.engine.engine import Engine
from bot.events import Event, PersonName, RunId
from bot.process import share_time
from bot.run.model import Gate, Origin, Plan, Run
from bot.run.ports import Latest
from bot.run.transitions import new_run
from bot.schedule.alarms import ClockAlarms
from bot.steps.contract import Capabilities, Done, Need, Outcome, StepContext, Suspended
from bot.steps.registry import StepTypes
from bot.store.database import Store, open_store

ENVIRONMENT = Environment(
    name="prod",
    targets=(Target(name="east", cluster="east", namespace="bench"),),
    approvers=("sre",),
)
TOGETHER = 500
ORIGIN = Origin(person=PersonName("bench"), chat="", channel="", via="command")


class Nothing:
    """A step that does nothing."""

    name = "nothing"
    needs: frozenset[Need] = frozenset()
    summary = "Does nothing."
    schema: Mapping[str, Any] = {}

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Find nothing wrong."""

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:  # noqa: ARG002 - the contract
        """Do nothing."""
        return Done()


class Second(Nothing):
    """A step that takes a second."""

    name = "second"
    summary = "Takes a second."

    @override
    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Take a second."""
        await asyncio.sleep(1)
        return Done()


class Wait(Nothing):
    """A step that waits for a person."""

    name = "wait"
    summary = "Waits for a person."

    @override
    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Wait."""
        return Suspended(gate=Gate())


class Watcher:
    """Hears of every stored change, and keeps how each run is and which have ended."""

    def __init__(self) -> None:
        self.latest: dict[RunId, Run] = {}
        self.over: set[RunId] = set()

    def changed(self, run: Run, *, announced: bool) -> None:  # noqa: ARG002 - the engine's port
        """Take notice."""
        self.latest[run.id] = run
        if run.phase.ended:
            self.over.add(run.id)


class Workshop:
    """A store and an engine in a folder, or on the database at `url`."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.clock = SystemClock()
        self.store: Store = open_store(url or f"sqlite:///{folder / 'bench.db'}", self.clock)
        self.watcher = Watcher()
        self.alarms = ClockAlarms()
        self.engine = Engine(
            runs=self.store.runs,
            types=StepTypes([Nothing(), Second(), Wait()]),
            granted=Capabilities(),
            clock=self.clock,
            alarms=self.alarms,
            observer=self.watcher,
        )
        self.alarms.start(self.engine.wake)
        share_time()  # as `shipmate run` does

    async def close(self) -> None:
        """Let everything go."""
        self.alarms.stop()
        await self.engine.stop()
        await self.store.close()

    async def add_all(self, names: Sequence[str], steps: Sequence[str]) -> list[Run]:
        """Store a run for each name, some hundreds in a commit."""
        added: list[Run] = []
        for first in range(0, len(names), TOGETHER):
            some = names[first : first + TOGETHER]
            added += await asyncio.gather(*(self.add(each, steps) for each in some))
        return added

    async def add(self, name: str, steps: Sequence[str]) -> Run:
        """Store a run of an application of its own, which has not begun."""
        now = self.clock.now()
        run, _ = await self.store.runs.add(
            name, "prod", lambda latest: made(name, steps, latest, now)
        )
        assert run is not None
        return run


def made(
    name: str, steps: Sequence[str], latest: Latest, now: datetime
) -> tuple[Run, Sequence[Event]]:
    """Make a run."""
    image = {"image": f"registry.example/{name}:v1"}
    plan = Plan(
        application=Application(
            name=name, components=(Component(name="web", type="webservice", properties=image),)
        ),
        environment=ENVIRONMENT,
        workflow=Workflow(
            name="workflow-prod",
            application=name,
            environment="prod",
            steps=tuple(Step(name=f"step-{at}", type=kind) for at, kind in enumerate(steps, 1)),
        ),
        version="v1",
    )
    return new_run(
        run_id=RunId(f"run-{name}"),
        number=latest.run_number + 1,
        plan=plan,
        origin=ORIGIN,
        now=now,
    )
