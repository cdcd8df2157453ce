"""`export-service`: makes a Service that leads to an address elsewhere, as KubeVela's step of that name."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Annotated, Any

from pydantic import AfterValidator

from bot.catalog.model import Application, Environment, Target
from bot.cluster.port import Manifest
from bot.rendering.parameters import ObjectName, Port
from bot.steps.applying import apply_everywhere
from bot.steps.contract import Need, Outcome, StepContext
from bot.steps.objects import placed
from bot.steps.parameters import Parameters, is_expression, known, read, schema_of
from bot.steps.where import check_topology, in_topology


def _address(given: str) -> str:
    if not is_expression(given):
        try:
            ip_address(given)
        except ValueError as error:
            raise ValueError(f"expected an IP address, found {given!r}") from error
    return given


class ExportServiceParameters(Parameters):
    """What a file can say."""

    name: ObjectName | None = None
    namespace: str = ""
    ip: Annotated[str, AfterValidator(_address)]
    port: Port
    target_port: Port
    topology: str = ""


class ExportService:
    """The step type."""

    name = "export-service"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Makes a Service that leads to an address elsewhere."
    schema = schema_of(ExportServiceParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what is no address or no port."""
        known(ExportServiceParameters, properties)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a policy that is none, or that chooses nothing."""
        check_topology(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Make it in all places that are meant."""
        found = read(ExportServiceParameters, properties)
        plan = context.run.plan
        places = in_topology(
            plan.application, plan.environment, found.topology, namespace=found.namespace
        )
        made = service(found.name or context.run.application, found)
        return await apply_everywhere(
            context, places, lambda spot: [placed(context, spot, each) for each in made]
        )


def service(name: str, found: ExportServiceParameters) -> list[Manifest]:
    """Make a Service without a selector, and the Endpoints of its name that it leads to."""
    port = {"protocol": "TCP", "port": found.port, "targetPort": found.target_port}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {"type": "ClusterIP", "ports": [port]},
        },
        {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": name},
            "subsets": [
                {
                    "addresses": [{"ip": found.ip}],
                    "ports": [{"port": found.target_port, "protocol": "TCP"}],
                }
            ],
        },
    ]
