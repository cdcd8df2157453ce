"""`deploy2env`: delivers the application to one target of the environment.

As KubeVela 1.2's step of that name, in the form that VelaUX generates: `env` names the target. Applies by server-side
apply, a component after those that it depends on, and waits until the workloads are what `kubectl rollout status` calls
rolled out; an image that cannot be pulled ends it early. Run again after a crash it applies the same objects, which
changes nothing, and goes on waiting.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.catalog.model import Application, Environment, Target
from bot.catalog.order import waves
from bot.cluster.health import AT_ONCE
from bot.cluster.port import Applied, Clusters, Health, Manifest
from bot.errors import Permanent, Temporary
from bot.rendering.objects import component_of
from bot.run.model import Progress
from bot.steps.contract import Done, Failed, Need, NotSupported, Outcome, PropertyError, StepContext
from bot.steps.jobs import prepared
from bot.steps.parameters import Parameters, is_expression, read, schema_of

Render = Callable[[Application, Environment, Target], Sequence[Manifest]]


class Deploy2EnvParameters(Parameters):
    """What a file can say. KubeVela's `policy` may only be empty: targets come from the environment.

    Its `parallel` is accepted and changes nothing: components that do not depend on each other are applied together.
    """

    env: str
    policy: str = ""
    parallel: bool = False


class Deploy2Env:
    """The step type. `render` makes the objects of an application for a target."""

    name = "deploy2env"
    needs = frozenset({Need.CLUSTERS})
    summary = "Delivers the application to a target and waits until it is rolled out."
    schema = schema_of(Deploy2EnvParameters)

    def __init__(self, render: Render) -> None:
        self._render = render

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError when `env` names no target of the environment."""
        found = read(Deploy2EnvParameters, properties)
        if found.policy:
            raise NotSupported(("policy",), "targets come from the environment; leave policy out")
        names = [each.name for each in targets]
        if not is_expression(found.env) and targets and found.env not in names:
            known = ", ".join(names)
            raise PropertyError(
                ("env",), f"the environment has no target {found.env} (it has: {known})"
            )

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Apply and follow, those first that others depend on, until all is rolled out or something will not be."""
        found = read(Deploy2EnvParameters, properties)
        target = next((each for each in context.targets if each.name == found.env), None)
        if target is None:
            raise Permanent(f"{context.run.environment} has no target {found.env}")
        clusters = context.granted.clusters
        assert clusters is not None
        plan = context.run.plan
        rendered = self._render(plan.application, plan.environment, target)
        applied: list[Applied] = []
        for wave in waves(plan.application.components):
            chosen = [each for each in rendered if component_of(each) in wave]
            manifests = await prepared(clusters, target.cluster, chosen, context.key)
            applied += await clusters.apply(target.cluster, manifests)
            failed = await _rolled_out(context, clusters, target, applied)
            if failed is not None:
                return failed
        return Done(outputs={"targets": [target.name], "images": plan.images})


async def _rolled_out(
    context: StepContext, clusters: Clusters, target: Target, applied: Sequence[Applied]
) -> Failed | None:
    """Follow objects until all are done; answer why that will not be, if so."""
    told: tuple[Progress, ...] = ()
    async for health in clusters.follow(target.cluster, applied):
        progress = _progress(health)
        if progress != told:
            told = progress
            await context.report(progress)
        hopeless = [each for each, now in health.items() if now.failed]
        if hopeless:
            return await _failed(clusters, target, hopeless, health)
        if all(now.done for now in health.values()):
            return None
    raise Temporary(f"{target.cluster} stopped telling how far it is")


def _progress(health: Mapping[Applied, Health]) -> tuple[Progress, ...]:
    """Answer how far each component is; what is there as soon as it is accepted says nothing."""
    waited = [each for each in health if each.component and each.kind not in AT_ONCE]
    components = [each.component for each in waited]
    return tuple(
        Progress(
            each.component if components.count(each.component) == 1 else f"{each.kind} {each.name}",
            health[each].ready,
            health[each].wanted,
            health[each].note,
        )
        for each in waited
    )


async def _failed(
    clusters: Clusters,
    target: Target,
    hopeless: Sequence[Applied],
    found: Mapping[Applied, Health],
) -> Failed:
    why = await clusters.explain(target.cluster, hopeless)
    said = "; ".join(f"{each.component or each.name}: {found[each].failed}" for each in hopeless)
    return Failed(message=f"{said} (in {target.name})", retryable=False, details=why.lines)
