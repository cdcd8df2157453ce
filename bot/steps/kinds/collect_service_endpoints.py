"""`collect-service-endpoints`: finds where the application can be reached, as KubeVela's step of that name.

By the labels of its Services and Ingresses in the targets of the environment; it waits until there is at least one.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from bot.catalog.complaints import nearest
from bot.catalog.model import Application, Environment, Target
from bot.cluster.port import Clusters, Manifest
from bot.errors import Permanent
from bot.placement.placements import known_components
from bot.rendering.objects import APPLICATION_LABEL, COMPONENT_LABEL
from bot.steps.contract import Done, Need, Outcome, PropertyError, StepContext
from bot.steps.looking import again, patiently
from bot.steps.objects import Spot, spots
from bot.steps.parameters import is_expression, known, read, schema_of
from bot.steps.reaching import Endpoint, of_ingress, of_service, url_of, waits_for_address
from bot.steps.where import Where, check_cluster, check_target


class CollectServiceEndpointsParameters(Where):
    """What a file can say. KubeVela writes `protocal`."""

    name: str = ""
    namespace: str = ""
    components: list[str] = Field(default_factory=list)
    port: int | None = None
    port_name: str | None = None
    outer: bool | None = None
    protocal: Literal["http", "https"] = "http"


class CollectServiceEndpoints:
    """The step type."""

    name = "collect-service-endpoints"
    needs = frozenset({Need.CLUSTERS})
    summary = "Finds where the application can be reached, and waits until there is such a place."
    schema = schema_of(CollectServiceEndpointsParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for what cannot be read, or for a target that is not there."""
        known(CollectServiceEndpointsParameters, properties)
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a component that is not there, or a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)
        if properties.get("name") in {None, "", application.name}:
            there = known_components(application)
            for at, each in enumerate(properties.get("components") or ()):
                if not is_expression(str(each)) and each not in there:
                    said = f"there is no component {each}{nearest(each, there)}"
                    raise PropertyError(("components", at), said)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Look in all places that are meant."""
        found = read(CollectServiceEndpointsParameters, properties)
        return await patiently(context, self._looked(context, found))

    async def _looked(
        self, context: StepContext, found: CollectServiceEndpointsParameters
    ) -> Outcome:
        clusters = context.granted.clusters
        assert clusters is not None, "its type needs them"
        places = spots(
            context, cluster=found.cluster, target=found.target, namespace=found.namespace
        )
        name = found.name or context.run.application
        looks = await asyncio.gather(*(_look(clusters, each, name, found) for each in places))
        there = [each for seen in looks for each in seen.endpoints if _is_meant(each, found)]
        if not there:
            where = ", ".join(each.called for each in places)
            late = [title for seen in looks for title in seen.late]
            why = f": {', '.join(late)} has no address" if late else ""
            return again(context, f"{name} has no endpoint yet ({where}){why}")
        first = there[0]["endpoint"]
        value = {"endpoint": first, "url": url_of(first, found.protocal)}
        return Done(outputs={"endpoints": there, "outputs": {"endpoints": there}, "value": value})


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was there in one place."""

    endpoints: list[Endpoint]
    late: list[str]
    """Services that are to have an address that nobody has given them yet."""


async def _look(
    clusters: Clusters, spot: Spot, name: str, found: CollectServiceEndpointsParameters
) -> _Seen:
    """Read the Services and Ingresses of one place. Raises Temporary and Permanent."""
    labels = f"{APPLICATION_LABEL}={name}"
    if found.components:
        labels += f",{COMPONENT_LABEL} in ({','.join(found.components)})"

    async def listed(api_version: str, kind: str) -> list[Manifest]:
        seen = await clusters.find(spot.cluster, api_version, kind, spot.namespace, labels=labels)
        made = [{"apiVersion": api_version, "kind": kind, **each} for each in seen]
        return sorted(made, key=lambda each: str(each["metadata"]["name"]))

    services = await listed("v1", "Service")
    ingresses = await listed("networking.k8s.io/v1", "Ingress")
    nodes = await _nodes(clusters, spot) if any(map(_is_on_nodes, services)) else []
    endpoints = [one for each in services for one in of_service(each, spot.cluster, nodes)]
    endpoints += [one for each in ingresses for one in of_ingress(each, spot.cluster)]
    late = [f"Service {each['metadata']['name']}" for each in services if waits_for_address(each)]
    return _Seen(endpoints, late)


def _is_on_nodes(service: Manifest) -> bool:
    return bool((service.get("spec") or {}).get("type") == "NodePort")


async def _nodes(clusters: Clusters, spot: Spot) -> list[Manifest]:
    """Read the nodes; none where Shipmate may not."""
    try:
        return await clusters.find(spot.cluster, "v1", "Node", "")
    except Permanent:
        return []


def _is_meant(found: Endpoint, wanted: CollectServiceEndpointsParameters) -> bool:
    said = found["endpoint"]
    return (
        wanted.port in {None, said["port"]}
        and wanted.port_name in {None, said["portName"]}
        and not (wanted.outer and said["inner"])
    )
