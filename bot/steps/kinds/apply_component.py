"""`apply-component`: delivers one component, to the targets on a cluster and in a namespace, or to all of them.

A component's own `inputs` and `outputs` are the step's, and inputs of the step are the component's, as in KubeVela: a
`parameterKey` leads into the properties of the component, unless it is one of the step's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from bot.catalog.model import Component, Target
from bot.errors import Permanent
from bot.placement.placements import Placement, PlacementError, one_component
from bot.run.conditions import outputs
from bot.run.context import context_of
from bot.steps.contract import Need, Outcome, StepContext
from bot.steps.delivering import deliver
from bot.steps.parameters import Parameters, known, read, schema_of
from bot.steps.passing import with_inputs
from bot.workflow.expressions import has_expressions
from bot.workflow.values import input_values

OWN = ("component", "cluster", "namespace")


class ApplyComponentParameters(Parameters):
    """What a file can say."""

    component: str = Field(min_length=1)
    cluster: str = ""
    namespace: str = ""


class ApplyComponent:
    """The step type."""

    name = "apply-component"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Delivers one component of the application and waits until it is rolled out."
    schema = schema_of(ApplyComponentParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError when the properties cannot be read; what inputs bring is the component's."""
        given = {
            key: value
            for key, value in properties.items()
            if key in OWN or not has_expressions(value)
        }
        known(ApplyComponentParameters, given)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Apply the component and follow it until it is rolled out."""
        given = {key: properties[key] for key in OWN if key in properties}
        read(ApplyComponentParameters, given)
        plan = context.run.plan
        try:
            placements = one_component(plan.application, plan.environment, given)
        except PlacementError as error:
            raise Permanent(str(error)) from error
        return await deliver(context, [_with_inputs(context, each) for each in placements])


def _with_inputs(context: StepContext, placement: Placement) -> Placement:
    """Put the inputs of the step into the component. Raises Permanent when one does not fit it."""
    spec = context.spec
    taken = tuple(
        each for each in spec.inputs if each.parameter_key and each.parameter_key not in OWN
    )
    if not taken:
        return placement
    scope = {
        "context": context_of(context.run, context.step),
        "outputs": outputs(context.run.steps),
        "parameter": dict(spec.properties),
    }
    values = input_values(spec, scope)

    def filled(component: Component) -> Component:
        made = with_inputs(replace(component, inputs=taken), values)
        return replace(made, inputs=component.inputs)

    return replace(placement, components=tuple(map(filled, placement.components)))
