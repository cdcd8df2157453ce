"""The values of a step: its properties with inputs and expressions filled in, and what it leaves behind."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from bot.catalog.model import Step
from bot.run.conditions import outputs, statuses
from bot.run.context import context_of
from bot.run.model import Run
from bot.workflow.expressions import has_expressions
from bot.workflow.shape import Shape
from bot.workflow.values import resolve_outputs, resolve_properties


def properties_of(run: Run, step: Step) -> dict[str, Any]:
    """Answer the properties of `step` as its type gets them.

    Raises bot.workflow.expressions.ExpressionError when one cannot be evaluated.
    """
    if not step.inputs and not has_expressions(step.properties):
        return deepcopy(dict(step.properties))
    shape = Shape(run.plan.workflow)
    return resolve_properties(
        step,
        context_of(run, step.name),
        outputs(run.steps),
        status=statuses(run.steps, shape.specs.values()),
    )


def outputs_of(
    run: Run, step: Step, left: Mapping[str, Any], properties: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    """Answer the named outputs of `step`, read from what its type has `left`, and which could not be found."""
    if not step.outputs:
        return {}, ""
    values, missing = resolve_outputs(step, left, context_of(run, step.name), properties)
    return values, "; ".join(missing)
