"""Objects that somebody else makes: read where a step acts, as other steps may see them; looked at again while they change."""

from collections.abc import Awaitable

from bot.cluster.port import Manifest
from bot.errors import Temporary
from bot.run.backoff import before_next_look
from bot.run.inventory import Ref
from bot.steps.contract import Outcome, StepContext, Waiting
from bot.steps.objects import Spot

LONGEST = 10.0
"""Seconds between two looks, at the most: someone is waiting."""


async def look(context: StepContext, spot: Spot, ref: Ref) -> Manifest | None:
    """Read an object as it is now; None: it is not there, or its kind is not. Raises Temporary and Permanent."""
    clusters = context.granted.clusters
    assert clusters is not None, "its type needs them"
    (found,) = await clusters.live(spot.cluster, [ref])
    if found is None:
        return None
    # Of a list's items, and of some servers' answers, the kind is left out.
    return {"apiVersion": ref.api_version, "kind": ref.kind, **found}


def again(context: StepContext, message: str) -> Waiting:
    """Answer that the step is to look again soon."""
    step = context.run.step(context.step)
    looks = step.looks if step is not None else 0
    return Waiting(message=message, after=min(LONGEST, before_next_look(looks + 1)))


async def patiently(context: StepContext, work: Awaitable[Outcome]) -> Outcome:
    """Wait on while what is asked cannot answer: for a step that waits anyhow that is no failure."""
    try:
        return await work
    except Temporary as error:
        return again(context, str(error))
