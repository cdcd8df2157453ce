"""What was delivered before and is no part any more of what is to be delivered: for deleting it and for saying so before. Pure."""

from collections.abc import Iterator, Sequence

from bot.placement.placements import CLOUD, PlacementError, intended, known_components
from bot.run.inventory import Item
from bot.run.model import Run, StepPhase
from bot.workflow.shape import Shape

Places = set[tuple[str, str, str]]
"""Targets, by name, cluster and namespace."""


def garbage(run: Run, items: Sequence[Item]) -> Iterator[Item]:
    """Yield what was delivered before this run and is no part any more of what it was to deliver. Pure."""
    plan = run.plan
    places = _targets(run)
    known = known_components(plan.application)
    try:
        wanted = intended(plan.workflow.steps, plan.application, plan.environment)
    except PlacementError:
        wanted = None
    delivered = {(each.target, each.component) for each in items if each.run == run.id}
    for each in reversed(items):
        if each.run == run.id or _is_stranded(each, places):
            continue
        if not each.component:
            if _gave_up(run, each.step):
                yield each
        elif each.component not in known:
            yield each
        elif _is_cloud(run, each.step):  # two steps may make the same component for two envs
            if _gave_up(run, each.step):
                yield each
        elif (each.target, each.component) in delivered or (
            wanted is not None and (each.target, each.component) not in wanted
        ):
            yield each


def stranded(run: Run, items: Sequence[Item]) -> list[Item]:
    """Answer what was delivered to places that are no targets any more, or not of this name. Pure.

    It is nobody's wish that it goes: who takes a target out of an environment, or moves it, says nothing of what runs there.
    """
    places = _targets(run)
    return [each for each in items if each.run != run.id and _is_stranded(each, places)]


def _targets(run: Run) -> Places:
    """Name the targets of a run, with where they lie."""
    return {(each.name, each.cluster, each.namespace) for each in run.plan.environment.targets}


def _is_stranded(item: Item, targets: Places) -> bool:
    """Say whether an object was delivered to a target that is there no more, or that lies somewhere else."""
    return bool(item.target) and (item.target, item.cluster, item.namespace) not in targets


def _is_cloud(run: Run, name: str) -> bool:
    """Say whether a step makes cloud resources, each for one env."""
    spec = Shape(run.plan.workflow).specs.get(name)
    return spec is not None and spec.type == CLOUD


def _gave_up(run: Run, name: str) -> bool:
    """Say whether a step is there no more, or has done its work without an object that it made before."""
    if name not in Shape(run.plan.workflow).specs:
        return True
    state = run.step(name)
    return state is not None and state.phase is StepPhase.SUCCEEDED
