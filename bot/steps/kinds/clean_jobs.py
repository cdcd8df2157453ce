"""`clean-jobs`: deletes Jobs with their pods, as KubeVela's step of that name.

Without a selector those that steps of the workflow have made; never one of somebody else's, unless its author forces it.
What they have done stays done: a Job that succeeded is not run again because its object is gone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.model import Application, Environment, Target
from bot.rendering.objects import APPLICATION_LABEL, COMPONENT_LABEL
from bot.run.inventory import ref_of
from bot.steps.contract import Done, Need, Outcome, PropertyError, StepContext
from bot.steps.deleting import delete
from bot.steps.everywhere import everywhere
from bot.steps.looking import again
from bot.steps.objects import Spot, granted, spots
from bot.steps.parameters import known, read, schema_of
from bot.steps.where import Where, check_cluster, check_target


class CleanJobsParameters(Where):
    """What a file can say. KubeVela writes `labelselector`."""

    labelselector: dict[str, str] | None = None
    namespace: str = ""
    force: bool = False


class CleanJobs:
    """The step type."""

    name = "clean-jobs"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Deletes Jobs and their pods."
    schema = schema_of(CleanJobsParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for what selects all there is, or for a target that is not there."""
        found = known(CleanJobsParameters, properties)
        if found is not None and found.force and not found.labelselector:
            raise PropertyError(
                ("labelselector",), "with `force` it says which Jobs; it is required"
            )
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Delete them in all places that are meant."""
        found = read(CleanJobsParameters, properties)
        places = spots(
            context, cluster=found.cluster, target=found.target, namespace=found.namespace
        )
        return await everywhere(places, lambda spot: _in(context, spot, found))


async def _in(context: StepContext, spot: Spot, found: CleanJobsParameters) -> Outcome:
    clusters, _ = granted(context)
    selector = _selector(context.run.application, found)
    jobs = await clusters.find(spot.cluster, "batch/v1", "Job", spot.namespace, labels=selector)
    made = await delete(context, spot, [(ref_of(each), each) for each in jobs])
    if made.going:
        return again(context, f"{', '.join(made.going)}: on the way out ({spot.called})")
    said = f"removed {', '.join(made.gone)} ({spot.called})" if made.gone else ""
    return Done(message=said, outputs={"removed": made.gone})


def _selector(application: str, found: CleanJobsParameters) -> str:
    """Write which Jobs are meant, as the API server reads it."""
    ours = [] if found.force else [f"{APPLICATION_LABEL}={application}"]
    chosen = found.labelselector or {}
    own = [f"{key}={value}" for key, value in chosen.items()]
    return ",".join([*ours, *(own or [f"!{COMPONENT_LABEL}"])])
