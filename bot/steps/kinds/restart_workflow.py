"""`restart-workflow`: lets the whole run begin anew by the clock once it is over: `at` a moment, `after` some time, or `every` so often.

KubeVela's properties. Each step is done again then, approvals included. A run that a person has stopped or rejected stays
over, and so does one after which another run of its application has come to the environment. `at` and `after` do it once;
in KubeVela `after` would begin again and again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import model_validator

from bot.catalog.durations import parse_duration, write_duration
from bot.catalog.model import Target
from bot.run.model import Restart
from bot.steps.contract import Done, Need, Outcome, PropertyError, StepContext
from bot.steps.parameters import Parameters, is_expression, read, schema_of


class RestartWorkflowParameters(Parameters):
    """What a file can say: exactly one of the three."""

    at: str | None = None
    after: str | None = None
    every: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "RestartWorkflowParameters":
        if sum(each is not None for each in (self.at, self.after, self.every)) != 1:
            raise ValueError("expected exactly one of at, after and every")
        return self


class RestartWorkflow:
    """The step type."""

    name = "restart-workflow"
    needs: frozenset[Need] = frozenset()
    summary = "Lets the whole run begin anew by the clock once it is over."
    schema = schema_of(RestartWorkflowParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what is no moment or no duration."""
        found = read(RestartWorkflowParameters, properties)
        if found.at is not None and not is_expression(found.at):
            _moment(found.at)
        for key in ("after", "every"):
            given = getattr(found, key)
            if given is not None and not is_expression(given):
                _seconds(given, key)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Say when the run begins anew."""
        found = read(RestartWorkflowParameters, properties)
        state = context.run.step(context.step)
        now = state.started if state and state.started else context.run.created
        if found.every is not None:
            seconds = _seconds(found.every, "every")
            said = f"the run begins anew {write_duration(seconds)} after it has ended"
            return Done(message=said, restart=Restart(every=seconds))
        if context.run.restarted:
            return Done(message="the run has begun anew as it was to")
        at = (
            _moment(found.at)
            if found.at
            else now + timedelta(seconds=_seconds(str(found.after), "after"))
        )
        if at <= now:
            return Done(message=f"{at.isoformat()} is over: the run does not begin anew")
        return Done(message=f"the run begins anew at {at.isoformat()}", restart=Restart(at=at))


def _moment(text: str) -> datetime:
    """Read a moment as RFC 3339 writes it. Raises PropertyError."""
    said = f"expected a moment such as 2026-11-25T14:30:00Z, found {text!r}"
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise PropertyError(("at",), said) from error
    if found.tzinfo is None:
        raise PropertyError(("at",), said)
    return found


def _seconds(text: str, key: str) -> float:
    """Read a duration; KubeVela's `2d` is taken, too. Raises PropertyError."""
    days = text.removesuffix("d")
    try:
        return parse_duration(
            f"{int(days) * 24}h" if text.endswith("d") and days.isdigit() else text
        )
    except ValueError as error:
        raise PropertyError((key,), str(error)) from error
