"""`share-cloud-resource`: hands the Secrets of cloud resources that are there to further places. It creates nothing.

KubeVela's step. The environment that owns a cloud resource gives: `placements` are targets of any environment, or the
application's own namespace on the control cluster; what is nobody's place to deliver to gets no Secret.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from bot.catalog.model import Environment, Target
from bot.errors import Permanent
from bot.rendering.placement import PlacementError, cloud_resources
from bot.steps.connections import handed_on
from bot.steps.contract import Done, Need, Outcome, StepContext, Waiting
from bot.steps.objects import LOCAL, Spot
from bot.steps.parameters import Parameters, read, schema_of


class PlaceParameters(Parameters):
    """A place. Without a cluster the control cluster is meant, without a namespace the application's."""

    namespace: str = ""
    cluster: str = ""


class ShareCloudResourceParameters(Parameters):
    """What a file can say. Ours: without `env` the environment is meant."""

    env: str = ""
    policy: str = ""
    placements: list[PlaceParameters] = Field(min_length=1)


class ShareCloudResource:
    """The step type."""

    name = "share-cloud-resource"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Hands the Secrets of the application's cloud resources to further places."
    schema = schema_of(ShareCloudResourceParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError when the properties cannot be read."""
        read(ShareCloudResourceParameters, properties)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Copy the Secrets to the places."""
        found = read(ShareCloudResourceParameters, properties)
        plan = context.run.plan
        given = {"env": found.env, "policy": found.policy}
        try:
            cloud = cloud_resources(plan.application, plan.environment, given)
        except PlacementError as error:
            raise Permanent(str(error)) from error
        control = cloud.control.target
        spots = [
            _spot(each, plan.environment, plan.application.namespace) for each in found.placements
        ]
        missing = await handed_on(context, control, cloud.control.components, spots, of_step=True)
        if missing:
            return Waiting(
                message=f"waiting for the Secret {', '.join(missing)} on {control.cluster}"
            )
        names = [each.name for each in cloud.control.components]
        return Done(message="", outputs={"resources": names})


def _spot(place: PlaceParameters, environment: Environment, namespace: str) -> Spot:
    """Find a place, and the target of the run's own environment that it may be."""
    local = place.cluster in {"", LOCAL}
    cluster = environment.control_cluster if local else place.cluster
    wanted = place.namespace or namespace
    target = next(
        (
            each.name
            for each in environment.targets
            if (each.cluster, each.namespace) == (cluster, wanted)
        ),
        "",
    )
    return Spot(cluster=cluster, namespace=wanted, target=target)
