"""Whether a step runs: KubeVela's rules for `if` and for what a failure does to the steps after it. Pure.

Without `if` a step runs unless one before it failed: an earlier one of its level, or where it has `dependsOn` or
its level is a DAG, one that it depends on, indirectly too. `always` runs in any case; anything else is a CEL
expression over `status`, `inputs` and `context`. Ours differs from KubeVela on purpose: an `if` that cannot
be evaluated is an error of its step instead of a silent skip, for a gate must not open by a typo; and after a
rejection or a stop only steps run whose `if` is `always` or speaks of `status`, for nothing that a person has
just said no to may happen by a condition that was made for something else.
"""

from collections.abc import Iterable
from typing import Any

from bot.catalog.model import CLEAN_UP, Step
from bot.run.context import context_of
from bot.run.draft import Draft
from bot.run.model import Reason, StepPhase, StepRun
from bot.run.sealed import plain
from bot.workflow.expressions import evaluate_condition
from bot.workflow.shape import TOP
from bot.workflow.status import also_known_as, status_references
from bot.workflow.values import input_values

ALWAYS = "always"


def why_pending(draft: Draft, step: Step) -> str:
    """Say what a step waits for before it can begin, in KubeVela's words; empty: nothing."""
    for name in step.depends_on:
        if not draft.steps[name].over:
            return f"Pending on DependsOn: {name}"
    for source, producers in draft.shape.sources(step):
        if not all(draft.steps[each].over for each in producers):
            return f"Pending on Input: {source}"
    return ""


def why_skipped(draft: Draft, step: Step) -> str:
    """Say why `step`, whose turn it is, is passed over; empty: it runs.

    Raises bot.workflow.expressions.ExpressionError when its `if` has no yes or no.
    """
    condition = step.if_.strip()
    if condition == ALWAYS:
        return ""
    if draft.run.terminated and not any(True for _ in status_references(condition)):
        return "the run was stopped"
    if not condition:
        failed = _failed_before(draft, step)
        return f"{failed} did not succeed" if failed else ""
    return "" if evaluate_condition(condition, _scope(draft, step)) else "its `if` says no"


def statuses(steps: Iterable[StepRun], specs: Iterable[Step]) -> dict[str, dict[str, Any]]:
    """Answer `status` as expressions see it: for each step its fields and KubeVela's booleans.

    A step is there under the name of its object, too (`properties.name` or `component`), as in KubeVela.
    """
    by_name = {each.name: each for each in steps}
    found: dict[str, dict[str, Any]] = {}
    for spec in specs:
        status = _status(by_name[spec.name], spec)
        for name in also_known_as(spec):
            if name == spec.name or name not in by_name:
                found.setdefault(name, status)
    return found


def outputs(steps: Iterable[StepRun]) -> dict[str, Any]:
    """Collect what the steps that are over left behind, as others take it, by output name.

    Raises bot.workflow.expressions.ExpressionError for one that is sealed and not open: what is not known is no null.
    """
    return {name: plain(value) for name, value in left(steps).items()}


def left(steps: Iterable[StepRun]) -> dict[str, Any]:
    """Collect what the steps that are over left behind, sealed where it is. The first that left something counts."""
    found: dict[str, Any] = {}
    for each in steps:
        for name, value in each.outputs.items():
            if found.get(name) is None:
                found[name] = value
    return found


def _failed_before(draft: Draft, step: Step) -> str:
    """Name a step before this one whose end forbids it to run, if any."""
    shape = draft.shape
    if step.type == CLEAN_UP:  # it waits for all others, and what was passed over is no failure
        top = (draft.steps[each.name] for each in shape.level(TOP))
        return next((each.name for each in top if each.phase is StepPhase.FAILED), "")
    if step.depends_on or not shape.in_order(shape.group_of[step.name]):
        above = (draft.steps[name] for name in shape.above(step.name))
        return next((each.name for each in above if not _satisfied(each)), "")
    before = (draft.steps[each.name] for each in shape.before(step.name))
    return next((each.name for each in before if each.phase is StepPhase.FAILED), "")


def _satisfied(step: StepRun) -> bool:
    return step.phase is StepPhase.SUCCEEDED or step.skipped_by is not None


def _scope(draft: Draft, step: Step) -> dict[str, Any]:
    context = context_of(draft.run, step.name)
    known = {
        "context": context,
        "outputs": outputs(draft.steps.values()),
        "parameter": dict(step.properties),
    }
    return {
        "context": context,
        "parameter": known["parameter"],
        "inputs": input_values(step, known),
        "status": statuses(draft.steps.values(), draft.shape.specs.values()),
    }


def _status(step: StepRun, spec: Step) -> dict[str, Any]:
    return {
        "id": step.name,
        "name": step.name,
        "type": spec.type,
        "phase": step.phase.value,
        "reason": step.reason.value,
        "message": step.message,
        "firstExecuteTime": step.first_started.isoformat() if step.first_started else "",
        "lastExecuteTime": step.started.isoformat() if step.started else "",
        "succeeded": step.phase is StepPhase.SUCCEEDED,
        "failed": step.phase is StepPhase.FAILED,
        "skipped": step.phase is StepPhase.SKIPPED,
        "timeout": step.reason is Reason.TIMEOUT,
        "failedAfterRetries": step.reason is Reason.FAILED_AFTER_RETRIES,
        "terminate": step.reason is Reason.TERMINATE,
    }
