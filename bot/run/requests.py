"""What people ask of a run that exists: suspend, resume, retry, restart, skip. Pure.

Each answers why the request does not fit the run as it is, or None when it took effect.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.events import RestartCancelled, RunResumed, RunRetried, RunSuspended
from bot.run.draft import Draft, go_on, skip, start
from bot.run.ending import stop, stop_step
from bot.run.gates import decide
from bot.run.model import Decision, Reason, RunPhase, StepPhase, StepRun
from bot.run.stimuli import (
    RestartAsked,
    ResumeAsked,
    RetryAsked,
    SkipAsked,
    StopAsked,
    SuspendAsked,
)
from bot.run.why import Why


def stop_asked(draft: Draft, asked: StopAsked) -> Why | None:
    """End the run, or one step of it."""
    if not asked.step:
        stop(draft, by=asked.by, reason=asked.reason)
        return None
    step = draft.steps.get(asked.step)
    if step is None:
        return Why.NO_SUCH_STEP
    if step.over or step.phase is StepPhase.PENDING:
        return Why.NOT_RUNNING
    stop_step(draft, step, by=asked.by, reason=asked.reason)
    return None


def suspend_asked(draft: Draft, asked: SuspendAsked) -> Why | None:
    """Let the run stand still: nothing begins, and what runs pauses (all of it, or the step that is named)."""
    if asked.step and asked.step not in draft.steps:
        return Why.NO_SUCH_STEP
    running = [
        each
        for each in draft.steps.values()
        if each.phase is StepPhase.RUNNING
        and not each.group
        and asked.step in {"", each.name, each.parent}
    ]
    if asked.step and not running:
        return Why.NOT_RUNNING
    if not running and draft.run.suspended_by is not None:
        return Why.ALREADY_SUSPENDED
    for each in running:
        draft.put(replace(each, phase=StepPhase.SUSPENDING, wake_at=None))
    draft.run = replace(draft.run, suspended_by=asked.by)
    names = tuple(each.name for each in running)
    draft.tell(RunSuspended(at=draft.now, by=asked.by, reason=asked.reason, steps=names))
    return None


def resume_asked(draft: Draft, asked: ResumeAsked) -> Why | None:
    """Let what is suspended go on: gates open, what stood still runs again."""
    if asked.step and asked.step not in draft.steps:
        return Why.NO_SUCH_STEP
    meant = [
        each
        for each in draft.steps.values()
        if each.phase is StepPhase.SUSPENDING
        and not each.group
        and asked.step in {"", each.name, each.parent}
    ]
    opened = [each for each in meant if each.at_gate and asked.gates]
    if not opened and not (draft.run.suspended_by and (meant or not asked.step)):
        return Why.NOTHING_WAITING
    if draft.run.suspended_by is not None:
        _resume(draft, asked)
    for each in opened:
        yes = Decision(approved=True, by=asked.by, at=draft.now, reason=asked.reason, via=asked.via)
        decide(draft, each, yes)
    return None


def _resume(draft: Draft, asked: ResumeAsked) -> None:
    """Lift what stands still by request; as in KubeVela that is the whole run, whatever step was named."""
    paused = [
        each
        for each in draft.steps.values()
        if each.phase is StepPhase.SUSPENDING and not each.group and not each.at_gate
    ]
    draft.run = replace(draft.run, suspended_by=None)
    names = tuple(each.name for each in paused)
    draft.tell(RunResumed(at=draft.now, by=asked.by, reason=asked.reason, steps=names))
    for each in paused:
        go_on(draft, each)


def retry_asked(draft: Draft, asked: RetryAsked) -> Why | None:
    """Go on from a failed step, with all that comes after it; or make the next attempt of one now."""
    if asked.step and asked.step not in draft.steps:
        return Why.NO_SUCH_STEP
    waiting = [
        each
        for each in draft.steps.values()
        if each.retrying and asked.step in {"", each.name, each.parent}
    ]
    if waiting and not draft.run.phase.ended:
        for each in waiting:
            start(draft, each)
        return None
    failed = [each for each in draft.steps.values() if each.phase is StepPhase.FAILED]
    wanted = asked.step or next((each.name for each in failed if not each.group), "")
    if draft.run.phase is RunPhase.SUCCEEDED or wanted not in {each.name for each in failed}:
        return Why.NOT_FAILED
    if not asked.step and not draft.run.phase.ended:
        return Why.NOT_ENDED
    anew = _anew(draft, wanted)
    _reopen(draft, anew)
    draft.tell(RunRetried(at=draft.now, by=asked.by, step=wanted, steps=anew))
    return None


def restart_asked(draft: Draft, asked: RestartAsked) -> Why | None:
    """Do all steps again."""
    _reopen(draft, draft.steps)
    draft.run = replace(draft.run, suspended_by=None)
    draft.tell(RunRetried(at=draft.now, by=asked.by, step="", steps=tuple(draft.steps)))
    return None


def restart_cancelled(draft: Draft, asked: StopAsked) -> None:
    """Let a run that is over and was to be done again by the clock stay over."""
    draft.run = replace(draft.run, restart=None)
    draft.tell(RestartCancelled(at=draft.now, by=asked.by, reason=asked.reason))


def skip_asked(draft: Draft, asked: SkipAsked) -> Why | None:
    """Pass a step over that has not begun, runs or failed; a gate needs its yes, also one that got a no."""
    step = draft.steps.get(asked.step)
    if step is None:
        return Why.NO_SUCH_STEP
    inside = draft.below(step.name) if step.group else []
    if any(_is_closed(draft, each) for each in (step, *inside)):
        return Why.AT_GATE
    said = f"skipped by {asked.by}" + (f": {asked.reason}" if asked.reason else "")
    if not step.over:
        if draft.run.phase.ended:
            return Why.ENDED
        skip(draft, step, said, by=asked.by)
        return None
    if step.phase is not StepPhase.FAILED or draft.run.phase is RunPhase.SUCCEEDED:
        return Why.NOT_FAILED
    anew = _anew(draft, step.name)
    _reopen(draft, anew)
    draft.tell(RunRetried(at=draft.now, by=asked.by, step=step.name, steps=anew))
    skip(draft, draft.steps[step.name], said, by=asked.by)
    return None


def _is_closed(draft: Draft, step: StepRun) -> bool:
    """Say whether a step is a gate, or has come to one, that nobody has opened."""
    gate = step.gate is not None or draft.spec(step.name).is_gate
    opened = step.decision is not None and step.decision.approved
    return gate and not opened and step.phase is not StepPhase.SUCCEEDED


def _anew(draft: Draft, name: str) -> tuple[str, ...]:
    """Name the steps that are done again from `name` on, in the order of the file."""
    names = draft.shape.after(name) | {name}
    closed = {
        each.name
        for each in draft.steps.values()
        if each.group and each.name not in names and _never_opened(each)
    }
    return tuple(
        each.name
        for each in draft.steps.values()
        if each.name in names and each.parent not in closed
    )


def _never_opened(group: StepRun) -> bool:
    """Say whether a group was passed over, so that what is in it has no turn, whatever it depends on."""
    return group.phase is StepPhase.SKIPPED or group.reason is Reason.RENDERING


def _reopen(draft: Draft, names: Iterable[str]) -> None:
    """Forget what became of these steps, and that the run had ended; what came before them is kept."""
    anew = set(names)
    for name in anew:
        old = draft.steps[name]
        draft.put(
            StepRun(
                name=name,
                parent=old.parent,
                group=old.group,
                attempt=old.attempt,
                round=old.round + 1,
            )
        )
    for group in {draft.steps[name].parent for name in anew} - anew - {""}:
        old = draft.steps[group]
        if old.over:
            fresh = replace(old, first_started=None, gate=None, ended=None, deadline=None)
            start(draft, fresh)
    run, timeout = draft.run, draft.run.plan.workflow.timeout
    draft.run = replace(
        run,
        phase=RunPhase.EXECUTING,
        ended=None,
        message="",
        ended_by=None,
        terminated=False,
        deadline=None if timeout is None else draft.now + timedelta(seconds=timeout),
    )
