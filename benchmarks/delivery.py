"""What a rollout of ten Deployments to three targets asks of the API servers, and how soon the next step follows it.

The clusters are the sandbox's, in a process of their own; the client, the watches, the store and the engine are the real
ones. How soon the next step follows is counted from the moment at which the client itself has heard that the last of the
Deployments is rolled out.
"""

import asyncio
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.clusters import CATALOG, a_sandbox
from benchmarks.report import row
from benchmarks.world import ORIGIN, Nothing, Watcher
from bot.catalog.model import Application, Component, Environment, Step, Target, Workflow
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.cluster.port import Applied, Health
from bot.engine.engine import Engine
from bot.events import RunId
from bot.run.model import Plan, Run, StepPhase
from bot.run.transitions import new_run
from bot.schedule.alarms import ClockAlarms
from bot.steps.contract import Capabilities
from bot.steps.kinds.deploy import Deploy
from bot.steps.registry import StepTypes
from bot.store.database import Store, open_store

DEPLOYMENTS = 10
ROLLOUTS = 15
TARGETS = (
    Target(name="hangzhou", cluster="east", namespace="bench-one"),
    Target(name="shanghai", cluster="east", namespace="bench-two"),
    Target(name="frankfurt", cluster="west", namespace="bench-one"),
)


class Listening(KubeClusters):
    """The clusters, noting when all of what is followed was heard to be done."""

    heard = 0.0

    async def follow(  # type: ignore[override] # an async generator is what the port asks for
        self, cluster: str, applied: list[Applied], *, patience: float = 600.0
    ) -> AsyncIterator[dict[Applied, Health]]:
        """Yield what the real one does."""
        async for health in super().follow(cluster, applied, patience=patience):
            if all(each.done for each in health.values()):
                self.heard = time.perf_counter()
            yield health


class Started(Watcher):
    """Hears when the step after the rollout has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        self.ended = asyncio.Event()

    def changed(self, run: Run, *, announced: bool) -> None:
        """Take notice."""
        super().changed(run, announced=announced)
        if not self.at and run.steps[1].phase is not StepPhase.PENDING:
            self.at = time.perf_counter()
        if run.phase.ended:
            self.ended.set()


def a_plan(version: int) -> Plan:
    """Plan the rollout of a version."""
    components = tuple(
        Component(
            name=f"c{at}", type="worker", properties={"image": f"registry.example/c:v{version}"}
        )
        for at in range(DEPLOYMENTS)
    )
    steps = (Step(name="deploy", type="deploy"), Step(name="next", type="nothing"))
    return Plan(
        application=Application(name="bench", components=components),
        environment=Environment(name="prod", targets=TARGETS),
        workflow=Workflow(name="w", application="bench", environment="prod", steps=steps),
        version=f"v{version}",
    )


@asynccontextmanager
async def an_engine(
    store: Store, clusters: KubeClusters, watcher: Started
) -> AsyncIterator[Engine]:
    """Give an engine that delivers."""
    alarms = ClockAlarms()
    engine = Engine(
        runs=store.runs,
        types=StepTypes([Deploy(), Nothing()]),
        granted=Capabilities(clusters=clusters, inventory=store.inventory),
        clock=SystemClock(),
        alarms=alarms,
        observer=watcher,
    )
    alarms.start(engine.wake)
    yield engine
    alarms.stop()
    await engine.stop()


async def roll_out(engine: Engine, store: Store, watcher: Started, version: int) -> None:
    """Deliver a version to its end."""
    now = SystemClock().now()
    run, _ = await store.runs.add(
        "bench",
        "prod",
        lambda latest: new_run(
            run_id=RunId(f"run-{version}"),
            number=latest.run_number + 1,
            plan=replace(a_plan(version), based_on=latest.run_number),
            origin=ORIGIN,
            now=now,
        ),
    )
    assert run is not None
    watcher.at = 0.0
    watcher.ended.clear()
    await engine.begin(run)
    await watcher.ended.wait()


async def main() -> None:
    """Measure and print."""
    asked: Counter[str] = Counter()

    def count(verb: str, path: str) -> None:
        asked[
            f"{verb} {path.rpartition('/')[2].partition('?')[0]}" if verb == "list" else verb
        ] += 1

    with tempfile.TemporaryDirectory(prefix="shipmate-bench-") as name:
        folder = Path(name)
        async with a_sandbox(folder) as kubeconfig:
            clock = SystemClock()
            store = open_store(f"sqlite:///{folder / 'bench.db'}", clock)
            clusters = Listening(lambda: CATALOG, kubeconfig, clock, on_request=count)
            watcher = Started()
            times: list[float] = []
            async with an_engine(store, clusters, watcher) as engine:
                await roll_out(engine, store, watcher, 0)
                for version in range(1, ROLLOUTS + 1):
                    if version == ROLLOUTS:
                        asked.clear()
                    await roll_out(engine, store, watcher, version)
                    times.append((watcher.at - clusters.heard) * 1000)
            await clusters.close()
            await store.close()
    objects = DEPLOYMENTS * len(TARGETS)
    what = f"a rollout of {DEPLOYMENTS} Deployments to {len(TARGETS)} targets"
    for verb, number in sorted(asked.items()):
        goal = "at most 1 an object" if verb == "apply" else ""
        row(
            f"{what}: {verb}",
            f"{number} requests",
            goal=goal,
            ratio=f"{number / objects:.2f} an object",
        )
    row(f"{what}: last is ready → next step, median", f"{statistics.median(times):.1f} ms")
    row(f"{what}: the slowest of {ROLLOUTS}", f"{max(times):.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
