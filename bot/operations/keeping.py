"""Keeps the rules at open gates those of today: when they change, what was said is void and asked again.

Looked at before each answer, when a gate opens or a process takes up its runs, and when the files have changed.
Which change counts is the engine's single stored one: a second look finds nothing left to do.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from bot.catalog.model import Catalog
from bot.errors import Temporary
from bot.events import RunId
from bot.operations.desk import Desk
from bot.operations.finding import governing
from bot.policy.holds import locked_by
from bot.policy.standing import voided
from bot.run.locks import Lock
from bot.run.model import Run, StepRun
from bot.run.transitions import Ignored

log = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds between two looks whether the files have changed."""


async def renewed(
    desk: Desk, run: Run, step: StepRun, locks: Sequence[Lock] | None = None
) -> tuple[Run, StepRun, bool]:
    """Put today's rules at an open gate; answer the run and the step as they are then, and whether that changed them.

    `locks` are all that there are, where they are known; None: they are looked up.
    """
    if not step.at_gate:
        return run, step, False
    catalog = desk.catalog()
    if locks is None:
        locks = await desk.locks.there_are(run.environment)
    locked = locked_by(governing(catalog, run), run, locks, desk.clock.now())
    change = voided(catalog, run, step, locked=locked)
    if change is None:
        return run, step, False
    after = await desk.engine.tell(run.id, change)
    now = after.run if isinstance(after, Ignored) else after
    found = now.step(step.name)
    assert found is not None, "a run keeps its steps"
    return now, found, True


class Keeper:
    """Looks after the open gates of all runs. An observer of the engine: it never fails and never waits there."""

    def __init__(
        self,
        desk: Desk,
        *,
        pause: float = PAUSE,
        others: Callable[[Run], None] = lambda _: None,
    ) -> None:
        """`others` is called with each run that waits when the files have changed: they may ask other people now."""
        self._desk = desk
        self._others = others
        self._pause = pause
        self._seen: Catalog | None = None
        self._waiting: dict[RunId, Run] = {}
        self._everything = False
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin. The runs that a dead process left are told to it as the engine takes them up."""
        self._seen = self._desk.catalog()
        self._task = asyncio.create_task(self._loop(), name="keeper")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def changed(self, run: Run, *, announced: bool) -> None:
        """Take notice of a run: a gate of it may have opened."""
        if announced and any(each.at_gate for each in run.steps):
            self._waiting[run.id] = run
            self._woken.set()

    def look(self) -> None:
        """Look at every open gate: an environment was locked or unlocked."""
        self._everything = True
        self._woken.set()

    async def _loop(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._woken.wait()
            self._woken.clear()
            catalog = self._desk.catalog()
            if catalog is not self._seen:
                self._seen, self._everything = catalog, True
            try:
                await self._review()
            except Temporary as error:
                log.warning("open gates wait to be looked at: %s", error)
                self._everything = True

    async def _review(self) -> None:
        if self._everything:
            for run in await self._desk.runs.unfinished():
                self._waiting[run.id] = run
                if any(each.at_gate for each in run.steps):
                    self._others(run)
            self._everything = False
        locks = await self._desk.locks.there_are() if self._waiting else ()
        while self._waiting:
            run = self._waiting.pop(next(iter(self._waiting)))
            for step in run.steps:
                await renewed(self._desk, run, step, locks)
