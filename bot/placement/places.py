"""What `placement` answers, and what has to hold of cloud resources that are one for several targets. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.catalog.model import Component, Target
from bot.rendering.cloud.configurations import connection_of, needs_of


class PlacementError(Exception):
    """Policies or properties do not say where to deliver; `path` leads to the property of the step."""

    def __init__(self, said: str, *path: str | int) -> None:
        super().__init__(said)
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What is delivered to one target: components as the policies make them."""

    target: Target
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudPlacement:
    """Cloud resources of one env: what is created on the control cluster, and the targets that get its Secrets."""

    env: str
    control: Placement
    targets: tuple[Target, ...]


def agreed(targets: Sequence[Target]) -> dict[str, str]:
    """Answer the variables that all targets have with the same value."""
    first, *others = targets
    return {
        name: value
        for name, value in first.variables.items()
        if all(each.variables.get(name) == value for each in others)
    }


def refuse_unlike(components: Sequence[Component], targets: Sequence[Target]) -> None:
    """Raise PlacementError when one cloud resource is to serve targets that say different things of it."""
    for component in components:
        for name in needs_of(component):
            said = {each.name: each.variables.get(name, "") for each in targets}
            if len(set(said.values())) > 1:
                each = ", ".join(f"{target}: {value or 'none'}" for target, value in said.items())
                raise PlacementError(
                    f"{component.name} is one for several targets, which do not agree on {name} ({each}); say it in the "
                    "component, or deliver to each target with a step of its own, whose env is the target"
                )


def refuse_twins(components: Sequence[Component], control: Target) -> None:
    """Raise PlacementError when two cloud resources would write the same Secret."""
    owners: dict[str, str] = {}
    for each in components:
        found = connection_of(each, control)
        if found is None:
            continue
        other = owners.setdefault(found.alias, each.name)
        if other != each.name:
            raise PlacementError(f"{other} and {each.name} both write the Secret {found.alias}")
