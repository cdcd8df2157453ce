"""The objects of a component as a run delivers them: rendered, or as the run had them that it repeats. Pure."""

from collections.abc import Mapping, Sequence

from bot.catalog.model import Component, Target
from bot.rendering.objects import Manifest
from bot.rendering.render import render
from bot.rendering.secrets import with_values
from bot.run.model import Plan

Kept = Mapping[tuple[str, str], Sequence[Manifest]]
"""What an earlier run has delivered, by target and component."""


def manifests_for(plan: Plan, component: Component, target: Target, kept: Kept) -> list[Manifest]:
    """Answer what a run with this plan delivers of a component to a target.

    Raises Permanent for what cannot be rendered, or not delivered again as it was.
    """
    before = kept.get((target.name, component.name))
    if before and not any(each["kind"] == "Secret" for each in before):
        return list(before)
    revision = plan.based_on + 1
    fresh = render(plan.application, component, plan.environment, target, revision=revision)
    return with_values(before, fresh) if before else fresh
