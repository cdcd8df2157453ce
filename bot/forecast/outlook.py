"""What a run would deliver, before it runs: its delivering steps walked, their components rendered. Pure.

What is known only as it runs (a condition on other steps, a value that one of them leaves) is not guessed but named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.catalog.model import Component, Step, Target
from bot.errors import Permanent
from bot.placement.placements import DELIVERING, Placement, PlacementError, placements_of
from bot.rendering.objects import Manifest
from bot.rendering.repeating import Kept, manifests_for
from bot.run.conditions import ALWAYS
from bot.run.context import context_of
from bot.run.model import Run
from bot.wording import Sentence
from bot.workflow.expressions import ExpressionError, evaluate_condition, fill_in

MAKING = frozenset(
    {
        "apply-deployment",
        "apply-job",
        "apply-object",
        "apply-terraform-config",
        "apply-terraform-provider",
        "clean-jobs",
        "delete-object",
        "export-data",
        "export-service",
        "export2config",
        "export2secret",
        "share-cloud-resource",
    }
)
"""The step types that write to clusters what is no component."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Objects of a component (empty: of a step) for a target."""

    target: Target
    """One without a name is the control cluster."""
    component: str
    manifests: tuple[Manifest, ...]

    @property
    def place(self) -> str:
        """What people call where it goes."""
        return self.target.name or self.target.cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A step or component of which nothing can be said now, and why. `fails`: its delivery would fail."""

    what: str
    why: str
    fails: bool = False


@dataclass(slots=True)
class Outlook:
    """What a run would deliver. Of a component that several steps deliver to a target the last one counts."""

    parcels: dict[tuple[str, str, str], Parcel] = field(default_factory=dict)
    """By the names of target, component and, of a cloud resource, the env that it is for."""
    unseen: list[Unseen] = field(default_factory=list)


def outlook(run: Run, kept: Kept) -> Outlook:
    """Answer what a run that has not begun would deliver; `kept` is what the run has delivered that it repeats."""
    found = Outlook()
    steps = run.plan.workflow.steps
    made = [each.title for one in steps for each in (one, *one.sub_steps) if each.type in MAKING]
    if made:
        why = Sentence("what they make or delete themselves is not looked at before")
        found.unseen.append(Unseen(what=", ".join(made), why=why))
    for step in _delivering(run, steps, found):
        try:
            placements = placements_of(step, run.plan.application, run.plan.environment)
        except PlacementError as error:
            found.unseen.append(Unseen(what=step.title, why=str(error), fails=True))
            continue
        for placement in placements:
            _pack(run, placement, kept, found)
    return found


def _delivering(run: Run, steps: tuple[Step, ...], found: Outlook) -> Iterator[Step]:
    """Yield the steps that deliver, with their properties; take down those that may or may not."""
    for step in steps:
        if not _delivers(step):
            continue
        runs = _runs(run, step)
        if runs is None:
            why = Sentence("it runs only if {condition}", condition=step.if_.strip())
            found.unseen.append(Unseen(what=step.title, why=why))
        elif runs and step.sub_steps:
            yield from _delivering(run, step.sub_steps, found)
        elif runs:
            known = _with_properties(run, step)
            if known is None:
                why = Sentence("what it delivers is known only when it runs")
                found.unseen.append(Unseen(what=step.title, why=why))
            else:
                yield known


def _delivers(step: Step) -> bool:
    return step.type in DELIVERING or any(map(_delivers, step.sub_steps))


def _runs(run: Run, step: Step) -> bool | None:
    """Say whether a step runs, by its `if`; None when that is known only later."""
    condition = step.if_.strip()
    if condition in {"", ALWAYS}:
        return True
    scope = {"context": context_of(run, step.name), "parameter": dict(step.properties)}
    try:
        return evaluate_condition(condition, scope)
    except ExpressionError:
        return None


def _with_properties(run: Run, step: Step) -> Step | None:
    """Answer a step with the expressions in its properties filled in; None when they cannot be yet."""
    if any(each.parameter_key for each in step.inputs):
        return None
    scope = {"context": context_of(run, step.name), "parameter": dict(step.properties)}
    try:
        return replace(step, properties=fill_in(dict(step.properties), scope))
    except ExpressionError:
        return None


def _pack(run: Run, placement: Placement, kept: Kept, found: Outlook) -> None:
    """Render the components of a placement."""
    target = placement.target
    for component in placement.components:
        at = (target.name, component.name, component.env)
        where = target.name or target.cluster
        what = Sentence("{component} in {target}", component=component.name, target=where)
        found.parcels.pop(at, None)
        takes = _takes(component)
        if takes and (target.name, component.name) not in kept:
            why = Sentence("it takes {what}, which is known only when the run is there", what=takes)
            found.unseen.append(Unseen(what=what, why=why))
            continue
        try:
            manifests = manifests_for(run.plan, component, target, kept)
        except Permanent as error:
            found.unseen.append(Unseen(what=what, why=str(error), fails=True))
            continue
        found.parcels[at] = Parcel(
            target=target, component=component.name, manifests=tuple(manifests)
        )


def _takes(component: Component) -> str:
    """Name what a component takes from others."""
    return ", ".join(each.from_ for each in component.inputs if each.parameter_key)
