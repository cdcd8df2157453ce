"""`apply-object`: applies any object, as KubeVela's step of that name; ours are `target`, and `wait` until it is ready."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.model import Application, Environment, Target
from bot.rendering.components.native import Object
from bot.steps.applying import apply_everywhere
from bot.steps.contract import Need, Outcome, StepContext
from bot.steps.objects import placed, spots
from bot.steps.parameters import known, read, schema_of
from bot.steps.where import Where, check_cluster, check_target


class ApplyObjectParameters(Where):
    """What a file can say."""

    value: Object
    wait: bool = False


class ApplyObject:
    """The step type."""

    name = "apply-object"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Applies a Kubernetes object, and with `wait` waits until it is ready."
    schema = schema_of(ApplyObjectParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for what is no object, or for a target that is not there."""
        known(ApplyObjectParameters, properties)
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Apply the object in all places that are meant."""
        found = read(ApplyObjectParameters, properties)
        places = spots(context, cluster=found.cluster, target=found.target)
        return await apply_everywhere(
            context, places, lambda spot: [placed(context, spot, found.value)], wait=found.wait
        )
