"""`print-message-in-status`: says something in the step's own message, as KubeVela's step of that name."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.model import Target
from bot.steps.contract import Done, Need, Outcome, StepContext
from bot.steps.parameters import Parameters, read, schema_of


class PrintMessageParameters(Parameters):
    """What a file can say."""

    message: str


class PrintMessage:
    """The step type."""

    name = "print-message-in-status"
    needs: frozenset[Need] = frozenset()
    summary = "Shows a message at the step, on the run card and in `show`."
    schema = schema_of(PrintMessageParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what cannot be meant."""
        read(PrintMessageParameters, properties)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:  # noqa: ARG002 - the contract
        """Say it."""
        return Done(message=read(PrintMessageParameters, properties).message)
