"""Which targets a `topology` policy is about, before its properties are a model: for workflows that nobody wrote. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.catalog.model import Application, Environment, Properties, Target

TOPOLOGY = "topology"


def is_about(topology: Properties, target: Target, environment: Environment) -> bool:
    """Say whether a target lies where a topology says: on its clusters, with their labels, in its namespace."""
    clusters, namespace = topology.get("clusters"), topology.get("namespace")
    named = None if clusters is None else {environment.cluster_called(each) for each in clusters}
    labels = {**_map(topology, "clusterSelector"), **_map(topology, "clusterLabelSelector")}
    return (
        (named is None or target.cluster in named)
        and namespace in {None, "", target.namespace}
        and all(target.labels.get(key) == value for key, value in labels.items())
    )


def reached(application: Application, environment: Environment) -> tuple[Target, ...]:
    """Answer the targets of an environment that an application goes to by itself: those of its topologies; without any all."""
    found = [each.properties for each in application.policies if each.type == TOPOLOGY]
    if not found:
        return environment.targets
    return tuple(
        each
        for each in environment.targets
        if any(is_about(one, each, environment) for one in found)
    )


def _map(given: Properties, name: str) -> Mapping[str, Any]:
    found = given.get(name)
    return found if isinstance(found, Mapping) else {}
