"""Objects that a step makes itself: where they go, that they are accounted for, applied and waited for.

They belong to the step and are deleted when the workflow no longer has it, or when it makes them no more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from bot.catalog.complaints import nearest
from bot.catalog.model import Application, Environment
from bot.cluster.port import Applied, Clusters, Manifest, Options
from bot.errors import Permanent
from bot.placement.handling import Handling
from bot.rendering.objects import APPLICATION_LABEL, MANAGER_LABEL, labelled
from bot.run.inventory import Inventory, ref_of
from bot.steps.accounting import account, account_for_arrival, account_for_jobs
from bot.steps.contract import Failed, StepContext
from bot.steps.following import Place, followed
from bot.steps.jobs import Prepared, prepared
from bot.steps.progress import Board

AS_USUAL = Handling()
LOCAL = "local"
"""KubeVela's name of the control cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place for objects: on a cluster, in a namespace."""

    cluster: str
    namespace: str
    target: str = ""
    """The target that it is; empty: the control cluster, which is no target."""

    @property
    def called(self) -> str:
        """What people call it."""
        return self.target or self.cluster

    @property
    def place(self) -> Place:
        """What is followed there."""
        return Place(cluster=self.cluster, name=self.called, target=self.target)


def spots(
    context: StepContext, *, cluster: str = "", target: str = "", namespace: str = ""
) -> tuple[Spot, ...]:
    """Answer where a step acts. Raises Permanent when there is no such place."""
    plan = context.run.plan
    return spots_of(
        plan.application, plan.environment, cluster=cluster, target=target, namespace=namespace
    )


def spots_of(
    application: Application,
    environment: Environment,
    *,
    cluster: str = "",
    target: str = "",
    namespace: str = "",
) -> tuple[Spot, ...]:
    """Answer where a step acts: in a target; in the targets on a cluster, in a namespace; without either in all targets.

    The control cluster can be named although it is no target. Raises Permanent when there is no such place.
    """
    found = tuple(
        Spot(cluster=each.cluster, namespace=namespace or each.namespace, target=each.name)
        for each in environment.targets
        if target in {"", each.name} and cluster in {"", each.cluster}
    )
    control = environment.control_cluster
    if not found and not target and control and cluster in {LOCAL, control}:
        own = namespace or application.namespace
        return (Spot(cluster=control, namespace=own),)
    if not found:
        names = [each.name for each in environment.targets]
        said = target if target in names else f"{target}{nearest(target, names)}"
        if cluster and target in {"", *names}:
            said = f"{said} on the cluster {cluster}".lstrip()
        raise Permanent(f"{environment.name} has no target {said} (it has: {', '.join(names)})")
    return found


def placed(context: StepContext, spot: Spot, manifest: Manifest) -> Manifest:
    """Answer an object of a step: in the spot's namespace unless it names one, and marked as the application's."""
    metadata = {**manifest["metadata"]}
    metadata["namespace"] = metadata.get("namespace") or spot.namespace
    made = {**manifest, "metadata": metadata}
    labelled(made, {APPLICATION_LABEL: context.run.application, MANAGER_LABEL: "shipmate"})
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of applying objects of a step in one spot."""

    applied: tuple[Applied, ...]
    ready: Prepared
    failed: Failed | None = None


async def make(
    context: StepContext,
    spot: Spot,
    manifests: Sequence[Manifest],
    *,
    component: str = "",
    wait: bool = True,
    board: Board | None = None,
    done: Collection[str] = (),
    handling: Handling = AS_USUAL,
) -> Made:
    """Apply objects of a step (or of a `component`) that are `placed`, and with `wait` follow them until they are there.

    `done` names Jobs that have succeeded once and are not to be done again; `handling` says what policies want otherwise.
    Raises Temporary and Permanent.
    """
    clusters, inventory = granted(context)
    run = context.run
    place = spot.place
    await account(
        inventory,
        run,
        context.step,
        place,
        manifests,
        handling,
        betrays=context.betrays,
        component=component,
    )
    known = [ref for ref in map(ref_of, manifests) if ref.kind == "Job" and ref.name in done]
    ready = await prepared(clusters, spot.cluster, manifests, context.key, known)
    options = Options(force=handling.force, once=handling.once, read_only=handling.read_only)
    fresh = await clusters.apply(spot.cluster, ready.fresh, options)
    await account_for_arrival(inventory, run, place, ready.fresh)
    applied = (*fresh, *ready.standing)
    failed = None
    if wait:
        shown = board or Board(context.report, several=False)
        succeeded = partial(account_for_jobs, inventory, run, place)
        failed = await followed(clusters, place, applied, shown, run, succeeded=succeeded)
    return Made(applied=applied, ready=ready, failed=failed)


def granted(context: StepContext) -> tuple[Clusters, Inventory]:
    """Answer the capabilities of a step that writes to clusters."""
    clusters, inventory = context.granted.clusters, context.granted.inventory
    assert clusters is not None, "its type needs them"
    assert inventory is not None, "its type needs it"
    return clusters, inventory
