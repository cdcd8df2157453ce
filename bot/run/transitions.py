"""The state machine of a run: (run, stimulus, now) -> changed run, what to do next, what has happened.

Pure. The caller stores the transition before it acts on the effects, so that a crash in between only means
that the effects are derived again from the stored run (`effects_of`). A stimulus that no longer fits is
answered with `Ignored`, never with a guess.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.events import Event, RunId, RunRetried, RunStarted
from bot.run.draft import Draft, fail, succeed, suspend
from bot.run.gates import answer
from bot.run.model import Origin, Plan, Revision, Run, RunPhase, StepPhase, StepRun
from bot.run.stepping import advance, due, stop
from bot.run.stimuli import (
    Approved,
    Began,
    Rejected,
    RetryAsked,
    StepErrored,
    StepFinished,
    StepProgressed,
    StepSuspended,
    Stimulus,
    StopAsked,
    TimePassed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Execute:
    """Start the coroutine of this attempt."""

    step: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """End the coroutine of this step, if it is still going."""

    step: str


Effect = Execute | Cancel


class Why(StrEnum):
    """Why a stimulus changes nothing."""

    ENDED = "ended"
    """The run is over."""
    OUTDATED = "outdated"
    """It speaks of an attempt that is no longer the present one."""
    ALREADY_DECIDED = "already_decided"
    """The step has its answer."""
    NOTHING_WAITING = "nothing_waiting"
    """No gate is open there."""
    NOTHING_DUE = "nothing_due"
    """No time has come."""
    NOT_FAILED = "not_failed"
    """Only a step that failed can be retried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """The run stays as it is."""

    run: Run
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The run as it is now, to be stored together with `events` and `revision`, before `effects` happen."""

    run: Run
    effects: tuple[Effect, ...]
    events: tuple[Event, ...]
    revision: Revision | None = None


def new_run(
    *,
    run_id: RunId,
    number: int,
    plan: Plan,
    origin: Origin,
    now: datetime,
) -> tuple[Run, tuple[Event, ...]]:
    """Make an accepted run, to be stored and then given `Began`."""
    steps = tuple(StepRun(name=each.name) for each in plan.workflow.steps)
    run = Run(
        id=run_id, number=number, plan=plan, origin=origin, created=now, steps=steps, events=1
    )
    return run, (RunStarted(at=now),)


def apply(run: Run, stimulus: Stimulus, now: datetime) -> Transition | Ignored:
    """Answer what `stimulus` makes of `run` at the time `now`."""
    if isinstance(stimulus, RetryAsked):
        return _retry(run, stimulus, now)
    if run.phase.ended:
        return Ignored(run=run, why=_why_ended(run, stimulus))
    draft = Draft(run, now)
    ignored = _feed(draft, stimulus)
    if ignored is not None:
        return Ignored(run=run, why=ignored)
    advance(draft)
    return _finish(run, draft)


def effects_of(run: Run) -> tuple[Effect, ...]:
    """Answer what a process that takes over `run` has to start: every attempt that was under way."""
    return tuple(
        Execute(step=each.name, attempt=each.attempt)
        for each in run.steps
        if each.phase is StepPhase.RUNNING and each.wake_at is None
    )


def next_alarm(run: Run) -> datetime | None:
    """Answer when the clock has to wake this run, if at all."""
    moments = [
        moment
        for each in run.steps
        if not each.phase.ended
        for moment in (each.wake_at, each.deadline, each.gate.until if each.gate else None)
        if moment is not None
    ]
    return min(moments, default=None)


def _feed(draft: Draft, stimulus: Stimulus) -> Why | None:
    """Apply one stimulus to a run that has not ended; answer why it does not fit, if so."""
    match stimulus:
        case Began():
            return None if draft.run.phase is RunPhase.INITIALIZING else Why.OUTDATED
        case StepProgressed() | StepFinished() | StepSuspended() | StepErrored():
            return _feed_attempt(draft, stimulus)
        case TimePassed():
            return None if due(draft) else Why.NOTHING_DUE
        case Approved() | Rejected():
            return _answer(draft, stimulus)
        case StopAsked():
            stop(draft, by=stimulus.by, reason=stimulus.reason)
            return None
        case RetryAsked():
            return Why.NOT_FAILED


def _feed_attempt(
    draft: Draft, stimulus: StepProgressed | StepFinished | StepSuspended | StepErrored
) -> Why | None:
    step = draft.run.step(stimulus.step)
    if (
        step is None
        or step.phase is not StepPhase.RUNNING
        or step.attempt != stimulus.attempt
        or step.wake_at is not None
    ):
        return Why.OUTDATED
    match stimulus:
        case StepProgressed():
            draft.put(replace(step, progress=stimulus.progress, message=stimulus.message))
        case StepFinished():
            succeed(draft, step, message=stimulus.message, outputs=stimulus.outputs)
        case StepSuspended():
            suspend(draft, step, stimulus.gate)
        case StepErrored():
            fail(draft, step, stimulus)
    return None


def _answer(draft: Draft, stimulus: Approved | Rejected) -> Why | None:
    step = draft.run.step(stimulus.step)
    if step is None or (step.phase is not StepPhase.SUSPENDING and step.decision is None):
        return Why.NOTHING_WAITING
    if step.attempt != stimulus.attempt:
        return Why.OUTDATED
    if step.decision is not None:
        return Why.ALREADY_DECIDED
    answer(
        draft,
        step,
        approved=isinstance(stimulus, Approved),
        by=stimulus.by,
        reason=stimulus.reason,
        via=stimulus.via,
    )
    return None


def _why_ended(run: Run, stimulus: Stimulus) -> Why:
    if isinstance(stimulus, Approved | Rejected):
        step = run.step(stimulus.step)
        if step is not None and step.decision is not None and step.attempt == stimulus.attempt:
            return Why.ALREADY_DECIDED
    return Why.ENDED


def _retry(run: Run, stimulus: RetryAsked, now: datetime) -> Transition | Ignored:
    failed = [each.name for each in run.steps if each.phase is StepPhase.FAILED]
    wanted = stimulus.step or (failed[0] if failed else "")
    if not run.phase.ended or wanted not in failed:
        return Ignored(run=run, why=Why.NOT_FAILED)
    reached = False
    steps: list[StepRun] = []
    for each in run.steps:
        reached = reached or each.name == wanted
        cleared = StepRun(name=each.name, attempt=each.attempt, round=each.round + 1)
        steps.append(cleared if reached else each)
    draft = Draft(
        replace(
            run, phase=RunPhase.EXECUTING, steps=tuple(steps), ended=None, message="", ended_by=None
        ),
        now,
    )
    draft.tell(RunRetried(at=now, by=stimulus.by, step=wanted))
    advance(draft)
    return _finish(run, draft)


def _finish(before: Run, draft: Draft) -> Transition:
    """Number the change and say what has to be done about the steps that began or ended with it."""
    run = replace(draft.run, version=before.version + 1, events=before.events + len(draft.events))
    effects: list[Effect] = []
    for old, new in zip(before.steps, run.steps, strict=True):
        if (
            old.phase is StepPhase.RUNNING
            and old.wake_at is None
            and new.phase is not StepPhase.RUNNING
        ):
            effects.append(Cancel(step=new.name))
        if (new.name, new.attempt) in draft.started:
            effects.append(Execute(step=new.name, attempt=new.attempt))
    return Transition(
        run=run, effects=tuple(effects), events=tuple(draft.events), revision=_revision(run, draft)
    )


def _revision(run: Run, draft: Draft) -> Revision | None:
    if run.phase is not RunPhase.SUCCEEDED or run.revision is None:
        return None
    return Revision(
        number=run.revision,
        run=run.id,
        run_number=run.number,
        plan=run.plan,
        by=run.origin.person,
        at=draft.now,
        duration=(draft.now - run.created).total_seconds(),
    )
