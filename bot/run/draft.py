"""The run while one stimulus is applied to it, and what can become of a single step.

A `Draft` is the only mutable thing of this package: made and dropped within one call of `transitions.apply`.
The functions here change one step and say what has happened; which step is next is `stepping`'s business.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from bot.catalog.model import Step
from bot.events import (
    ApprovalRequested,
    Event,
    Log,
    PersonName,
    StepFailed,
    StepHeld,
    StepRetrying,
    StepSkipped,
    StepStarted,
    StepSucceeded,
)
from bot.run.backoff import after_failure, before_next_look
from bot.run.model import Gate, Reason, Run, StepPhase, StepRun
from bot.run.stimuli import StepErrored, StepWaiting
from bot.run.terms import alarms_for, terms_for
from bot.workflow.shape import Shape


class Draft:
    """A run while a stimulus is applied: its next state, what has happened and which attempts began.

    `run` is everything but the steps, which are in `steps` by their names, in the order of the file.
    """

    def __init__(self, run: Run, now: datetime) -> None:
        self.run = run
        self.steps = {each.name: each for each in run.steps}
        self.now = now
        self.events: list[Event] = []
        self.started: set[tuple[str, int]] = set()

    @cached_property
    def shape(self) -> Shape:
        """The structure of the run's workflow."""
        return Shape(self.run.plan.workflow)

    def put(self, step: StepRun) -> None:
        """Replace the step of that name."""
        self.steps[step.name] = step

    def tell(self, event: Event) -> None:
        """Note what has happened."""
        self.events.append(event)

    def spec(self, name: str) -> Step:
        """Find what the plan says of a step."""
        return self.shape.specs[name]

    def below(self, group: str) -> list[StepRun]:
        """List the sub-steps of a group."""
        return [self.steps[each.name] for each in self.spec(group).sub_steps]


def start(draft: Draft, step: StepRun) -> None:
    """Begin the next attempt of a step; a group only begins to hold its sub-steps."""
    timeout = draft.spec(step.name).timeout
    first = step.first_started or draft.now
    begun = replace(
        step,
        phase=StepPhase.RUNNING,
        reason=Reason.NONE if step.group else Reason.WAIT,
        message="",
        attempt=step.attempt + 1,
        looks=0,
        first_started=first,
        started=draft.now,
        wake_at=None,
        deadline=None if timeout is None else first + timedelta(seconds=timeout),
        progress=(),
    )
    draft.put(begun)
    if not begun.group:
        draft.started.add((begun.name, begun.attempt))
    draft.tell(StepStarted(at=draft.now, step=begun.name, attempt=begun.attempt))


def go_on(draft: Draft, step: StepRun) -> None:
    """Execute the present attempt of a step again: the next look, or what stood still goes on."""
    draft.put(replace(step, phase=StepPhase.RUNNING, reason=Reason.WAIT, wake_at=None))
    draft.started.add((step.name, step.attempt))


def succeed(
    draft: Draft,
    step: StepRun,
    *,
    message: str,
    outputs: Mapping[str, Any] | None = None,
    details: tuple[str, ...] = (),
    log: Log | None = None,
) -> None:
    """End a step well. One that was at a gate keeps the reason `Suspend`, as in KubeVela."""
    done = replace(
        step,
        phase=StepPhase.SUCCEEDED,
        reason=Reason.SUSPEND if step.gate is not None else Reason.NONE,
        message=message,
        ended=draft.now,
        wake_at=None,
        outputs=outputs or {},
    )
    draft.put(done)
    draft.tell(
        StepSucceeded(at=draft.now, step=step.name, attempt=step.attempt, details=details, log=log)
    )


def suspend(draft: Draft, step: StepRun, gate: Gate) -> None:
    """Let a step wait at its gate."""
    draft.put(
        replace(
            step,
            phase=StepPhase.SUSPENDING,
            reason=Reason.SUSPEND,
            message=gate.message,
            gate=gate,
            decision=None,
            votes=(),
            terms=terms_for(draft.run.plan, gate, draft.run.plan.environment),
            alarms=alarms_for(gate, draft.run.plan.environment, draft.now),
        )
    )
    if gate.until is None:
        draft.tell(
            ApprovalRequested(
                at=draft.now, step=step.name, attempt=step.attempt, message=gate.message
            )
        )
    else:
        draft.tell(StepHeld(at=draft.now, step=step.name, attempt=step.attempt, until=gate.until))


def wait(draft: Draft, step: StepRun, waiting: StepWaiting) -> None:
    """Let a step wait for what is not there yet; that is no failure, however often it is looked at."""
    looks = step.looks + 1
    seconds = before_next_look(looks) if waiting.after is None else waiting.after
    draft.put(
        replace(
            step,
            reason=Reason.WAIT,
            message=waiting.message,
            looks=looks,
            wake_at=draft.now + timedelta(seconds=seconds),
        )
    )


def fail(draft: Draft, step: StepRun, errored: StepErrored) -> None:
    """Take a failed attempt: another one later, or the end of the step."""
    spec = draft.spec(step.name)
    if errored.retryable and step.failures < spec.retries:
        failures = step.failures + 1
        again_at = draft.now + timedelta(seconds=after_failure(failures, spec.backoff))
        draft.put(
            replace(
                step,
                phase=StepPhase.FAILED,
                reason=Reason.EXECUTE,
                message=errored.message,
                failures=failures,
                wake_at=again_at,
            )
        )
        draft.tell(
            StepRetrying(
                at=draft.now,
                step=step.name,
                attempt=step.attempt,
                message=errored.message,
                again_at=again_at,
            )
        )
        return
    reason = Reason.FAILED_AFTER_RETRIES if errored.retryable else errored.reason
    left = replace(step, outputs=errored.outputs)
    end_badly(draft, left, reason, errored.message, errored.details, errored.log)


def end_badly(
    draft: Draft,
    step: StepRun,
    reason: Reason,
    message: str,
    details: tuple[str, ...] = (),
    log: Log | None = None,
) -> None:
    """Fail a step for good."""
    draft.put(
        replace(
            step,
            phase=StepPhase.FAILED,
            reason=reason,
            message=message,
            ended=draft.now,
            wake_at=None,
            details=details,
        )
    )
    draft.tell(
        StepFailed(
            at=draft.now,
            step=step.name,
            attempt=step.attempt,
            reason=reason.value,
            message=message,
            details=details,
            group=step.group,
            log=log,
        )
    )


def skip(draft: Draft, step: StepRun, message: str, *, by: PersonName | None = None) -> None:
    """Pass a step over, with all sub-steps that are not over."""
    draft.put(
        replace(
            step,
            phase=StepPhase.SKIPPED,
            reason=Reason.SKIP,
            message=message,
            ended=draft.now,
            wake_at=None,
            skipped_by=by,
        )
    )
    draft.tell(StepSkipped(at=draft.now, step=step.name, message=message, by=by))
    for each in draft.below(step.name) if step.group else ():
        if not each.over:
            skip(draft, each, "its group was skipped", by=by)
