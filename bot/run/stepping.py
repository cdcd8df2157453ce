"""How the steps of a run follow each other: KubeVela's two modes, its groups, and what failure means. Pure.

Decides which steps begin, are passed over or come to an end by their sub-steps, and where the run is then. What
becomes of a single step is said in `draft`, what an `if` means in `conditions`, how a run ends in `ending`.
"""

from dataclasses import replace

from bot.catalog.model import Step
from bot.run.conditions import why_pending, why_skipped
from bot.run.context import context_of
from bot.run.draft import Draft, end_badly, skip, start, succeed
from bot.run.ending import end
from bot.run.model import Reason, RunPhase, StepPhase, StepRun
from bot.workflow.expressions import ExpressionError
from bot.workflow.shape import TOP
from bot.workflow.values import resolve_outputs

RANK = (Reason.FAILED_AFTER_RETRIES, Reason.TIMEOUT, Reason.ACTION, Reason.TERMINATE)
"""Which of its sub-steps' reasons a failed group has: the first of these that there is."""


def advance(draft: Draft) -> None:
    """Begin, pass over or close what is due, until nothing more changes; then say where the run is."""
    while _walk(draft, TOP):
        pass
    if all(draft.steps[each.name].over for each in draft.run.plan.workflow.steps):
        end(draft)
        return
    waits = draft.run.suspended_by is not None or any(
        each.phase is StepPhase.SUSPENDING for each in draft.steps.values()
    )
    phase = RunPhase.SUSPENDING if waits else RunPhase.EXECUTING
    draft.run = replace(draft.run, phase=phase)


def _walk(draft: Draft, group: str) -> bool:
    """Go through a level once; say whether a step came to its end, which others may have waited for."""
    changed = False
    in_order = draft.shape.in_order(group)
    for spec in draft.shape.level(group):
        step = draft.steps[spec.name]
        if step.over:
            continue
        if step.phase is StepPhase.PENDING:
            changed |= _take_up(draft, spec, step)
        if spec.is_group and draft.steps[spec.name].phase in {
            StepPhase.RUNNING,
            StepPhase.SUSPENDING,
        }:
            changed |= _walk(draft, spec.name)
            changed |= _settle(draft, spec)
        if in_order and not draft.steps[spec.name].over:
            break
    return changed


def _take_up(draft: Draft, spec: Step, step: StepRun) -> bool:
    """Begin a step whose turn has come, or pass it over, or say what it waits for; say whether it is over with that."""
    pending = why_pending(draft, spec)
    if pending:
        if step.message != pending:
            draft.put(replace(step, message=pending))
        return False
    if draft.run.suspended_by is not None:
        return False
    try:
        skipped = why_skipped(draft, spec)
    except ExpressionError as error:
        end_badly(draft, step, Reason.RENDERING, f"its `if` cannot be evaluated: {error}")
        for each in draft.below(spec.name) if spec.is_group else ():
            skip(draft, each, "its group failed")
        return True
    if skipped:
        skip(draft, step, skipped)
    else:
        start(draft, step)
    return bool(skipped)


def _settle(draft: Draft, spec: Step) -> bool:
    """Say where a group is by its sub-steps; say whether it came to its end with that."""
    group, below = draft.steps[spec.name], draft.below(spec.name)
    phases = {each.phase for each in below}
    if not all(each.over for each in below):
        waits = StepPhase.SUSPENDING in phases
        phase = StepPhase.SUSPENDING if waits else StepPhase.RUNNING
        if group.phase is not phase:
            draft.put(replace(group, phase=phase))
        return False
    if StepPhase.FAILED in phases:
        failed = [each for each in below if each.phase is StepPhase.FAILED]
        reasons = [each.reason for each in failed]
        reason = next((each for each in RANK if each in reasons), reasons[0])
        cause = next(each for each in failed if each.reason is reason)
        end_badly(draft, group, reason, f"{cause.name}: {cause.message}")
    elif below and phases == {StepPhase.SKIPPED}:
        skip(draft, group, "all its steps were skipped")
    else:
        _succeed(draft, spec, group)
    return True


def _succeed(draft: Draft, spec: Step, group: StepRun) -> None:
    """End a group well, unless one of its outputs leads nowhere: that fails a group, as in KubeVela."""
    context = context_of(draft.run, spec.name)
    values, missing = resolve_outputs(spec, {}, context, spec.properties)
    if missing:
        end_badly(
            draft, replace(group, outputs=values), Reason.OUTPUT, f"output error: {missing[0]}"
        )
    else:
        succeed(draft, group, message="", outputs=values)
