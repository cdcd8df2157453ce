"""Moves runs: applies what happens to them, stores it, and only then lets it take effect.

One lock a run keeps its changes in order; different runs move side by side and share commits in the store.
A run that only waits for a person or the clock is a row in the store and an alarm, nothing in memory. The
engine knows neither chat nor cluster: steps act, and an observer hears of every stored change.
"""

import asyncio
import itertools
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from weakref import WeakValueDictionary

from bot.clock import Clock
from bot.engine.attempts import Attempts
from bot.engine.ports import Alarms, Observer
from bot.errors import Conflict, Permanent, Temporary
from bot.events import RunId
from bot.logs import about
from bot.run import transitions
from bot.run.ending import SHIPMATE
from bot.run.line import in_line
from bot.run.model import Run
from bot.run.ports import Decide, Hold, Latest, Runs, nothing_holds
from bot.run.stimuli import AttemptStimulus, Began, Stimulus, StopAsked, TimePassed
from bot.run.timing import next_alarm, restart_at
from bot.run.transitions import Cancel, Execute, Ignored, Transition
from bot.run.why import Why
from bot.sealing import Seals
from bot.secrecy import Secrecy
from bot.steps.contract import Capabilities, StepType

log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0
"""Seconds between two tries to store a change while the store is away, at the most."""
LOOK_AGAIN = timedelta(seconds=30)
"""Between two looks whether what keeps a run from beginning anew is over; whoever ends it may say so at once."""


BY_ITSELF = AttemptStimulus | TimePassed | Began
"""What happens to runs without anybody who waits for it just now."""
TOGETHER = 50
"""Runs that are loaded at once after a start: a few milliseconds of work, between which others have their turn."""


class UnknownRunError(LookupError):
    """There is no such run."""


class Engine:
    """Our own engine: asyncio, one process, any number of runs at once."""

    def __init__(
        self,
        *,
        runs: Runs,
        types: Mapping[str, StepType],
        granted: Capabilities,
        clock: Clock,
        alarms: Alarms,
        observer: Observer,
        hold: Hold = nothing_holds,
        secrecy: Secrecy | None = None,
        seals: Seals | None = None,
    ) -> None:
        """`hold` says what keeps a run from beginning anew by the clock; `secrecy` has what steps may not repeat; by `seals`
        outputs that are secret are stored.
        """
        self._runs = runs
        self._hold = hold
        self._held: set[RunId] = set()
        self._clock = clock
        self._alarms = alarms
        self._observer = observer
        self._live: dict[RunId, Run] = {}
        # A lock lives as long as someone holds it or waits for it, so that ten thousand waiting runs have none.
        self._locks: WeakValueDictionary[RunId, asyncio.Lock] = WeakValueDictionary()
        self._moved: set[RunId] | None = None
        """What the observer has heard of since a start began, while it is still told what there was before."""
        self._telling: asyncio.Task[None] | None = None
        self._attempts = Attempts(
            types=types,
            granted=granted,
            tell=self._tell_patiently,
            secrecy=secrecy or Secrecy(),
            seals=seals or Seals(),
        )

    async def recover(self) -> int:
        """Take up every run that had not ended when the last process did; answer how many.

        Those that wait for their turn go on waiting: whose turn it is, is not the engine's to say. Of those that only
        wait, however many there are, no more than an alarm is needed; the observer hears of them a little later.
        """
        moved = self._moved = set()
        asleep, busy = await self._runs.asleep(), await self._runs.busy()
        scheduled = await self._runs.scheduled()
        for run in busy:
            if run.id not in moved:
                self._remember(run)
                self._observer.changed(run, announced=True)
            # One that was moved meanwhile has only the attempts that began with that.
            self._go_on(run if run.id not in moved else self._live.get(run.id))
        for each in asleep:
            if each.wake is not None and each.run not in moved:
                self._alarms.set(each.run, each.wake)
        for run in scheduled:
            if run.id not in moved:
                self._alarms.set(run.id, next_alarm(run))
        self._telling = asyncio.create_task(self._tell_of([each.run for each in asleep], moved))
        return len(busy) + len(asleep)

    def _go_on(self, run: Run | None) -> None:
        """Start the attempts of a run that nobody does here."""
        if run is not None:
            left = (each for each in transitions.effects_of(run) if isinstance(each, Execute))
            with about(run=run.name):
                self._act(
                    run,
                    tuple(each for each in left if not self._attempts.does(run.id, each.step)),
                )

    async def _tell_of(self, asleep: list[RunId], moved: set[RunId]) -> None:
        """Tell the observer of runs that only wait as they are stored, but for those that it has heard of since."""
        for first in range(0, len(asleep), TOGETHER):
            for run in await self._loaded(asleep[first : first + TOGETHER]):
                if run.id not in moved:
                    self._observer.changed(run, announced=True)
        self._moved = None

    async def _loaded(self, some: Sequence[RunId]) -> list[Run]:
        """Load some runs, however long the store is away, but for those that cannot be read."""
        while True:
            try:
                return await self._runs.load(some)
            except Temporary as error:
                log.warning("runs that wait are not looked at yet: %s", error)
                await asyncio.sleep(min(LONGEST_PAUSE, error.retry_after or 1.0))
            except Permanent as error:
                if len(some) == 1:
                    log.warning("run %s cannot be looked at: %s", some[0], error)
                    return []
                one_by_one = [await self._loaded([each]) for each in some]
                return [run for found in one_by_one for run in found]

    async def begin(self, run: Run, decide: Decide | None = None) -> Run | None:
        """Let the turn of a run come that waits for it; answer the run after it, or None when it goes on waiting.

        `decide` says what its turn means, on what is there in the transaction that stores it; None: it begins.
        Raises Temporary when the store is away.
        """
        if decide is None:
            after = await self.tell(run.id, Began())
            return None if isinstance(after, Ignored) else after
        async with self._locks.setdefault(run.id, asyncio.Lock()):
            changed = await self._runs.change(run.id, partial(self._turn, decide))
            if changed is None:
                return None
            self._settle(changed, stopped=False)
            return changed.run

    def noticed(self, run: Run) -> None:
        """Take notice of a run that was stored without the engine: a new one, or one that left the line."""
        if run.at is not None or run.phase.ended:
            # Any other may have begun by now, with an alarm of its own.
            self._alarms.set(run.id, next_alarm(run))
        self._tell_observer(run, announced=True)

    def _turn(self, decide: Decide, run: Run, latest: Latest) -> Transition | None:
        stimulus = decide(run, latest) if run.waits else None
        if stimulus is None:
            return None
        changed = transitions.apply(run, stimulus, self._clock.now())
        return None if isinstance(changed, Ignored) else changed

    async def tell(self, run_id: RunId, stimulus: Stimulus) -> Run | Ignored:
        """Let something happen to a run; answer the run after it, stored, or why nothing changed.

        Raises UnknownRunError, and Temporary when the store is away (nothing has happened then).
        """
        async with self._locks.setdefault(run_id, asyncio.Lock()):
            return await self._move(run_id, stimulus)

    async def wake(self, run_id: RunId) -> None:
        """Take notice that a moment has come which the run asked to be woken at."""
        try:
            answer = await self._tell_patiently(run_id, TimePassed())
        except Permanent as error:
            # The store keeps one run under way for a place: another one has come, and this one stays over.
            log.info("a run does not begin anew: %s", error)
            return
        if not isinstance(answer, Ignored):
            return
        run = answer.run
        if run_id in self._held:
            self._observer.changed(run, announced=False)  # its card says why
            self._alarms.set(run_id, self._clock.now() + LOOK_AGAIN)
        elif run.waits and run.at is not None and run.at <= self._clock.now():
            self._observer.changed(run, announced=False)  # it joins the line
        else:
            self._alarms.set(run_id, next_alarm(run))

    def look(self) -> None:
        """Look at those that are held when they are to begin anew: what held them may be over."""
        for each in tuple(self._held):
            self._alarms.set(each, self._clock.now())

    async def stop(self) -> None:
        """End all coroutines of steps. The runs stay as they are stored and go on at the next start."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
        await self._attempts.stop()

    async def _move(self, run_id: RunId, stimulus: Stimulus) -> Run | Ignored:
        while True:
            run = self._live.get(run_id) or await self._runs.get(run_id)
            if run is None:
                raise UnknownRunError(run_id)
            happens = stimulus
            if isinstance(stimulus, TimePassed):
                if await self._is_overtaken(run):
                    happens = StopAsked(by=SHIPMATE, reason="another run came after it")
                elif await self._is_held(run):
                    return Ignored(run=run, why=Why.NOTHING_DUE)
            changed = transitions.apply(run, happens, self._clock.now())
            if isinstance(changed, Ignored):
                return changed
            try:
                await self._runs.save(
                    changed.run,
                    changed.events,
                    revision=changed.revision,
                    urgent=not isinstance(stimulus, BY_ITSELF),
                )
            except Conflict:
                # Someone else moved it: what we decided on is old, so decide again on what is stored.
                self._live.pop(run_id, None)
                continue
            self._settle(changed, stopped=isinstance(stimulus, StopAsked))
            return changed.run

    async def _is_overtaken(self, run: Run) -> bool:
        """Say whether a run that is over, and is to begin anew now, must not: it would deliver what is out of date."""
        if not self._begins_anew(run):
            return False
        place = (run.application, run.environment)
        newest = await self._runs.recent(*place, limit=1, begun=True)
        if newest and newest[0].id != run.id:
            return True
        return bool(in_line((await self._runs.latest(*place)).line, self._clock.now()))

    async def _is_held(self, run: Run) -> bool:
        """Say whether a run that is over, and is to begin anew now, may not: nobody could deliver there just now."""
        if self._begins_anew(run) and await self._hold(run):
            self._held.add(run.id)
            return True
        self._held.discard(run.id)
        return False

    def _begins_anew(self, run: Run) -> bool:
        at = restart_at(run) if run.phase.ended else None
        return at is not None and at <= self._clock.now()

    def _settle(self, changed: Transition, *, stopped: bool) -> None:
        """Let a stored transition take effect."""
        run = changed.run
        self._held.discard(run.id)
        with about(run=run.name):
            if stopped:
                log.info("stopped by %s", run.ended_by)
            for event in changed.events:
                # What set it off may have been another step.
                with about(step=getattr(event, "step", "")):
                    log.info("%s", event.kind, extra={"event": event})
            self._act(run, changed.effects)
            self._remember(run)
            self._tell_observer(run, announced=bool(changed.events))

    def _tell_observer(self, run: Run, *, announced: bool) -> None:
        if self._moved is not None:
            self._moved.add(run.id)
        self._observer.changed(run, announced=announced)

    def _act(self, run: Run, effects: tuple[Execute | Cancel, ...]) -> None:
        for effect in effects:
            if isinstance(effect, Cancel):
                self._attempts.cancel(run.id, effect.step)
            else:
                self._attempts.start(run, effect.step, effect.attempt)

    def _remember(self, run: Run) -> None:
        """Keep a run in memory while its steps are busy; what only waits is a row and an alarm."""
        self._alarms.set(run.id, next_alarm(run))
        if any(each.executing for each in run.steps):
            self._live[run.id] = run
        else:
            self._live.pop(run.id, None)

    async def _tell_patiently(self, run_id: RunId, stimulus: Stimulus) -> Run | Ignored:
        """Let something happen that nobody would ask for again: outlast a store that is away."""
        for turn in itertools.count(1):
            try:
                return await self.tell(run_id, stimulus)
            except Temporary as error:
                log.warning("the store did not take a change: %s", error)
                await asyncio.sleep(min(LONGEST_PAUSE, error.retry_after or float(turn)))
        raise AssertionError
