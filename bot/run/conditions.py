"""Whether a step runs: KubeVela's rules for `if` and for what a failure does to the steps after it.

Without `if` a step runs unless an earlier one failed; `always` runs in any case; anything else is a CEL
expression over `status`, `inputs` and `context`. Ours differs from KubeVela on purpose: an `if` that cannot
be evaluated is an error of its step instead of a silent skip, for a gate must not open by a typo.
"""

from typing import Any

from bot.catalog.model import Step
from bot.run.model import Reason, Run, StepPhase
from bot.workflow.expressions import evaluate_condition
from bot.workflow.values import input_values


def runs_now(run: Run, step: Step, context: dict[str, Any]) -> bool:
    """Say whether `step`, whose turn it is, runs or is skipped.

    Raises bot.workflow.expressions.ExpressionError when its `if` has no yes or no.
    """
    if step.if_ == "always":
        return True
    if not step.if_:
        return not any(each.phase is StepPhase.FAILED for each in run.steps)
    scope = {
        "status": statuses(run),
        "inputs": input_values(step, context, outputs(run)),
        "context": context,
    }
    return evaluate_condition(step.if_, scope)


def statuses(run: Run) -> dict[str, dict[str, Any]]:
    """Answer `status` as expressions see it: for each step its phase, reason and KubeVela's booleans."""
    return {
        each.name: {
            "phase": each.phase.value,
            "reason": each.reason.value,
            "message": each.message,
            "succeeded": each.phase is StepPhase.SUCCEEDED,
            "failed": each.phase is StepPhase.FAILED,
            "skipped": each.phase is StepPhase.SKIPPED,
            "timeout": each.reason is Reason.TIMEOUT,
            "failedAfterRetries": each.reason is Reason.FAILED_AFTER_RETRIES,
            "terminate": each.reason is Reason.TERMINATE,
        }
        for each in run.steps
    }


def outputs(run: Run) -> dict[str, Any]:
    """Collect what the ended steps left behind, by output name."""
    return {name: value for each in run.steps for name, value in each.outputs.items()}
