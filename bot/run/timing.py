"""What the clock does to a run: next attempts, ends of waits, timeouts of steps, groups and the run. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.run.asking import remind
from bot.run.conditions import why_skipped
from bot.run.draft import Draft, end_badly, go_on, skip, start, succeed
from bot.run.ending import SHIPMATE, time_out
from bot.run.gates import decide
from bot.run.model import Decision, OnTimeout, Reason, Run, RunPhase, StepPhase, StepRun
from bot.workflow.expressions import ExpressionError


def next_alarm(run: Run) -> datetime | None:
    """Answer when the clock has to wake this run, if at all."""
    if run.waits:
        return run.at
    if run.phase.ended:
        return restart_at(run)
    moments = [
        each
        for step in run.steps
        if step.phase is not StepPhase.PENDING and not step.over
        for each in _moments(run, step)
    ]
    if not run.terminated:
        moments.append(run.deadline)
    return min((each for each in moments if each is not None), default=None)


def is_busy(run: Run) -> bool:
    """Say whether a run is to be taken up at a start: it waits for its turn, or a step is under way."""
    return not run.phase.ended and (run.waits or any(each.executing for each in run.steps))


def restart_at(run: Run) -> datetime | None:
    """Answer when a run that is over begins anew by itself, if at all. One that a person ended does not."""
    if run.restart is None or run.ended is None or run.phase is RunPhase.TERMINATED:
        return None
    if run.restart.every is not None:
        return run.ended + timedelta(seconds=run.restart.every)
    return run.restart.at and max(run.restart.at, run.ended)


def due(draft: Draft) -> bool:
    """Do what the clock has brought. Say whether there was anything."""
    if (
        draft.run.deadline is not None
        and not draft.run.terminated
        and draft.run.deadline <= draft.now
    ):
        time_out(draft)
        return True
    found = False
    for name in list(draft.steps):
        step = draft.steps[name]
        if not any(each is not None and each <= draft.now for each in _moments(draft.run, step)):
            continue
        found = True
        if step.deadline is not None and step.deadline <= draft.now:
            _time_out(draft, step)
        elif step.retrying:
            start(draft, step)
        elif step.at_gate:
            _pass_time(draft, step)
        else:
            go_on(draft, step)
    return found


def _moments(run: Run, step: StepRun) -> list[datetime | None]:
    """List when a step has to be looked at. One that stands still by request is not, its gate is."""
    if step.over or step.phase is StepPhase.PENDING:
        return []
    if step.at_gate:
        assert step.gate is not None, "it is at one"
        alarms = [each.at for each in step.alarms if not each.rung]
        return [step.deadline, step.gate.until, *alarms]
    if run.suspended_by is not None:
        return []
    return [step.deadline, step.wake_at]


def _pass_time(draft: Draft, step: StepRun) -> None:
    """Open a gate that was to open by itself; remind people of one that waits for them."""
    assert step.gate is not None, "it is at one"
    if step.gate.until is not None and step.gate.until <= draft.now:
        succeed(draft, step, message="the time was over")
    else:
        remind(draft, step)


def _time_out(draft: Draft, step: StepRun) -> None:
    if step.group:
        _time_out_group(draft, step)
        return
    gate = step.gate if step.at_gate else None
    if gate is None or gate.on_timeout is OnTimeout.FAIL:
        waited = "nobody answered in time" if gate else "it took longer than its timeout"
        end_badly(draft, step, Reason.TIMEOUT, waited)
        return
    decision = Decision(
        approved=gate.on_timeout is OnTimeout.CONTINUE,
        by=SHIPMATE,
        at=draft.now,
        reason="nobody answered in time",
        via="clock",
    )
    decide(draft, step, decision)


def _time_out_group(draft: Draft, group: StepRun) -> None:
    """Fail a group and what is not over in it; what would have been passed over anyway is."""
    said = f"its group {group.name} took longer than its timeout"
    for each in draft.below(group.name):
        if each.retrying or each.phase in {StepPhase.RUNNING, StepPhase.SUSPENDING}:
            end_badly(draft, each, Reason.TIMEOUT, said)
    for each in draft.below(group.name):
        if each.phase is not StepPhase.PENDING:
            continue
        try:
            passed = why_skipped(draft, draft.spec(each.name))
        except ExpressionError:
            passed = ""
        if passed:
            skip(draft, each, passed)
        else:
            end_badly(draft, each, Reason.TIMEOUT, said)
    end_badly(draft, replace(group, gate=None), Reason.TIMEOUT, "it took longer than its timeout")
