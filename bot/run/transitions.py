"""The state machine of a run: (run, stimulus, now) -> changed run, what to do next, what has happened.

Pure. The caller stores the transition before it acts on the effects, so that a crash in between only means
that the effects are derived again from the stored run (`effects_of`). A stimulus that no longer fits is
answered with `Ignored`, never with a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.catalog.model import Workflow
from bot.events import Event, RunId, RunStarted
from bot.run import asking, requests
from bot.run.again import Behind
from bot.run.conditions import left
from bot.run.draft import Draft, fail, succeed, suspend, wait
from bot.run.ending import SHIPMATE
from bot.run.gates import answer
from bot.run.line import leave, unfit
from bot.run.model import Origin, Plan, Revision, Run, RunPhase, StepPhase, StepRun
from bot.run.stepping import advance
from bot.run.stimuli import (
    Approved,
    AttemptStimulus,
    Began,
    Declined,
    GaveWay,
    GlassBroken,
    Rejected,
    RestartAsked,
    ResumeAsked,
    RetryAsked,
    ReviewSigned,
    SkipAsked,
    StepErrored,
    StepFinished,
    StepProgressed,
    StepSuspended,
    StepWaiting,
    Stimulus,
    StopAsked,
    SuspendAsked,
    TimePassed,
    VotesVoided,
    VoteWithdrawn,
)
from bot.run.timing import due, restart_at
from bot.run.waiting import Wish
from bot.run.why import Why

AFTER_THE_END = RetryAsked | RestartAsked | SkipAsked
"""What can be asked of a run that is over."""
REMEMBERED = 8
"""Requests of which a run knows that they have changed it: one that comes again does so before many others."""
WITH_A_RESTART = TimePassed | StopAsked
"""What can happen to one that is over and is to be done again by the clock."""


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
    wish: Wish | None = None,
    at: datetime | None = None,
) -> tuple[Run, tuple[Event, ...]]:
    """Make an accepted run, to be stored and then, when its turn comes, given `Began`."""
    run = Run(
        id=run_id,
        number=number,
        plan=plan,
        origin=origin,
        created=now,
        steps=pending_steps(plan.workflow),
        events=1,
        wish=wish,
        at=at,
    )
    return run, (RunStarted(at=now),)


def pending_steps(workflow: Workflow) -> tuple[StepRun, ...]:
    """Answer the steps of a run that has not begun: groups before their sub-steps, in the order of the file."""
    steps: list[StepRun] = []
    for each in workflow.steps:
        steps.append(StepRun(name=each.name, group=each.is_group))
        steps += [StepRun(name=below.name, parent=each.name) for below in each.sub_steps]
    return tuple(steps)


def apply(run: Run, stimulus: Stimulus, now: datetime) -> Transition | Ignored:
    """Answer what `stimulus` makes of `run` at the time `now`; the request behind it is remembered with the change."""
    changed = _applied(run, stimulus, now)
    behind: Behind | None = getattr(stimulus, "behind", None)
    if behind is None or not behind.request or isinstance(changed, Ignored):
        return changed
    remembered = (*changed.run.behind, behind)[-REMEMBERED:]
    return replace(changed, run=replace(changed.run, behind=remembered))


def _applied(run: Run, stimulus: Stimulus, now: datetime) -> Transition | Ignored:
    why = unfit(run, stimulus)
    if why is not None:
        return Ignored(run=run, why=why)
    if isinstance(stimulus, Began) and stimulus.plan is not None:
        steps = pending_steps(stimulus.plan.workflow)
        run = replace(run, plan=stimulus.plan, steps=steps)
    draft = Draft(run, now)
    if run.phase.ended and isinstance(stimulus, ReviewSigned):
        unsigned = asking.sign(draft, stimulus)
        return _finish(run, draft) if unsigned is None else Ignored(run=run, why=unsigned)
    if run.waits and isinstance(stimulus, StopAsked | GaveWay | Declined):
        leave(draft, stimulus)
        return _finish(run, draft)
    if run.phase.ended and run.restart is not None and isinstance(stimulus, WITH_A_RESTART):
        return _scheduled(draft, stimulus)
    if run.phase.ended and not isinstance(stimulus, AFTER_THE_END):
        return Ignored(run=run, why=_why_ended(run, stimulus))
    ignored = _feed(draft, stimulus)
    if ignored is not None:
        return Ignored(run=run, why=ignored)
    advance(draft)
    return _finish(run, draft)


def _scheduled(draft: Draft, stimulus: TimePassed | StopAsked) -> Transition | Ignored:
    """Begin a run anew by the clock, or let it be over as someone wishes."""
    before = draft.run
    at = restart_at(before)
    if isinstance(stimulus, StopAsked):
        requests.restart_cancelled(draft, stimulus)
    elif at is None or draft.now < at:
        return Ignored(run=before, why=Why.NOTHING_DUE)
    else:
        requests.restart_asked(draft, RestartAsked(by=SHIPMATE))
        draft.run = replace(draft.run, restart=None, restarted=True)
        advance(draft)
    return _finish(before, draft)


def effects_of(run: Run) -> tuple[Effect, ...]:
    """Answer what a process that takes over `run` has to start: every attempt that was under way."""
    return tuple(
        Execute(step=each.name, attempt=each.attempt) for each in run.steps if each.executing
    )


def _feed(draft: Draft, stimulus: Stimulus) -> Why | None:
    """Apply one stimulus; answer why it does not fit, if so."""
    match stimulus:
        case Began() | Declined() | GaveWay():
            return _begin(draft)
        case TimePassed():
            return None if due(draft) else Why.NOTHING_DUE
        case Approved() | Rejected():
            return _answer(draft, stimulus)
        case GlassBroken() | VoteWithdrawn() | VotesVoided() | ReviewSigned():
            return asking.asked(draft, stimulus)
        case StopAsked() | SuspendAsked() | ResumeAsked():
            return _hold(draft, stimulus)
        case RetryAsked():
            return requests.retry_asked(draft, stimulus)
        case RestartAsked():
            return requests.restart_asked(draft, stimulus)
        case SkipAsked():
            return requests.skip_asked(draft, stimulus)
        case _:
            return _feed_attempt(draft, stimulus)


def _hold(draft: Draft, stimulus: StopAsked | SuspendAsked | ResumeAsked) -> Why | None:
    """Let a run end, stand still or go on."""
    match stimulus:
        case StopAsked():
            return requests.stop_asked(draft, stimulus)
        case SuspendAsked():
            return requests.suspend_asked(draft, stimulus)
        case ResumeAsked():
            return requests.resume_asked(draft, stimulus)


def _begin(draft: Draft) -> Why | None:
    run, timeout = draft.run, draft.run.plan.workflow.timeout
    if run.phase is not RunPhase.INITIALIZING:
        return Why.OUTDATED
    deadline = None if timeout is None else draft.now + timedelta(seconds=timeout)
    draft.run = replace(run, began=draft.now, deadline=deadline)
    return None


def _feed_attempt(draft: Draft, stimulus: AttemptStimulus) -> Why | None:
    step = draft.steps.get(stimulus.step)
    if step is None or not step.executing or step.attempt != stimulus.attempt:
        return Why.OUTDATED
    match stimulus:
        case StepProgressed():
            draft.put(replace(step, progress=stimulus.progress, message=stimulus.message))
        case StepFinished():
            message = stimulus.message or _twice(draft, stimulus.outputs)
            if stimulus.restart is not None:
                draft.run = replace(draft.run, restart=stimulus.restart)
            succeed(
                draft,
                step,
                message=message,
                outputs=stimulus.outputs,
                details=stimulus.details,
                log=stimulus.log,
            )
        case StepSuspended():
            suspend(draft, step, stimulus.gate)
        case StepWaiting():
            wait(draft, step, stimulus)
        case StepErrored():
            fail(draft, step, stimulus)
    return None


def _twice(draft: Draft, outputs: Mapping[str, Any]) -> str:
    """Say which outputs another step has left before with another value: the first one counts."""
    known = left(draft.steps.values()) if outputs else {}
    twice = [name for name, value in outputs.items() if known.get(name) not in (None, value)]
    return f"failed to set output {', '.join(twice)}: another step has left it" if twice else ""


def _answer(draft: Draft, stimulus: Approved | Rejected) -> Why | None:
    step = draft.steps.get(stimulus.step)
    if step is None or (step.phase is not StepPhase.SUSPENDING and step.decision is None):
        return Why.NOTHING_WAITING
    if step.attempt != stimulus.attempt and not (
        step.decision is not None and step.gate is not None and step.gate.then_runs
    ):
        return Why.OUTDATED
    if step.decision is not None:
        return Why.ALREADY_DECIDED
    if not step.at_gate:
        return Why.NOTHING_WAITING
    return answer(draft, step, stimulus)


def _why_ended(run: Run, stimulus: Stimulus) -> Why:
    if isinstance(stimulus, Approved | Rejected):
        step = run.step(stimulus.step)
        if step is not None and step.decision is not None and step.attempt == stimulus.attempt:
            return Why.ALREADY_DECIDED
    return Why.ENDED


def _finish(before: Run, draft: Draft) -> Transition:
    """Number the change and say what has to be done about the steps that began or ended with it."""
    run = replace(
        draft.run,
        steps=tuple(draft.steps.values()),
        version=before.version + 1,
        events=before.events + len(draft.events),
    )
    effects: list[Effect] = []
    for old, new in zip(before.steps, run.steps, strict=True):
        if new is old:
            continue
        begun = (new.name, new.attempt) in draft.started and new.executing
        if old.executing and (begun or not new.executing):
            effects.append(Cancel(step=new.name))
        if begun:
            effects.append(Execute(step=new.name, attempt=new.attempt))
    return Transition(
        run=run,
        effects=tuple(effects),
        events=tuple(draft.events),
        revision=_revision(before, run, draft),
    )


def _revision(before: Run, run: Run, draft: Draft) -> Revision | None:
    if run.revision is None or run.revision == before.revision:
        return None
    return Revision(
        number=run.revision,
        run=run.id,
        run_number=run.number,
        plan=run.plan,
        by=run.origin.person,
        at=draft.now,
        duration=(draft.now - run.since).total_seconds(),
    )
