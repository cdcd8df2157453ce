"""How the steps of a run follow each other: one after the other, with KubeVela's meaning of failure.

Decides which step is next, what the clock has brought and how the run ends. What becomes of a single step
is said in `draft`, what an answer to a gate means in `gates`.
"""

from dataclasses import replace

from bot.events import PersonName, RunFailed, RunStopped, RunSucceeded, RunTerminated
from bot.run.conditions import runs_now
from bot.run.context import context_of
from bot.run.draft import Draft, end_badly, skip, start, succeed
from bot.run.gates import answer
from bot.run.model import OnTimeout, Reason, RunPhase, StepPhase, StepRun
from bot.workflow.expressions import ExpressionError


def advance(draft: Draft) -> None:
    """Start or skip what is due next, and end the run when nothing is left."""
    while not draft.run.phase.ended:
        current = next((each for each in draft.run.steps if not each.phase.ended), None)
        if current is None:
            _end(draft)
            return
        if current.phase is not StepPhase.PENDING:
            waits = current.phase is StepPhase.SUSPENDING
            phase = RunPhase.SUSPENDING if waits else RunPhase.EXECUTING
            draft.run = replace(draft.run, phase=phase)
            return
        _begin_or_skip(draft, current)


def stop(draft: Draft, *, by: PersonName, reason: str) -> None:
    """End the run now: what runs has failed by `Terminate`, what was still to come is skipped."""
    draft.tell(RunStopped(at=draft.now, by=by, reason=reason))
    said = f"stopped by {by}" + (f": {reason}" if reason else "")
    for each in draft.run.steps:
        if each.phase in {StepPhase.RUNNING, StepPhase.SUSPENDING}:
            end_badly(draft, each, Reason.TERMINATE, said)
        elif each.phase is StepPhase.PENDING:
            skip(draft, each, "the run was stopped")
    draft.run = replace(draft.run, ended_by=by, message=said)


def due(draft: Draft) -> bool:
    """Do what the clock has brought: the next attempt, or the end of a timeout. Say whether there was anything."""
    found = False
    for each in draft.run.steps:
        if each.phase not in {StepPhase.RUNNING, StepPhase.SUSPENDING}:
            continue
        if each.deadline is not None and each.deadline <= draft.now:
            found = True
            _time_out(draft, each)
        elif each.wake_at is not None and each.wake_at <= draft.now:
            found = True
            start(draft, each)
        elif each.gate is not None and each.gate.until is not None and each.gate.until <= draft.now:
            found = True
            succeed(draft, each, message="the time was over", outputs={})
    return found


def _time_out(draft: Draft, step: StepRun) -> None:
    gate = step.gate if step.phase is StepPhase.SUSPENDING else None
    if gate is None or gate.on_timeout is OnTimeout.FAIL:
        waited = "nobody answered in time" if gate else "it took longer than its timeout"
        end_badly(draft, step, Reason.TIMEOUT, waited)
        return
    answer(
        draft,
        step,
        approved=gate.on_timeout is OnTimeout.CONTINUE,
        by=PersonName("shipmate"),
        reason="nobody answered in time",
        via="clock",
    )


def _begin_or_skip(draft: Draft, step: StepRun) -> None:
    spec = draft.spec(step.name)
    try:
        wanted = runs_now(draft.run, spec, context_of(draft.run, step.name))
    except ExpressionError as error:
        end_badly(draft, step, Reason.ACTION, f"its `if` cannot be evaluated: {error}")
        return
    if wanted:
        start(draft, step)
    else:
        skip(draft, step, "its `if` says no" if spec.if_ else "an earlier step failed")


def _end(draft: Draft) -> None:
    """End the run as KubeVela does: terminated when every failed step was, failed when another one was."""
    failed = [each for each in draft.run.steps if each.phase is StepPhase.FAILED]
    run, now = draft.run, draft.now
    if not failed:
        number = run.plan.based_on + 1
        draft.run = replace(run, phase=RunPhase.SUCCEEDED, ended=now, revision=number)
        draft.tell(RunSucceeded(at=now, revision=number))
    elif all(each.reason is Reason.TERMINATE for each in failed):
        by = run.ended_by or PersonName("shipmate")
        draft.run = replace(run, phase=RunPhase.TERMINATED, ended=now, ended_by=by)
        draft.tell(RunTerminated(at=now, by=by, reason=run.message))
    else:
        first = next(each for each in failed if each.reason is not Reason.TERMINATE)
        draft.run = replace(run, phase=RunPhase.FAILED, ended=now, message=first.message)
        draft.tell(RunFailed(at=now, step=first.name, message=first.message))
