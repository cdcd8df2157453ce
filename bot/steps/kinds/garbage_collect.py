"""`garbage-collect`: deletes what the application no longer contains. Every run ends with it; no file has it.

Garbage is what Shipmate has delivered here before (it stands in the inventory), what this run was to deliver no more, and
what still bears our labels: never a guess. A component that this run left out only because its step did not run stays, and
what lies where no target is any more: that is said once, and is no longer Shipmate's from then on.
What cannot be deleted now does not fail the run, for everything was delivered: it is said, and the next run tries again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.catalog.model import CLEAN_UP, Target
from bot.cluster.port import Clusters
from bot.errors import Permanent, Temporary
from bot.placement.garbage import garbage, stranded
from bot.placement.handling import disposal_of
from bot.rendering.cloud.configurations import GROUP
from bot.rendering.objects import belongs_to
from bot.run.inventory import Inventory, Item
from bot.run.model import Run
from bot.steps.contract import Done, Need, Outcome, StepContext
from bot.steps.parameters import Parameters, read, schema_of


class GarbageCollectParameters(Parameters):
    """There is nothing to say: the policy `garbage-collect` of the application says what is kept."""


class GarbageCollect:
    """The step type."""

    name = CLEAN_UP
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Deletes what the application no longer contains."
    schema = schema_of(GarbageCollectParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError when there are any properties."""
        read(GarbageCollectParameters, properties)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:  # noqa: ARG002 - the contract
        """Delete the garbage, target by target."""
        clusters, inventory = context.granted.clusters, context.granted.inventory
        assert clusters is not None
        assert inventory is not None
        run = context.run
        items = await inventory.items(run.application, run.environment)
        sweep = _Sweep(run, clusters, inventory)
        await sweep.leave(stranded(run, items))
        for item in garbage(run, items):
            await sweep.take(item)
        state = run.step(context.step)
        if sweep.waiting and (state is None or state.failures < context.spec.retries):
            raise Temporary(sweep.waiting[0])
        left = (*sweep.kept, *sweep.waiting)  # said once, so it has to stand somewhere in full
        return Done(message=sweep.said(), outputs={"removed": sweep.removed}, details=left)


@dataclass(slots=True)
class _Sweep:
    """One go through the garbage."""

    run: Run
    clusters: Clusters
    inventory: Inventory
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    async def leave(self, items: Sequence[Item]) -> None:
        """Strike out what lies where no target is any more, and say so, place by place."""
        found = Counter((each.target, each.cluster, each.namespace) for each in items)
        for (target, cluster, namespace), count in found.items():
            objects = "object" if count == 1 else "objects"
            self.kept.append(
                f"left {count} {objects} in {namespace} on {cluster}, where {target} no longer is"
            )
        if items:
            await self._forget(*items)

    async def take(self, item: Item) -> None:
        """Delete an object, or leave it and say why."""
        title = f"{item.ref.title} ({item.target or item.cluster})"
        disposal = disposal_of(self.run.plan.application, item.manifest)
        if disposal.kept:
            # It is said once, and then it is no longer Shipmate's.
            self.kept.append(f"left {title}: {disposal.kept}")
            await self._forget(item)
            return
        try:
            (live,) = await self.clusters.live(item.cluster, [item.ref])
            if live is not None and belongs_to(live, self.run.application):
                uid = str(live["metadata"].get("uid", ""))
                gone = await self.clusters.remove(
                    item.cluster, item.ref, uid=uid, orphan=disposal.orphan
                )
                if gone or item.ref.group != GROUP:
                    self.removed.append(title)
                else:
                    self.kept.append(f"{title} is being destroyed")
            elif live is not None:
                self.kept.append(f"left {title}: it no longer says that it is ours")
        except Temporary as error:
            self.waiting.append(f"{title} is not deleted yet: {error}")
            return
        except Permanent as error:
            self.kept.append(f"could not delete {title}: {error}")
            return
        await self._forget(item)

    async def _forget(self, *items: Item) -> None:
        keys = [each.key for each in items]
        await self.inventory.forget(self.run.application, self.run.environment, keys)

    def said(self) -> str:
        """Say what was done, in a line; empty when there was nothing to do."""
        parts = [f"removed {', '.join(self.removed)}"] if self.removed else []
        return "; ".join([*parts, *self.kept, *self.waiting])
