"""KubeVela's older delivering steps: `apply-application` (also `-in-parallel`), `apply-remaining` and `deploy2runtime`.

What each delivers is said with that of the others in `bot.placement.placements`; how is the same for all. Kept for old files:
new ones have `deploy`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from bot.catalog.model import Target
from bot.errors import Permanent
from bot.placement.placements import WHOLE, PlacementError, placements_of
from bot.steps.contract import Need, Outcome, StepContext
from bot.steps.delivering import deliver
from bot.steps.parameters import Parameters, known, read, schema_of


class ApplyApplicationParameters(Parameters):
    """There is nothing to say."""


class ApplyRemainingParameters(Parameters):
    """What a file can say."""

    exceptions: list[str] = Field(default_factory=list)


class Deploy2RuntimeParameters(Parameters):
    """What a file can say."""

    clusters: list[str] = Field(default_factory=list)


class OlderDelivery:
    """One of the step types."""

    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})

    def __init__(self, name: str, summary: str, parameters: type[Parameters]) -> None:
        self.name = name
        self.summary = summary
        self.schema = schema_of(parameters)
        self._parameters = parameters

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError when the properties cannot be read; what they name is checked with the application."""
        known(self._parameters, properties)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Apply the components and follow them until they are rolled out."""
        read(self._parameters, properties)
        plan = context.run.plan
        step = replace(context.spec, properties=properties)
        try:
            placements = placements_of(step, plan.application, plan.environment)
        except PlacementError as error:
            raise Permanent(str(error)) from error
        return await deliver(context, placements)


def older_deliveries() -> list[OlderDelivery]:
    """Make all of them."""
    whole = "Delivers all components to all targets; an older name of `deploy`."
    return [
        *(OlderDelivery(name, whole, ApplyApplicationParameters) for name in WHOLE),
        OlderDelivery(
            "apply-remaining",
            "Delivers the components that are not excepted to all targets.",
            ApplyRemainingParameters,
        ),
        OlderDelivery(
            "deploy2runtime",
            "Delivers all components to the targets on some clusters.",
            Deploy2RuntimeParameters,
        ),
    ]
