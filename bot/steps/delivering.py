"""Delivers components to targets: what `deploy`, `deploy2env` and `apply-component` do.

To each target a component after those that it depends on or takes values from; objects are accounted for before they are
applied, followed until they are what `kubectl rollout status` calls rolled out, and kept as they were for a rollback,
which repeats them. Run again after a crash it applies the same objects, which changes nothing, and goes on waiting.
Several targets at once, up to a limit; what fails in one keeps no other from being finished.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from bot.catalog.model import Component
from bot.catalog.order import waves
from bot.cluster.port import Applied, Clusters, Manifest, Options
from bot.errors import Permanent, ShipmateError, Temporary
from bot.events import Log
from bot.placement.handling import Handling, handling_of, with_live_fields
from bot.placement.placements import Placement
from bot.rendering.pinning import pinned
from bot.rendering.repeating import Kept, manifests_for
from bot.rendering.secrets import kept_secret, without_values
from bot.run.conditions import outputs
from bot.run.inventory import Inventory, Key, key_of, ref_of
from bot.steps.accounting import account, account_for_arrival, account_for_jobs
from bot.steps.contract import Done, Failed, Outcome, StepContext
from bot.steps.following import Place, followed, log_of
from bot.steps.jobs import Prepared, prepared
from bot.steps.outlasting import outlasted
from bot.steps.passing import objects_of, outputs_of, with_inputs
from bot.steps.progress import Board


@dataclass(slots=True, kw_only=True)
class _Landing:
    """What came of the delivery to one target."""

    failed: Failed | None = None
    details: tuple[str, ...] = ()
    log: Log | None = None
    outputs: dict[str, Any] = field(default_factory=dict)


async def deliver(
    context: StepContext, placements: Sequence[Placement], *, parallelism: int = 5
) -> Outcome:
    """Deliver `placements`, at most `parallelism` targets at once. Raises Temporary and Permanent."""
    clusters, inventory = context.granted.clusters, context.granted.inventory
    assert clusters is not None
    assert inventory is not None
    repeats = context.run.plan.repeats
    kept: Kept = await inventory.kept(repeats) if repeats else {}
    board = Board(context.report, several=len(placements) > 1)
    limit = asyncio.Semaphore(parallelism)

    async def to(placement: Placement) -> _Landing | ShipmateError:
        async def ship() -> _Landing:
            return await _Shipment(context, placement, clusters, inventory, kept, board).deliver()

        async with limit:
            try:
                return await outlasted(ship, board, placement.target.name)
            except (Temporary, Permanent) as error:
                return error

    found = await asyncio.gather(*(to(each) for each in placements))
    return _outcome(context, placements, found)


def _outcome(
    context: StepContext,
    placements: Sequence[Placement],
    found: Sequence[_Landing | ShipmateError],
) -> Outcome:
    """Answer what came of all targets together; what failed for good counts before what may pass."""
    landed = [each for each in found if isinstance(each, _Landing)]
    failed = [each.failed for each in landed if each.failed is not None]
    refused = [each for each in found if isinstance(each, Permanent)]
    passing = [each for each in found if isinstance(each, Temporary)]
    if failed:
        said = [each.message for each in failed] + [str(each) for each in refused]
        return replace(
            failed[0],
            message="; ".join(said),
            details=tuple(line for each in failed for line in each.details),
        )
    if refused:
        raise refused[0] if len(refused) == 1 else Permanent("; ".join(map(str, refused)))
    if passing:
        raise passing[0]
    left: dict[str, Any] = {}
    for each in reversed(landed):
        left.update(each.outputs)
    return Done(
        outputs={
            "targets": [each.target.name for each in placements],
            "images": context.run.plan.images,
            **left,
        },
        details=tuple(line for each in landed for line in each.details),
        log=next((each.log for each in landed if each.log is not None), None),
    )


class _Shipment:
    """The delivery to one target."""

    def __init__(
        self,
        context: StepContext,
        placement: Placement,
        clusters: Clusters,
        inventory: Inventory,
        kept: Kept,
        board: Board,
    ) -> None:
        self._context = context
        self._run = context.run
        self._placement = placement
        self._clusters = clusters
        self._inventory = inventory
        self._kept = kept
        self._board = board
        target = placement.target
        self._place = Place(cluster=target.cluster, name=target.name, target=target.name)
        self._values: dict[str, Any] = outputs(context.run.steps)
        self._applied: list[Applied] = []
        self._landing = _Landing()

    async def deliver(self) -> _Landing:
        """Deliver all components, wave by wave."""
        by_name = {each.name: each for each in self._placement.components}
        done = await self._inventory.done(self._run.application, self._run.environment)
        for wave in waves(self._placement.components):
            components = [with_inputs(by_name[name], self._values) for name in wave]
            if not await self._wave(components, done):
                break
        return self._landing

    async def _wave(self, components: Sequence[Component], done: frozenset[Key]) -> bool:
        """Deliver components that do not wait for each other; say whether that went well."""
        cluster = self._place.cluster
        rendered = {each.name: self._rendered(each) for each in components}
        manifests = [manifest for found in rendered.values() for manifest in found]
        handling = handling_of(self._run.plan.application, manifests)
        manifests = await self._with_kept_fields(manifests, handling)
        known = {ref for ref in map(ref_of, manifests) if key_of(cluster, ref) in done}
        await account(
            self._inventory,
            self._run,
            self._context.step,
            self._place,
            manifests,
            handling,
            betrays=self._context.betrays,
        )
        ready = await prepared(self._clusters, cluster, manifests, self._context.key, known)
        options = Options(force=handling.force, once=handling.once, read_only=handling.read_only)
        with kept_secret(ready.fresh):
            fresh = await self._clusters.apply(cluster, ready.fresh, options)
        await account_for_arrival(self._inventory, self._run, self._place, ready.fresh)
        # What was applied before is followed on: nothing of the target may have broken meanwhile.
        self._applied += [*fresh, *ready.standing]
        failed = await followed(
            self._clusters,
            self._place,
            self._applied,
            self._board,
            self._run,
            succeeded=partial(account_for_jobs, self._inventory, self._run, self._place),
        )
        if failed is not None:
            self._landing.failed = failed
            return False
        await self._hear(ready)
        await self._finish(components, rendered, [*fresh, *ready.standing])
        return True

    def _rendered(self, component: Component) -> list[Manifest]:
        """Render a component, or take it as the run has delivered it that is repeated."""
        return manifests_for(self._run.plan, component, self._placement.target, self._kept)

    async def _with_kept_fields(
        self, manifests: list[Manifest], handling: Handling
    ) -> list[Manifest]:
        """Put into objects that are there the fields that their author wants to stay as they are."""
        refs = [each for each in map(ref_of, manifests) if each in handling.kept_fields]
        live = dict(zip(refs, await self._clusters.live(self._place.cluster, refs), strict=True))
        return [
            with_live_fields(
                each, live.get(ref_of(each)), handling.kept_fields.get(ref_of(each), ())
            )
            for each in manifests
        ]

    async def _hear(self, ready: Prepared) -> None:
        """Take down what the Jobs of this round said."""
        jobs = [each for each in self._applied if each.ref in ready.told]
        if jobs:
            said = await self._clusters.words(self._place.cluster, jobs)
            self._landing.details += said.lines
            self._landing.log = self._landing.log or log_of(self._run, self._place, said)

    async def _finish(
        self,
        components: Sequence[Component],
        rendered: Mapping[str, Sequence[Manifest]],
        applied: Sequence[Applied],
    ) -> None:
        """Keep what was delivered, with the contents that its images turned out to be; read the outputs."""
        digests = await self._clusters.digests(self._place.cluster, applied)
        delivered = {
            name: [without_values(pinned(each, digests)) for each in manifests]
            for name, manifests in rendered.items()
        }
        await self._inventory.keep(self._run.id, self._placement.target.name, delivered)
        for component in components:
            manifests = delivered[component.name]
            if component.outputs or self._context.spec.outputs:
                refs = [ref_of(each) for each in manifests]
                live = await self._clusters.live(self._place.cluster, refs)
                self._values.update(outputs_of(component, live))
                self._landing.outputs.update(objects_of(live))
