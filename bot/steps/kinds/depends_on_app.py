"""`depends-on-app`: waits until another application is delivered, as KubeVela's step of that name.

One that Shipmate delivers: it has a revision in force in the environment and no run under way there. One that it has never
tried to deliver may be KubeVela's: its Application on the control cluster (else on the targets' clusters) is `running`. One
that is neither is waited for. Applications that wait for each other would do so for ever: the newest run among them fails.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import Field

from bot.catalog.model import Application, Environment, Target
from bot.run.inventory import Ref
from bot.run.model import Run, StepPhase
from bot.run.ports import Runs
from bot.run.values import properties_of
from bot.steps.contract import Done, Failed, Need, Outcome, PropertyError, StepContext
from bot.steps.looking import again, look, patiently
from bot.steps.objects import Spot
from bot.steps.parameters import Parameters, known, read, schema_of
from bot.workflow.expressions import ExpressionError
from bot.workflow.shape import Shape

NAME = "depends-on-app"
KUBEVELA = ("core.oam.dev/v1beta1", "Application")
FARTHEST = 50
"""Applications that are looked at to find a circle."""


class Delivery(NamedTuple):
    """An application in an environment."""

    application: str
    environment: str


class DependsOnAppParameters(Parameters):
    """What a file can say."""

    name: str = Field(min_length=1)
    namespace: str = ""
    environment: str = ""


class DependsOnApp:
    """The step type."""

    name = NAME
    needs = frozenset({Need.CLUSTERS, Need.RUNS})
    summary = "Waits until another application is delivered."
    schema = schema_of(DependsOnAppParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what names no application."""
        known(DependsOnAppParameters, properties)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for an application that could only wait for itself."""
        here = properties.get("environment") in {None, "", environment.name}
        if here and properties.get("name") == application.name:
            raise PropertyError(("name",), f"{application.name} cannot wait for itself")

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Look whether it is delivered."""
        found = read(DependsOnAppParameters, properties)
        return await patiently(context, _looked(context, found))


async def _looked(context: StepContext, found: DependsOnAppParameters) -> Outcome:
    runs = context.granted.runs
    assert runs is not None, "its type needs them"
    wanted = Delivery(found.name, found.environment or context.run.environment)
    # The newest run first: when it ends in between, the revision that it raised is there.
    tried = await runs.recent(*wanted, limit=1, begun=True)
    revision = await runs.revision(*wanted)
    if tried and not tried[0].phase.ended:
        circle = await _circle(runs, context.run, wanted)
        said = _told(context.run, wanted, circle)
        if circle and _gives_way(context.run, circle):
            return Failed(message=said, retryable=False)
        return again(context, said if circle else f"{tried[0].name} is under way")
    if revision is not None:
        return Done(message=f"{wanted.application} {revision.name} is in {wanted.environment}")
    if tried:
        said = f"{wanted.application} is not delivered to {wanted.environment} yet"
        return again(context, f"{said}: {tried[0].name} {tried[0].phase.value}")
    return await _of_kubevela(context, found, wanted)


async def _of_kubevela(
    context: StepContext, found: DependsOnAppParameters, wanted: Delivery
) -> Outcome:
    """Look for an Application of KubeVela's."""
    plan = context.run.plan
    control = plan.environment.control_cluster
    names = [control] if control else [each.cluster for each in plan.environment.targets]
    clusters = list(dict.fromkeys(names))
    namespace = found.namespace or plan.application.namespace
    for name in clusters:
        spot = Spot(cluster=name, namespace=namespace)
        live = await look(context, spot, Ref(*KUBEVELA, namespace, found.name))
        if live is not None:
            status = str((live.get("status") or {}).get("status") or "not started")
            said = f"KubeVela's application {found.name} on {name} is {status}"
            return Done(message=said) if status == "running" else again(context, said)
    return again(
        context,
        f"{found.name} was never delivered to {wanted.environment}, and there is no Application "
        f"{namespace}/{found.name} of KubeVela's on {', '.join(clusters)}",
    )


@dataclass(frozen=True, slots=True)
class _Wait:
    """A run that waits in a step for another application."""

    run: Run
    step: str
    wanted: Delivery


async def _circle(runs: Runs, own: Run, first: Delivery) -> list[_Wait]:
    """Follow who waits for whom, from an application on; answer the way back to our own run, if there is one."""
    home = Delivery(own.application, own.environment)
    ways: list[list[_Wait]] = [[]]
    seen: set[Delivery] = {first}
    while ways and len(seen) < FARTHEST:
        way = ways.pop(0)
        async for wait in _waits(runs, way[-1].wanted if way else first):
            if wait.wanted == home:
                return [*way, wait]
            if wait.wanted not in seen:
                seen.add(wait.wanted)
                ways.append([*way, wait])
    return []


async def _waits(runs: Runs, delivery: Delivery) -> AsyncIterator[_Wait]:
    """Yield what the run under way of an application waits for."""
    for run in await runs.recent(*delivery, limit=1, begun=True):
        specs = Shape(run.plan.workflow).specs
        for step in () if run.phase.ended else run.steps:
            if step.phase is not StepPhase.RUNNING or specs[step.name].type != NAME:
                continue
            try:
                given = properties_of(run, specs[step.name])
            except ExpressionError:
                continue  # it says so itself
            environment = str(given.get("environment") or run.environment)
            yield _Wait(run, step.name, Delivery(str(given.get("name")), environment))


def _gives_way(own: Run, circle: Sequence[_Wait]) -> bool:
    """Say whether our own run is the newest of a circle: one has to fail, and that is the one."""
    return all((each.run.created, each.run.id) < (own.created, own.id) for each in circle)


def _told(own: Run, wanted: Delivery, circle: Sequence[_Wait]) -> str:
    """Say who waits for whom, and what a person can do."""
    first = f"{own.name} waits for {wanted.application}"
    others = (
        f"{each.run.name} waits for {each.wanted.application} (step {each.step})" for each in circle
    )
    return f"they wait for each other: {'; '.join((first, *others))}. Skip one of these steps"
