"""Which targets a `topology` policy is about, before its properties are a model: for workflows that nobody wrote. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.model import Application, Properties, Target

TOPOLOGY = "topology"


def is_about(topology: Properties, target: Target) -> bool:
    """Say whether a target lies where a topology says: on its clusters, with their labels, in its namespace."""
    clusters, namespace = topology.get("clusters"), topology.get("namespace")
    labels = {**_map(topology, "clusterSelector"), **_map(topology, "clusterLabelSelector")}
    return (
        (clusters is None or target.cluster in clusters)
        and namespace in {None, "", target.namespace}
        and all(target.labels.get(key) == value for key, value in labels.items())
    )


def reached(application: Application, targets: Sequence[Target]) -> tuple[Target, ...]:
    """Answer the targets that an application goes to by itself: those of its topologies; without any all."""
    found = [each.properties for each in application.policies if each.type == TOPOLOGY]
    if not found:
        return tuple(targets)
    return tuple(each for each in targets if any(is_about(one, each) for one in found))


def _map(given: Properties, name: str) -> Mapping[str, Any]:
    found = given.get(name)
    return found if isinstance(found, Mapping) else {}
