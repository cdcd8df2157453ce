"""How a run is told to end, and how it ends once every step is over: KubeVela's rules. Pure."""

from dataclasses import replace

from bot.events import PersonName, RunFailed, RunStopped, RunSucceeded, RunTerminated
from bot.run.draft import Draft, end_badly, skip
from bot.run.model import Reason, RunPhase, StepPhase, StepRun

KEPT = frozenset({Reason.FAILED_AFTER_RETRIES, Reason.TIMEOUT})
"""Reasons of a failure that a stop does not cover up."""

SHIPMATE = PersonName("shipmate")


def stop(draft: Draft, *, by: PersonName, reason: str) -> None:
    """End the run now: what runs has failed by `Terminate`. What has not begun is passed over on the way.

    Steps that handle failures (`if: always`, or an `if` about `status`) still run; a second stop ends them, too.
    """
    said = f"stopped by {by}" + (f": {reason}" if reason else "")
    draft.tell(RunStopped(at=draft.now, by=by, reason=reason))
    if draft.run.terminated:
        for each in list(draft.steps.values()):
            if each.phase is StepPhase.PENDING:
                skip(draft, each, "the run was stopped")
    terminate(draft, said)
    draft.run = replace(draft.run, ended_by=by, message=said)


def terminate(draft: Draft, said: str, reason: Reason = Reason.TERMINATE) -> None:
    """Fail what is under way; a failure that was no timeout and not tried to the end counts as terminated."""
    for each in list(draft.steps.values()):
        current = draft.steps[each.name]
        if current.group:
            continue  # its phase follows from its sub-steps
        if current.retrying or current.phase in {StepPhase.RUNNING, StepPhase.SUSPENDING}:
            end_badly(draft, current, reason, said)
        elif (
            reason is Reason.TERMINATE
            and current.phase is StepPhase.FAILED
            and current.reason not in KEPT
        ):
            draft.put(replace(current, reason=reason))
    draft.run = replace(draft.run, terminated=True, suspended_by=None)


def time_out(draft: Draft) -> None:
    """End a run whose workflow's own timeout is over."""
    said = "the run took longer than its timeout"
    draft.tell(RunStopped(at=draft.now, by=SHIPMATE, reason=said))
    terminate(draft, said, Reason.TIMEOUT)
    draft.run = replace(draft.run, deadline=None)


def stop_step(draft: Draft, step: StepRun, *, by: PersonName, reason: str) -> None:
    """End one step that runs, or all that runs in a group; the others go on as after any failure."""
    said = f"stopped by {by}" + (f": {reason}" if reason else "")
    for each in draft.below(step.name) if step.group else [step]:
        if each.retrying or each.phase in {StepPhase.RUNNING, StepPhase.SUSPENDING}:
            end_badly(draft, each, Reason.TERMINATE, said)
    draft.run = replace(draft.run, ended_by=by, message=said)


def end(draft: Draft) -> None:
    """End the run: terminated when every step that failed was, failed when another one did."""
    top = [draft.steps[each.name] for each in draft.run.plan.workflow.steps]
    failed = [each for each in top if each.phase is StepPhase.FAILED]
    run, now = draft.run, draft.now
    draft.run = run = replace(run, ended=now, suspended_by=None, deadline=None)
    stopped = all(each.reason is Reason.TERMINATE for each in failed)
    if not failed and not run.terminated:
        number = max(run.plan.based_on, run.revision or 0) + 1
        draft.run = replace(run, phase=RunPhase.SUCCEEDED, revision=number, message="")
        draft.tell(RunSucceeded(at=now, revision=number))
    elif stopped:
        by = run.ended_by or SHIPMATE
        draft.run = replace(run, phase=RunPhase.TERMINATED, ended_by=by)
        draft.tell(RunTerminated(at=now, by=by, reason=run.message))
    else:
        first = _cause(draft, next(each for each in failed if each.reason is not Reason.TERMINATE))
        draft.run = replace(run, phase=RunPhase.FAILED, message=first.message)
        draft.tell(RunFailed(at=now, step=first.name, message=first.message))


def _cause(draft: Draft, step: StepRun) -> StepRun:
    """Find the sub-step by which a group failed; any other step is its own cause."""
    if not step.group:
        return step
    failed = [each for each in draft.below(step.name) if each.phase is StepPhase.FAILED]
    return next((each for each in failed if each.reason is step.reason), step)
