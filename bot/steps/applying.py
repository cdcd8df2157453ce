"""Applies objects of a step in several places, and says what became of them: what the types share that make objects."""

from collections.abc import Callable, Sequence

from bot.cluster.port import Applied, Clusters, Manifest
from bot.errors import Permanent
from bot.rendering.secrets import as_seen, kept_secret
from bot.run.inventory import ref_of
from bot.steps.contract import Done, Outcome, StepContext
from bot.steps.everywhere import everywhere
from bot.steps.following import followed
from bot.steps.objects import Spot, granted, make
from bot.steps.progress import Board

Objects = Callable[[Spot], Sequence[Manifest]]
"""Answers the objects for a place, the one first that other steps see."""


async def apply_everywhere(
    context: StepContext, places: Sequence[Spot], objects: Objects, *, wait: bool = False
) -> Outcome:
    """Apply `objects` in all places, and with `wait` follow them until they are ready.

    Leaves the first object as it is on the cluster then, a Secret without its values. Raises Temporary and Permanent.
    """
    clusters, _ = granted(context)
    board = Board(context.report, several=len(places) > 1)

    async def act(spot: Spot) -> Outcome:
        manifests = objects(spot)
        with kept_secret(manifests):
            made = await make(context, spot, manifests, wait=False)
            await _refuse_changed(clusters, spot, manifests, made.ready.standing)
        if wait:
            failed = await followed(clusters, spot.place, made.applied, board, context.run)
            if failed is not None:
                return failed
        (live,) = await clusters.live(spot.cluster, [ref_of(manifests[0])])
        return Done(outputs={"value": as_seen(live)})

    return await everywhere(places, act)


async def _refuse_changed(
    clusters: Clusters, spot: Spot, manifests: Sequence[Manifest], standing: Sequence[Applied]
) -> None:
    """Raise Permanent when a Job that is there, and is left alone, is another one than its author wants by now."""
    refs = {each.ref for each in standing}
    changed = [each for each in manifests if ref_of(each) in refs]
    for seen in await clusters.preview(spot.cluster, changed) if changed else ():
        if seen.refused:
            hint = "a Job that is there cannot be changed; apply-job makes a new one"
            raise Permanent(f"{seen.refused} ({hint})")
