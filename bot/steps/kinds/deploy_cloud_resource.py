"""`deploy-cloud-resource`: makes the cloud resources of an env, and hands their Secrets to its targets.

KubeVela's step. A cloud resource becomes a `Configuration` on the control cluster, one after those that it depends on;
Terraform's controller makes it and writes a Secret, which is copied to the targets of the env. Run again, after a crash
or in a later run, it applies the same and copies what the Secret holds then.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from bot.catalog.model import Component, Target
from bot.catalog.order import waves
from bot.cluster.port import Applied, Manifest
from bot.errors import Permanent
from bot.rendering.handling import handling_of
from bot.rendering.placement import PlacementError, cloud_resources
from bot.rendering.places import CloudPlacement
from bot.rendering.render import render
from bot.rendering.terraform import connection_of
from bot.run.conditions import outputs
from bot.run.inventory import ref_of
from bot.steps.configurations import available
from bot.steps.connections import handed_on
from bot.steps.contract import Done, Failed, Need, Outcome, StepContext, Waiting
from bot.steps.objects import Spot, granted, make
from bot.steps.parameters import Parameters, read, schema_of
from bot.steps.passing import with_inputs
from bot.steps.progress import Board


class DeployCloudResourceParameters(Parameters):
    """What a file can say. Ours: without `env` the environment is meant; `policies` are overrides, as `deploy` has them."""

    env: str = ""
    policy: str = ""
    policies: list[str] = Field(default_factory=list)


class DeployCloudResource:
    """The step type."""

    name = "deploy-cloud-resource"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Creates the application's cloud resources and hands their Secrets to the targets."
    schema = schema_of(DeployCloudResourceParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError when the properties cannot be read; what they name is checked with the application."""
        read(DeployCloudResourceParameters, properties)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Apply, wait until all is there, and copy the Secrets."""
        found = read(DeployCloudResourceParameters, properties)
        plan = context.run.plan
        try:
            cloud = cloud_resources(
                plan.application, plan.environment, found.model_dump(by_alias=True)
            )
        except PlacementError as error:
            raise Permanent(str(error)) from error
        return await _Creation(context, cloud).done()


class _Creation:
    """The cloud resources of one env while they are made."""

    def __init__(self, context: StepContext, cloud: CloudPlacement) -> None:
        self._context = context
        self._control = cloud.control.target
        self._components = cloud.control.components
        self._env = cloud.env
        self._spot = Spot(cluster=self._control.cluster, namespace=self._control.namespace)
        self._targets = [
            Spot(cluster=each.cluster, namespace=each.namespace, target=each.name)
            for each in cloud.targets
        ]

    async def done(self) -> Outcome:
        """Make all of them, wave by wave."""
        if not self._components:
            return Done(message=f"there are no cloud resources in {self._env}")
        by_name = {each.name: each for each in self._components}
        values = outputs(self._context.run.steps)
        for wave in waves(self._components):
            components = [with_inputs(by_name[name], values) for name in wave]
            failed = await self._created(components)
            if failed is not None:
                return failed
            missing = await handed_on(self._context, self._control, components, self._targets)
            if missing:
                said = f"waiting for the Secret {', '.join(missing)} on {self._control.cluster}"
                return Waiting(message=said)
        return Done(outputs={"resources": list(by_name), "secrets": self._aliases()})

    async def _created(self, components: Sequence[Component]) -> Failed | None:
        """Apply Configurations and wait until what they are of is there."""
        context, run = self._context, self._context.run
        clusters, _ = granted(context)
        manifests = {each.name: self._rendered(each) for each in components}
        refs = [ref_of(each) for found in manifests.values() for each in found]
        there = await clusters.live(self._spot.cluster, refs)
        generations = {
            ref: int(live["metadata"].get("generation", 0))
            for ref, live in zip(refs, there, strict=True)
            if live is not None
        }
        applied: list[Applied] = []
        for name, found in manifests.items():
            handling = handling_of(run.plan.application, found)
            made = await make(
                context, self._spot, found, component=name, wait=False, handling=handling
            )
            applied += made.applied
        before = {each: generations[each.ref] for each in applied if each.ref in generations}
        board = Board(context.report, several=False)
        return await available(clusters, self._spot.place, applied, before, board, run)

    def _rendered(self, component: Component) -> list[Manifest]:
        plan = self._context.run.plan
        revision = plan.based_on + 1
        return render(
            plan.application, component, plan.environment, self._control, revision=revision
        )

    def _aliases(self) -> list[str]:
        found = (connection_of(each, self._control) for each in self._components)
        return [each.alias for each in found if each is not None]
