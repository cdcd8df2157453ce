"""`deploy2env`: delivers the application to one target of the environment, or to an env of an `env-binding` policy.

As KubeVela 1.2's step of that name. In the form that VelaUX generates `env` names the target.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.model import Target
from bot.errors import Permanent
from bot.placement.placements import PlacementError, to_env
from bot.steps.contract import Need, Outcome, PropertyError, StepContext
from bot.steps.delivering import deliver
from bot.steps.parameters import Parameters, read, schema_of


class Deploy2EnvParameters(Parameters):
    """What a file can say.

    KubeVela's `parallel` is accepted and changes nothing: components that do not depend on each other are applied together.
    """

    env: str
    policy: str = ""
    parallel: bool = False


class Deploy2Env:
    """The step type."""

    name = "deploy2env"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Delivers the application to a target and waits until it is rolled out."
    schema = schema_of(Deploy2EnvParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError when the properties cannot be read; what they name is checked with the application."""
        found = read(Deploy2EnvParameters, properties)
        if not found.env:
            names = ", ".join(each.name for each in targets)
            raise PropertyError(("env",), f"expected the name of a target ({names})")

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Apply and follow, those first that others depend on, until all is rolled out or something will not be."""
        found = read(Deploy2EnvParameters, properties)
        plan = context.run.plan
        try:
            placements = to_env(plan.application, plan.environment, found.env, found.policy)
        except PlacementError as error:
            raise Permanent(str(error)) from error
        return await deliver(context, placements)
