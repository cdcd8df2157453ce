"""`suspend`: the run waits for a person, or for some time.

KubeVela's properties `duration` and `message`, and ours: who may answer, and what no answer or a no means.
The step's own `timeout` says how long an answer may take.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from bot.catalog.model import Target
from bot.run.model import OnTimeout, RunPhase
from bot.steps.asking import AskingParameters, check_asking, gate_of
from bot.steps.contract import Need, Outcome, StepContext, Suspended
from bot.steps.parameters import duration, is_expression, read, schema_of


class SuspendParameters(AskingParameters):
    """What a file can say."""

    message: str = ""
    duration: str | None = None
    quorum: int = Field(default=1, ge=1, le=20)
    on_timeout: Literal["fail", "reject", "continue"] = Field(default="fail", alias="onTimeout")
    on_reject: Literal["terminate", "fail"] = Field(default="terminate", alias="onReject")


class Suspend:
    """The step type."""

    name = "suspend"
    needs: frozenset[Need] = frozenset()
    summary = "Waits for an approval, or with `duration` for some time."
    schema = schema_of(SuspendParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what cannot be meant."""
        found = read(SuspendParameters, properties)
        check_asking(found, found.quorum)
        if found.duration is not None and not is_expression(found.duration):
            duration(found.duration, ("duration",))

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Open the gate's question; what it waits for is in the answer, nothing stays in memory."""
        found = read(SuspendParameters, properties)
        until = None
        if found.duration is not None:
            seconds = duration(found.duration, ("duration",))
            until = _started(context) + timedelta(seconds=seconds)
        gate = replace(
            gate_of(found, found.message, found.quorum),
            until=until,
            on_timeout=OnTimeout(found.on_timeout),
            on_reject=(RunPhase.TERMINATED if found.on_reject == "terminate" else RunPhase.FAILED),
        )
        return Suspended(gate=gate)


def _started(context: StepContext) -> datetime:
    """Answer when this attempt began: a restart of the process does not lengthen the wait."""
    step = context.run.step(context.step)
    return step.started if step and step.started else datetime.min.replace(tzinfo=UTC)
