"""Where a run is by its events alone: the log tells everything that the stored state says of phases."""

from collections.abc import Iterable

from bot.events import (
    ApprovalDecided,
    ApprovalRequested,
    Event,
    RunFailed,
    RunResumed,
    RunRetried,
    RunStopped,
    RunSucceeded,
    RunSuspended,
    RunTerminated,
    StepFailed,
    StepHeld,
    StepRetrying,
    StepSkipped,
    StepStarted,
    StepSucceeded,
    TurnRefused,
)
from bot.run.model import Run, RunPhase, StepPhase

StepEvent = (
    StepStarted
    | StepHeld
    | ApprovalRequested
    | StepSucceeded
    | StepFailed
    | StepRetrying
    | StepSkipped
)
STEPS: dict[type[Event], StepPhase] = {
    StepStarted: StepPhase.RUNNING,
    StepHeld: StepPhase.SUSPENDING,
    ApprovalRequested: StepPhase.SUSPENDING,
    StepSucceeded: StepPhase.SUCCEEDED,
    StepFailed: StepPhase.FAILED,
    StepRetrying: StepPhase.FAILED,
    StepSkipped: StepPhase.SKIPPED,
}
ENDS: dict[type[Event], RunPhase] = {
    RunSucceeded: RunPhase.SUCCEEDED,
    RunFailed: RunPhase.FAILED,
    RunTerminated: RunPhase.TERMINATED,
    TurnRefused: RunPhase.FAILED,
}


class Replay:
    """The phases of a run and its steps, moved by events only. A group's phase follows from its steps."""

    def __init__(self, run: Run) -> None:
        self._parents = {each.name: each.parent for each in run.steps}
        self._steps = {each.name: StepPhase.PENDING for each in run.steps}
        self._groups = {each.name for each in run.steps if each.group}
        self._paused = False
        self._ended: RunPhase | None = None

    def take(self, events: Iterable[Event]) -> None:
        """Take the events of one change."""
        for event in events:
            self._move(event)

    def phases(self) -> dict[str, StepPhase]:
        """Answer the phase of each step."""
        found = dict(self._steps)
        for group in self._groups:
            inside = [found[name] for name, parent in self._parents.items() if parent == group]
            if found[group] is StepPhase.RUNNING and StepPhase.SUSPENDING in inside:
                found[group] = StepPhase.SUSPENDING
        return found

    @property
    def run_phase(self) -> RunPhase:
        """The phase of the run."""
        if self._ended is not None:
            return self._ended
        held = self._paused or StepPhase.SUSPENDING in self._steps.values()
        return RunPhase.SUSPENDING if held else RunPhase.EXECUTING

    def _move(self, event: Event) -> None:
        if isinstance(event, ApprovalDecided):
            self._paused = self._paused and not event.stops
        elif isinstance(event, StepEvent):
            self._steps[event.step] = STEPS[type(event)]
        elif isinstance(event, RunSuspended | RunResumed):
            self._paused = isinstance(event, RunSuspended)
            phase = StepPhase.SUSPENDING if self._paused else StepPhase.RUNNING
            self._steps |= dict.fromkeys(event.steps, phase)
        elif isinstance(event, RunRetried):
            self._paused = self._paused and bool(event.step)
            self._ended = None
            self._steps |= dict.fromkeys(event.steps, StepPhase.PENDING)
        elif isinstance(event, RunStopped | RunSucceeded | RunFailed | RunTerminated | TurnRefused):
            self._paused, self._ended = False, ENDS.get(type(event))
