"""Whose turn it is: lets the next run of a line begin when nothing is under way any more, whatever happened meanwhile.

Nothing of it is remembered: who waits, and behind whom, is read from the store, so that a process that dies between
the end of one run and the begin of the next loses nothing, and the transaction that begins a run begins it once.
One of the few places that catch everything: what breaks in one line stops no other.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from bot.catalog.model import Catalog, Concurrency
from bot.errors import Temporary
from bot.operations.admission import HOLDING, admitted
from bot.operations.deliveries import plan_delivery, unfit
from bot.operations.desk import Desk
from bot.operations.finding import enter, governing
from bot.policy.decisions import Action
from bot.policy.people import gone
from bot.policy.queueing import busy
from bot.policy.refusals import Code, Refusal
from bot.run.line import Standing, in_line, standing
from bot.run.model import Run
from bot.run.ports import Latest
from bot.run.stimuli import Began, Declined, Stimulus
from bot.run.waiting import Refused

log = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds before it tries again when the store is away."""
LOOK_AGAIN = 30.0
"""Seconds between two looks whether what holds a run is over; whoever ends it may say so at once."""

Place = tuple[str, str]
"""An (application, environment)."""


async def move(desk: Desk, application: str, environment: str) -> bool:
    """Let the next run of a line begin, if it can; say whether it is held.

    One that can no longer be done ends, and the one after it is next.
    """
    while True:
        latest = await desk.runs.latest(application, environment)
        line = in_line(latest.line, desk.clock.now())
        if not line:
            return False
        hold = await desk.hold(line[0])
        decide = partial(turn_of, catalog=desk.catalog(), now=desk.clock.now(), hold=hold)
        after = await desk.engine.begin(line[0], decide)
        if after is None:
            return bool(hold)
        if not after.phase.ended:
            return False


def turn_of(
    run: Run, latest: Latest, *, catalog: Catalog, now: datetime, hold: str = ""
) -> Stimulus | None:
    """Decide what the turn of `run` means: it begins, it ends with the reason why it cannot, or it goes on waiting."""
    if next((each.id for each in in_line(latest.line, now)), None) != run.id:
        return None
    if latest.unfinished is not None:
        refuses = governing(catalog, run).concurrency is Concurrency.REFUSE
        return _declined(busy(latest.unfinished)) if refuses else None
    if hold:
        return None
    if run.wish is None:
        return _as_accepted(run, latest, catalog)
    person = catalog.people.get(run.origin.person)
    if person is None:
        return _declined(gone(catalog, run.origin.person))
    destination = enter(
        catalog,
        person,
        Action.DEPLOY,
        application=run.application,
        environment=run.environment,
    )
    if isinstance(destination, Refusal):
        return _declined(destination)
    plan = unfit(destination.application, run.wish) or plan_delivery(destination, run.wish, latest)
    if not isinstance(plan, Refusal):
        plan = admitted(catalog, person, destination.environment, plan, latest, now)
    if isinstance(plan, Refusal):
        return None if plan.code in HOLDING else _declined(plan)
    return Began(plan=plan)


def _as_accepted(run: Run, latest: Latest, catalog: Catalog) -> Stimulus:
    """Begin what was decided when it was accepted, unless it was decided on another revision: a rollback."""
    in_force = latest.revision.number if latest.revision else 0
    place = {"application": run.application, "environment": run.environment}
    if run.plan.based_on != in_force:
        return _declined(Refusal(code=Code.PLAN_CHANGED, facts=place))
    person = catalog.people.get(run.origin.person)
    if run.plan.rollback_to is None or person is None:
        return Began() if person else _declined(gone(catalog, run.origin.person))
    entered = enter(catalog, person, Action.ROLLBACK, **place)
    return _declined(entered) if isinstance(entered, Refusal) else Began()


def _declined(refusal: Refusal) -> Declined:
    code = refusal.code.value
    return Declined(refused=Refused(code=code, facts=refusal.facts, who=refusal.who))


async def stands(desk: Desk, run: Run) -> Standing | None:
    """Answer where a run stands that waits; None: it does not wait."""
    if not run.waits:
        return None
    latest = await desk.runs.latest(run.application, run.environment)
    hold = await desk.hold(run)
    return standing(run, latest.unfinished, latest.line, desk.clock.now(), hold=hold)


class Turns:
    """Looks at a line whenever something happens in it: an observer of the engine with a loop of its own."""

    def __init__(self, touch: Callable[[Run], None]) -> None:
        """`touch` says that the card of a run that waits may be old."""
        self._touch = touch
        self._desk: Desk | None = None
        self._pending: set[Place] = set()
        self._lines: set[Place] = set()
        self._held: set[Place] = set()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, desk: Desk) -> None:
        """Begin. What waits in the store is heard of from the engine, when it takes it up."""
        self._desk = desk
        self._task = asyncio.create_task(self._loop(), name="turns")

    async def stop(self) -> None:
        """End; who waits goes on waiting in the store."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def changed(self, run: Run, *, announced: bool) -> None:  # noqa: ARG002 - it is an `Observer`
        """Take notice that a run was stored: it may have joined a line, or made room in it."""
        place = (run.application, run.environment)
        if run.waits:
            self._lines.add(place)
        if run.waits or run.phase.ended or place in self._lines:
            self._pending.add(place)
            self._woken.set()

    def look(self) -> None:
        """Look at all lines: what held their runs may be over."""
        self._pending |= self._lines
        self._woken.set()

    async def _loop(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._woken.wait(), LOOK_AGAIN if self._held else None)
            except TimeoutError:
                self._pending |= self._held
            self._woken.clear()
            while self._pending:
                place = self._pending.pop()
                try:
                    await self._look_at(place)
                except Temporary as error:
                    log.warning("a line of runs is not looked at: %s", error)
                    self._pending.add(place)
                    await asyncio.sleep(PAUSE)
                except Exception:  # the named boundary: one broken line must not stop the others
                    log.exception("the line of %s in %s could not be moved", *place)

    async def _look_at(self, place: Place) -> None:
        """Move a line, and let the cards of those who go on waiting say where they stand now."""
        assert self._desk is not None, "it has been started"
        held = await move(self._desk, *place)
        (self._held.add if held else self._held.discard)(place)
        waiting = (await self._desk.runs.latest(*place)).line
        (self._lines.add if waiting else self._lines.discard)(place)
        for each in waiting:
            self._touch(each)
