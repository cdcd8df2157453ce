"""Where a step acts on clusters, as its properties say: `cluster` or `topology` as in KubeVela, and ours `target`.

Pure; what is wrong is found when files are read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.complaints import nearest
from bot.catalog.model import Application, Environment, Target
from bot.errors import Permanent
from bot.placement.placements import PlacementError, by_policies
from bot.steps.contract import PropertyError
from bot.steps.objects import Spot, spots_of
from bot.steps.parameters import Parameters, is_expression


class Where(Parameters):
    """A place: the targets on a cluster, or one target; without either all targets of the environment."""

    cluster: str = ""
    target: str = ""


def check_target(properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
    """Raise PropertyError when a file names a target that its environment does not have."""
    name = properties.get("target")
    names = [each.name for each in targets]
    if names and isinstance(name, str) and name and not is_expression(name) and name not in names:
        said = f"the environment has no target {name}{nearest(name, names)} (it has: {', '.join(names)})"
        raise PropertyError(("target",), said)


def check_cluster(
    properties: Mapping[str, Any], application: Application, environment: Environment
) -> None:
    """Raise PropertyError when a file names a cluster on which its environment has nothing."""
    given = {key: str(properties.get(key) or "") for key in ("cluster", "target")}
    if given["cluster"] and not any(map(is_expression, given.values())):
        try:
            spots_of(application, environment, **given)
        except Permanent as error:
            raise PropertyError(("cluster",), str(error)) from error


def in_topology(
    application: Application, environment: Environment, topology: str, *, namespace: str = ""
) -> tuple[Spot, ...]:
    """Answer the targets that a topology policy chooses; without a name all. Raises Permanent."""
    try:
        placements = by_policies(application, environment, [topology] if topology else [])
    except PlacementError as error:
        raise Permanent(str(error)) from error
    kind = next((each.type for each in application.policies if each.name == topology), "topology")
    if kind != "topology":
        raise Permanent(f"{topology} is a policy of type {kind}, not topology")
    return tuple(
        Spot(
            cluster=each.target.cluster,
            namespace=namespace or each.target.namespace,
            target=each.target.name,
        )
        for each in placements
    )


def check_topology(
    properties: Mapping[str, Any], application: Application, environment: Environment
) -> None:
    """Raise PropertyError when a file names a topology policy that is none, or that chooses nothing here."""
    name = str(properties.get("topology") or "")
    if not is_expression(name):
        try:
            in_topology(application, environment, name)
        except Permanent as error:
            raise PropertyError(("topology",), str(error)) from error
