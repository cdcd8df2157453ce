"""`export-data`: writes data into a ConfigMap or Secret where a topology policy says, as KubeVela's step of that name."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bot.catalog.model import Application, Environment, Target
from bot.cluster.port import Manifest
from bot.rendering.parameters import ObjectName
from bot.secrecy import leaves
from bot.steps.applying import apply_everywhere
from bot.steps.contract import Need, Outcome, StepContext
from bot.steps.endpoints import Secrets
from bot.steps.exporting import Data, check_data, config_map, secret
from bot.steps.objects import placed
from bot.steps.parameters import Parameters, known, read, schema_of
from bot.steps.where import check_topology, in_topology


class ExportDataParameters(Parameters):
    """What a file can say."""

    name: ObjectName | None = None
    namespace: str = ""
    kind: Literal["ConfigMap", "Secret"] = "ConfigMap"
    data: Data
    topology: str = ""


class ExportData:
    """The step type. `secrets` resolves what a file only names."""

    name = "export-data"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = (
        "Writes data into a ConfigMap or a Secret, in the targets that a topology policy chooses."
    )
    schema = schema_of(ExportDataParameters)

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for data that cannot be meant."""
        found = known(ExportDataParameters, properties)
        if found is not None:
            check_data(found.data)
            if found.kind == "ConfigMap":
                config_map("name", found.data)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a policy that is none, or that chooses nothing."""
        check_topology(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Write it in all places that are meant."""
        found = read(ExportDataParameters, properties)
        plan = context.run.plan
        places = in_topology(
            plan.application, plan.environment, found.topology, namespace=found.namespace
        )
        made = self._made(found, found.name or context.run.application)
        if found.kind == "Secret":
            context.conceal(*leaves(made))
        return await apply_everywhere(context, places, lambda spot: [placed(context, spot, made)])

    def _made(self, found: ExportDataParameters, name: str) -> Manifest:
        if found.kind == "Secret":
            return secret(name, found.data, self._secrets)
        return config_map(name, found.data)
