"""`apply-component`: delivers one component, to the targets on a cluster and in a namespace, or to all of them.

A component's own `inputs` and `outputs` are the step's, as in KubeVela.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from bot.catalog.model import Target
from bot.errors import Permanent
from bot.rendering.placement import PlacementError, one_component
from bot.steps.contract import Need, Outcome, StepContext
from bot.steps.delivering import deliver
from bot.steps.parameters import Parameters, read, schema_of


class ApplyComponentParameters(Parameters):
    """What a file can say. Inputs of the component arrive in `properties` and `traits`."""

    component: str = Field(min_length=1)
    cluster: str = ""
    namespace: str = ""
    properties: dict[str, Any] = Field(default_factory=dict)
    traits: list[dict[str, Any] | None] = Field(default_factory=list)


class ApplyComponent:
    """The step type."""

    name = "apply-component"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Delivers one component of the application and waits until it is rolled out."
    schema = schema_of(ApplyComponentParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError when the properties cannot be read."""
        read(ApplyComponentParameters, properties)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Apply the component and follow it until it is rolled out."""
        found = read(ApplyComponentParameters, properties)
        plan = context.run.plan
        given = {
            "component": found.component,
            "cluster": found.cluster,
            "namespace": found.namespace,
        }
        try:
            placements = one_component(plan.application, plan.environment, given)
        except PlacementError as error:
            raise Permanent(str(error)) from error
        return await deliver(context, placements)
