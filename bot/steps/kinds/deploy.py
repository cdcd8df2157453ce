"""`deploy`: delivers the application to the targets that its topology policies choose, changed by its override policies.

KubeVela's properties, and ours `targets`: the names of targets, where no topology says it. Without either it delivers to
all targets of the environment, at most `parallelism` of them at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from bot.catalog.complaints import nearest
from bot.catalog.model import Target
from bot.errors import Permanent
from bot.placement.placements import PlacementError, by_policies
from bot.steps.asking import AskingParameters, check_asking, gate_of
from bot.steps.contract import Need, Outcome, PropertyError, StepContext, Suspended
from bot.steps.delivering import deliver
from bot.steps.parameters import is_expression, read, schema_of


class DeployParameters(AskingParameters):
    """What a file can say."""

    auto: bool = True
    policies: list[str] = Field(default_factory=list)
    parallelism: int = Field(default=5, ge=1, le=100)
    ignore_terraform_component: bool = True
    targets: list[str] = Field(default_factory=list)
    message: str = ""


class Deploy:
    """The step type."""

    name = "deploy"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Delivers the application by its topology and override policies, to several targets at once."
    schema = schema_of(DeployParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError when a target is named that the environment does not have."""
        found = read(DeployParameters, properties)
        check_asking(found)
        names = [each.name for each in targets]
        for at, each in enumerate(found.targets):
            if targets and not is_expression(each) and each not in names:
                said = f"the environment has no target {each}{nearest(each, names)} (it has: {', '.join(names)})"
                raise PropertyError(("targets", at), said)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Wait for a yes where `auto` is false; then apply and follow until all is rolled out."""
        found = read(DeployParameters, properties)
        step = context.run.step(context.step)
        if not found.auto and (step is None or step.decision is None):
            said = found.message or f'Waiting approval to the deploy step "{context.step}"'
            return Suspended(gate=replace(gate_of(found, said), then_runs=True))
        plan = context.run.plan
        try:
            placements = by_policies(
                plan.application,
                plan.environment,
                found.policies,
                targets=found.targets,
                cloud=not found.ignore_terraform_component,
            )
        except PlacementError as error:
            raise Permanent(str(error)) from error
        return await deliver(context, placements, parallelism=found.parallelism)
