"""The run while one stimulus is applied to it, and what can become of a single step.

A `Draft` is the only mutable thing of this package: made and dropped within one call of `transitions.apply`.
The functions here change one step and say what has happened; which step is next is `stepping`'s business.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.catalog.model import Step
from bot.events import (
    ApprovalRequested,
    Event,
    StepFailed,
    StepRetrying,
    StepSkipped,
    StepStarted,
    StepSucceeded,
)
from bot.run.backoff import delay
from bot.run.model import Gate, Reason, Run, StepPhase, StepRun
from bot.run.stimuli import StepErrored


class Draft:
    """A run while a stimulus is applied: its next state, what has happened and which attempts began."""

    def __init__(self, run: Run, now: datetime) -> None:
        self.run = run
        self.now = now
        self.events: list[Event] = []
        self.started: set[tuple[str, int]] = set()

    def put(self, step: StepRun) -> None:
        """Replace the step of that name."""
        steps = tuple(step if each.name == step.name else each for each in self.run.steps)
        self.run = replace(self.run, steps=steps)

    def tell(self, event: Event) -> None:
        """Note what has happened."""
        self.events.append(event)

    def spec(self, name: str) -> Step:
        """Find what the plan says of a step."""
        return next(each for each in self.run.plan.workflow.steps if each.name == name)


def start(draft: Draft, step: StepRun) -> None:
    """Begin the next attempt of a step."""
    timeout = draft.spec(step.name).timeout
    first = step.first_started or draft.now
    begun = replace(
        step,
        phase=StepPhase.RUNNING,
        reason=Reason.WAIT,
        message="",
        attempt=step.attempt + 1,
        first_started=first,
        started=draft.now,
        wake_at=None,
        deadline=None if timeout is None else first + timedelta(seconds=timeout),
        progress=(),
    )
    draft.put(begun)
    draft.started.add((begun.name, begun.attempt))
    draft.tell(StepStarted(at=draft.now, step=begun.name, attempt=begun.attempt))


def succeed(draft: Draft, step: StepRun, *, message: str, outputs: Mapping[str, Any]) -> None:
    """End a step well."""
    done = replace(
        step,
        phase=StepPhase.SUCCEEDED,
        reason=Reason.NONE,
        message=message,
        ended=draft.now,
        wake_at=None,
        outputs=outputs,
    )
    draft.put(done)
    draft.tell(StepSucceeded(at=draft.now, step=step.name, attempt=step.attempt))


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
        )
    )
    if gate.until is None:
        draft.tell(
            ApprovalRequested(
                at=draft.now, step=step.name, attempt=step.attempt, message=gate.message
            )
        )


def fail(draft: Draft, step: StepRun, errored: StepErrored) -> None:
    """Take a failed attempt: another one later, or the end of the step."""
    if errored.retryable and step.failures < draft.spec(step.name).retries:
        again_at = draft.now + timedelta(seconds=delay(step.failures + 1))
        draft.put(
            replace(
                step,
                reason=Reason.EXECUTE,
                message=errored.message,
                failures=step.failures + 1,
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
    end_badly(draft, step, reason, errored.message, errored.details)


def end_badly(
    draft: Draft, step: StepRun, reason: Reason, message: str, details: tuple[str, ...] = ()
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
        )
    )


def skip(draft: Draft, step: StepRun, message: str) -> None:
    """Pass a step over."""
    draft.put(
        replace(
            step,
            phase=StepPhase.SKIPPED,
            reason=Reason.SKIP,
            message=message,
            ended=draft.now,
        )
    )
    draft.tell(StepSkipped(at=draft.now, step=step.name, message=message))
