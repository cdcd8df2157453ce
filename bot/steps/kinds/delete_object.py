"""`delete-object`: deletes an object of the application's and waits until it is gone. Ours; KubeVela has no such step.

Only what bears the application's label is deleted, unless its author forces it. What is not there is deleted already.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from bot.catalog.model import Application, Environment, Target
from bot.run.inventory import Ref, key_of
from bot.steps.contract import Done, Need, Outcome, StepContext
from bot.steps.deleting import check_ours, delete
from bot.steps.everywhere import everywhere
from bot.steps.looking import again, look
from bot.steps.objects import Spot, granted, spots
from bot.steps.parameters import known, read, schema_of
from bot.steps.where import Where, check_cluster, check_target


class DeleteObjectParameters(Where):
    """What a file can say."""

    api_version: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    name: str = Field(min_length=1)
    namespace: str = ""
    propagation: Literal["cascading", "orphan"] = "cascading"
    force: bool = False


class DeleteObject:
    """The step type."""

    name = "delete-object"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Deletes an object of the application's and waits until it is gone."
    schema = schema_of(DeleteObjectParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for what names no object, or for a target that is not there."""
        known(DeleteObjectParameters, properties)
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Delete it in all places that are meant."""
        found = read(DeleteObjectParameters, properties)
        places = spots(
            context, cluster=found.cluster, target=found.target, namespace=found.namespace
        )
        return await everywhere(places, lambda spot: _in(context, spot, found))


async def _in(context: StepContext, spot: Spot, found: DeleteObjectParameters) -> Outcome:
    ref = Ref(found.api_version, found.kind, spot.namespace, found.name)
    live = await look(context, spot, ref)
    if live is None:
        _, inventory = granted(context)
        run = context.run
        await inventory.forget(run.application, run.environment, [key_of(spot.cluster, ref)])
        return Done()
    if not found.force:
        check_ours(context, spot, ref, live)
    made = await delete(context, spot, [(ref, live)], orphan=found.propagation == "orphan")
    if made.going:
        return again(context, f"{ref.title} is on its way out ({spot.called})")
    return Done()
