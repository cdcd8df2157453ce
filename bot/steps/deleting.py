"""Objects that a step deletes: only what is the application's, each one once, waited for until it is gone.

A step that waits is run again and does not remember what it has deleted. So after the first look only what says itself that
it is on its way out is waited for: what is there without saying so has been made anew by somebody, and is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.cluster.port import Manifest
from bot.errors import Permanent
from bot.rendering.objects import APPLICATION_LABEL
from bot.run.inventory import Ref, key_of
from bot.steps.contract import StepContext
from bot.steps.objects import Spot, granted


@dataclass(slots=True, kw_only=True)
class Deleted:
    """What has come of deleting objects in one place."""

    gone: list[str] = field(default_factory=list)
    going: list[str] = field(default_factory=list)


async def delete(
    context: StepContext,
    spot: Spot,
    found: Sequence[tuple[Ref, Manifest]],
    *,
    orphan: bool = False,
) -> Deleted:
    """Delete objects that are there, and strike them from the account when they are gone. Raises Temporary and Permanent."""
    clusters, inventory = granted(context)
    run = context.run
    made = Deleted()
    for ref, live in found:
        if is_going(live):
            made.going.append(ref.title)
        elif is_first_look(context):
            uid = str(live["metadata"].get("uid", ""))
            gone = await clusters.remove(spot.cluster, ref, uid=uid, orphan=orphan)
            (made.gone if gone else made.going).append(ref.title)
            if gone:
                key = key_of(spot.cluster, ref)
                await inventory.forget(run.application, run.environment, [key])
    return made


def check_ours(context: StepContext, spot: Spot, ref: Ref, live: Manifest) -> None:
    """Raise Permanent when an object does not say that it is the application's."""
    application = context.run.application
    labels = live["metadata"].get("labels") or {}
    if labels.get(APPLICATION_LABEL) != application:
        said = f"it has no label {APPLICATION_LABEL}: {application}"
        raise Permanent(
            f"{ref.title} ({spot.called}) is not deleted: {said} (`force: true` deletes it all the same)"
        )


def is_going(live: Manifest) -> bool:
    """Say whether an object is on its way out."""
    return "deletionTimestamp" in live["metadata"]


def is_first_look(context: StepContext) -> bool:
    """Say whether this attempt has deleted nothing yet."""
    step = context.run.step(context.step)
    return step is None or step.looks == 0
