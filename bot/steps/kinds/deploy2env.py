"""`deploy2env`: delivers the application to one target, or to all targets of the environment.

As KubeVela 1.2's step of that name: `env` names the place. Applies by server-side apply and waits until the
workloads are what `kubectl rollout status` calls rolled out; an image that cannot be pulled ends it early.
Run again after a crash it applies the same objects, which changes nothing, and goes on waiting.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.catalog.model import Application, Environment, Target
from bot.cluster.port import Applied, Clusters, Health, Manifest
from bot.errors import Permanent, Temporary
from bot.run.model import Progress
from bot.steps.contract import Done, Failed, Need, Outcome, PropertyError, StepContext
from bot.steps.parameters import Parameters, read

Render = Callable[[Application, Environment, Target], Sequence[Manifest]]


class Deploy2EnvParameters(Parameters):
    """What a file can say. `policy` is KubeVela's and may only be empty: targets come from the environment."""

    env: str
    policy: str = ""
    parallel: bool = False


class Deploy2Env:
    """The step type. `render` makes the objects of an application for a target."""

    name = "deploy2env"
    needs = frozenset({Need.CLUSTERS})
    summary = "Delivers the application to a target and waits until it is rolled out."

    def __init__(self, render: Render) -> None:
        self._render = render

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError when `env` names no place of the environment."""
        found = read(Deploy2EnvParameters, properties)
        if found.policy:
            raise PropertyError(("policy",), "targets come from the environment; leave policy out")
        names = [each.name for each in targets]
        if "${{" not in found.env and targets and found.env not in names:
            known = ", ".join(names)
            raise PropertyError(
                ("env",), f"the environment has no target {found.env} (it has: {known})"
            )

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Deliver to the places, one after the other or at once."""
        found = read(Deploy2EnvParameters, properties)
        environment = context.run.plan.environment
        targets = [each for each in context.targets if found.env in {each.name, environment.name}]
        if not targets:
            raise Permanent(f"{environment.name} has no target {found.env}")
        board = _Board(context, several=len(targets) > 1)
        if found.parallel:
            results = await asyncio.gather(
                *(self._deliver(context, each, board) for each in targets),
                return_exceptions=True,  # all of them end before one of them is told
            )
            for each in results:
                if isinstance(each, BaseException):
                    raise each
            outcomes = [each for each in results if not isinstance(each, BaseException)]
        else:
            outcomes = []
            for each in targets:
                outcomes.append(await self._deliver(context, each, board))
                if isinstance(outcomes[-1], Failed):
                    break
        failed = [each for each in outcomes if isinstance(each, Failed)]
        if failed:
            return failed[0]
        return Done(
            outputs={
                "targets": [each.name for each in targets],
                "images": context.run.plan.images,
            }
        )

    async def _deliver(self, context: StepContext, target: Target, board: "_Board") -> Outcome:
        clusters = context.granted.clusters
        assert clusters is not None
        plan = context.run.plan
        manifests = self._render(plan.application, plan.environment, target)
        applied = await clusters.apply(target.cluster, manifests)
        workloads = [each for each in applied if each.component]
        async for found in clusters.follow(target.cluster, applied):
            await board.show(target, workloads, found)
            hopeless = [each for each, health in found.items() if health.failed]
            if hopeless:
                return await _failed(clusters, target, hopeless, found)
            if all(health.done for health in found.values()):
                return Done()
        raise Temporary(f"{target.cluster} stopped telling how far it is")


class _Board:
    """What the step has reached, all targets together, told only when it changes."""

    def __init__(self, context: StepContext, *, several: bool) -> None:
        self._context = context
        self._several = several
        self._rows: dict[tuple[str, str], Progress] = {}
        self._told: tuple[Progress, ...] = ()

    async def show(
        self, target: Target, workloads: Sequence[Applied], found: Mapping[Applied, Health]
    ) -> None:
        """Take in how far the workloads of a target are."""
        for each in workloads:
            health = found[each]
            if each.kind == "Service":
                continue
            name = f"{target.name}/{each.component}" if self._several else each.component
            self._rows[target.name, each.name] = Progress(
                name, health.ready, health.wanted, health.note
            )
        rows = tuple(self._rows.values())
        if rows != self._told:
            self._told = rows
            await self._context.report(rows)


async def _failed(
    clusters: Clusters,
    target: Target,
    hopeless: Sequence[Applied],
    found: Mapping[Applied, Health],
) -> Failed:
    details = await clusters.explain(target.cluster, hopeless)
    said = "; ".join(f"{each.component or each.name}: {found[each].failed}" for each in hopeless)
    return Failed(message=f"{said} (in {target.name})", retryable=False, details=details)
