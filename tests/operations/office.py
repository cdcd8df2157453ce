"""A desk with the real store and the real engine, at which people of the company ask in commands.

Its deployments are a step type of its own that takes no cluster: it is done at once, or fails while
`broken` names its target. Of clusters nothing is known: who asks is told so.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from typing_extensions import override

from bot.catalog.model import CLEAN_UP, Catalog, Mode, Step, Target
from bot.clock import Clock
from bot.cluster.kube.clusters import KubeClusters
from bot.command.grammar import parse
from bot.command.requests import Asker, Misunderstood
from bot.command.router import Router
from bot.engine.engine import Engine
from bot.engine.ports import Alarms, Observer
from bot.events import RunId
from bot.operations.desk import Desk
from bot.operations.results import Audited, Result
from bot.operations.turns import Turns
from bot.policy.refusals import Refusal
from bot.run.model import Run, RunPhase
from bot.run.ports import Hold
from bot.steps.contract import Capabilities, Done, Failed, Need, Outcome, StepContext, StepType
from bot.steps.kinds.suspend import Suspend
from bot.store.database import Store, open_store
from tests.builders import NOON
from tests.operations.company import company


class Ticking(Clock):
    """A clock that goes on by a second at every look."""

    def __init__(self) -> None:
        self._seconds = count()
        self._passed = timedelta()

    @override
    def now(self) -> datetime:
        return NOON + self._passed + timedelta(seconds=next(self._seconds))

    def passes(self, **time: float) -> None:
        """Let hours or minutes pass at once."""
        self._passed += timedelta(**time)


class Delivery(StepType):
    """The step type `deploy2env` of these tests."""

    name = "deploy2env"
    needs: frozenset[Need] = frozenset()
    summary = "Delivers to nowhere."
    schema: Mapping[str, Any] = {}

    def __init__(self) -> None:
        self.broken: set[str] = set()

    @override
    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Accept everything."""

    @override
    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        if context.step in self.broken:
            return Failed(message=f"{context.step} is broken", retryable=False)
        return Done()


class Office(Alarms, Observer):
    """People, a desk and what moves the runs. It hears of every change and wakes nobody by the clock."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        clusters: KubeClusters | None = None,
        types: Mapping[str, StepType] | None = None,
    ) -> None:
        """Without `clusters` there are none, and deployments go nowhere; `types` take the place of these tests' own."""
        self.catalog: Catalog = company()
        self.delivery = Delivery()
        self.audit: list[Audited] = []
        self.store = store
        self.runs = store.runs
        self._changed = asyncio.Event()
        self._numbers = count(1)
        self.engine = Engine(
            runs=store.runs,
            types=types
            or {"deploy2env": self.delivery, "suspend": Suspend(), CLEAN_UP: Delivery()},
            granted=Capabilities(clusters=clusters, inventory=store.inventory, runs=store.runs),
            clock=clock,
            alarms=self,
            observer=self,
        )
        self.desk = Desk(
            catalog=lambda: self.catalog,
            runs=store.runs,
            inventory=store.inventory,
            clusters=clusters or KubeClusters(dict, None, clock),
            engine=self.engine,
            clock=clock,
            new_id=lambda: RunId(f"id-{next(self._numbers)}"),
            locks=store.locks,
            audit=store.audit,
        )
        self.router = Router(self.desk)
        self.alarms: dict[str, datetime] = {}
        self.turns = Turns(lambda _: None)
        self.listeners: list[Observer] = []

    def open(self) -> None:
        """Begin to look whose turn it is."""
        self.turns.start(self.desk)

    async def held(self, hold: Hold) -> None:
        """Let something hold runs whose turn has come."""
        await self.turns.stop()
        self.desk = replace(self.desk, hold=hold)
        self.router = Router(self.desk)
        self.open()

    async def close(self) -> None:
        """End it, and what runs."""
        await self.turns.stop()
        await self.engine.stop()

    @override
    def set(self, run: RunId, at: datetime | None) -> None:
        """Note when a run wants to be woken: these tests wait for no time."""
        self.alarms.pop(run, None)
        if at is not None:
            self.alarms[run] = at

    @override
    def changed(self, run: Run, *, announced: bool) -> None:
        """Wake who waits for a run, and who looks after the line."""
        self._changed.set()
        self.turns.changed(run, announced=announced)
        for each in self.listeners:
            each.changed(run, announced=announced)

    async def say(
        self,
        person: str,
        text: str,
        *,
        via: str = "command",
        request: str = "",
        zone: str = "",
    ) -> Result:
        """Ask as `person` would in Slack; a request id given twice is the same request again."""
        understood = parse(text)
        assert not isinstance(understood, Misunderstood), understood
        asker = Asker(
            chat="slack",
            identity=f"U-{person}",
            email=f"{person}@shop.example",
            channel="C01GENERAL",
            via=via,
            request=request or f"request-{next(self._numbers)}",
            zone=zone,
        )
        result, audited = await self.router.answer(asker, understood)
        self.audit.append(audited)
        return result

    async def rings(self, run: Run) -> None:
        """Let the alarm of a run ring that is due, as the scheduler does."""
        assert self.alarms[run.id] <= self.desk.clock.now()
        await self.engine.wake(run.id)

    async def refused(self, person: str, text: str, **more: str) -> Refusal:
        """Ask for something that is refused."""
        result = await self.say(person, text, **more)
        assert isinstance(result, Refusal), result
        return result

    async def until(self, name: str, *phases: RunPhase) -> Run:
        """Wait until `shop/ENV#N` is in one of `phases`."""
        return await self.until_so(name, lambda run: run.phase in phases)

    async def until_so(self, name: str, wanted: Callable[[Run], bool]) -> Run:
        """Wait until a run is as wanted."""
        environment, _, number = name.removeprefix("shop/").partition("#")
        while True:
            self._changed.clear()
            run = await self.runs.by_number("shop", environment, int(number))
            if run is not None and wanted(run):
                return run
            await self._changed.wait()

    async def delivered(self, *versions: str, environment: str = "dev") -> None:
        """Deliver versions one after the other, to the end."""
        for version in versions:
            await self.say("dev", f"deploy shop {environment} {version}")
            newest = (await self.runs.recent("shop", environment, limit=1))[0]
            if environment == "prod":
                await self.until(newest.name, RunPhase.SUSPENDING)
                await self.say("sre", f"approve {newest.name}")
            await self.until(newest.name, RunPhase.SUCCEEDED)

    async def run(self, name: str) -> Run:
        """Answer a run as it is stored now."""
        return await self.until_so(name, lambda _: True)

    def with_steps(self, *steps: Step, mode: Mode = Mode.STEP_BY_STEP) -> None:
        """Give shop in prod a workflow of its own."""
        old = self.catalog.workflows["shop", "prod"]
        changed = replace(old, steps=steps, mode=mode)
        self.catalog = replace(self.catalog, workflows={("shop", "prod"): changed})

    def without_environment(self, name: str) -> None:
        """Take an environment out of the catalog, as an edited file would."""
        left = {key: each for key, each in self.catalog.environments.items() if key != name}
        self.catalog = replace(self.catalog, environments=left)


def open_office(folder: Path) -> tuple[Office, Store]:
    """Open an office on a fresh SQLite file in `folder`."""
    clock = Ticking()
    store = open_store(f"sqlite:///{folder / 'shipmate.db'}", clock)
    return Office(store, clock), store
