"""`export2config`: writes data into a ConfigMap, as KubeVela's step of that name."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.model import Application, Environment, Target
from bot.rendering.parameters import ObjectName
from bot.steps.applying import apply_everywhere
from bot.steps.contract import Need, Outcome, StepContext
from bot.steps.exporting import Data, check_data, config_map
from bot.steps.objects import placed, spots
from bot.steps.parameters import known, read, schema_of
from bot.steps.where import Where, check_cluster, check_target


class Export2ConfigParameters(Where):
    """What a file can say."""

    config_name: ObjectName
    namespace: str = ""
    data: Data


class Export2Config:
    """The step type."""

    name = "export2config"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Writes data into a ConfigMap."
    schema = schema_of(Export2ConfigParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for data that cannot be meant, or for a target that is not there."""
        found = known(Export2ConfigParameters, properties)
        if found is not None:
            check_data(found.data)
            config_map(found.config_name, found.data)
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Write it in all places that are meant."""
        found = read(Export2ConfigParameters, properties)
        places = spots(
            context, cluster=found.cluster, target=found.target, namespace=found.namespace
        )
        made = config_map(found.config_name, found.data)
        return await apply_everywhere(context, places, lambda spot: [placed(context, spot, made)])
