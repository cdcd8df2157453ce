"""Hands on how to reach a cloud resource: the Secret that Terraform's controller writes, copied to where it is used.

A value goes from the control cluster to the places that are to have it, and nowhere else: what is accounted for, said and
stored has the names alone. A Secret that is there and not this application's is never written to.
"""

from collections.abc import Callable, Sequence

from bot.catalog.model import Component, Target
from bot.cluster.port import Manifest
from bot.errors import Permanent
from bot.rendering.cloud.configurations import ENV_LABEL, Connection, connection_of
from bot.rendering.objects import APPLICATION_LABEL, COMPONENT_LABEL, labelled
from bot.rendering.secrets import kept_secret
from bot.run.inventory import Ref, ref_of
from bot.secrecy import leaves
from bot.steps.contract import Done, Outcome, StepContext
from bot.steps.everywhere import everywhere
from bot.steps.objects import Spot, granted, make, placed

NAMESPACE_LABEL = "app.oam.dev/namespace"
ALIAS_LABEL = "app.oam.dev/sync-alias"
SOURCE = "shipmate.dev/copy-of"
"""The annotation: where a copy comes from."""


async def handed_on(
    context: StepContext,
    control: Target,
    components: Sequence[Component],
    spots: Sequence[Spot],
    *,
    of_step: bool = False,
) -> tuple[str, ...]:
    """Copy the connection Secrets of cloud resources to `spots`; name those that are not there yet.

    `of_step`: the copies belong to the step, and not to the components. Raises Temporary and Permanent.
    """
    missing: list[str] = []
    for component in components:
        connection = connection_of(component, control)
        if connection is None:
            continue
        data = await _data(context, control.cluster, connection)
        context.conceal(*leaves(data or {}))
        if data is None:
            missing.append(f"{connection.namespace}/{connection.name}")
            continue
        owner = "" if of_step else component.name
        await _put_everywhere(context, spots, _copies(context, control, component, data), owner)
    return tuple(missing)


async def _data(context: StepContext, cluster: str, connection: Connection) -> Manifest | None:
    """Read the values that Terraform's controller has written; None before it has."""
    clusters, _ = granted(context)
    ref = Ref("v1", "Secret", connection.namespace, connection.name)
    (found,) = await clusters.live(cluster, [ref])
    return None if found is None else found.get("data") or {}


def _copies(
    context: StepContext, control: Target, component: Component, data: Manifest
) -> Callable[[Spot], Manifest]:
    """Answer how to make the copy for a place."""
    connection = connection_of(component, control)
    assert connection is not None, "whose values were read"
    labels = {
        NAMESPACE_LABEL: context.run.plan.application.namespace,
        COMPONENT_LABEL: component.name,
        ENV_LABEL: component.env,
        ALIAS_LABEL: connection.alias,
    }
    source = f"{control.cluster}/{connection.namespace}/{connection.name}"

    def copy(spot: Spot) -> Manifest:
        made: Manifest = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": connection.alias, "annotations": {SOURCE: source}},
            "type": "Opaque",
            "data": data,
        }
        made = placed(context, spot, made)
        labelled(made, labels)
        return made

    return copy


async def _put_everywhere(
    context: StepContext, spots: Sequence[Spot], copy: Callable[[Spot], Manifest], component: str
) -> None:
    """Apply a copy in each place; what one place refuses keeps no other from getting it."""

    async def put(spot: Spot) -> Outcome:
        made = copy(spot)
        with kept_secret([made]):
            await _refuse_others(context, spot, made)
            await make(context, spot, [made], component=component, wait=False)
        return Done()

    await everywhere(spots, put)


async def _refuse_others(context: StepContext, spot: Spot, copy: Manifest) -> None:
    """Raise Permanent when a Secret of the name is there that is somebody else's."""
    clusters, _ = granted(context)
    ref = ref_of(copy)
    (live,) = await clusters.live(spot.cluster, [ref])
    labels = (live or {"metadata": {}})["metadata"].get("labels") or {}
    if live is not None and labels.get(APPLICATION_LABEL) != context.run.application:
        said = f"{ref.title} is in {ref.namespace} on {spot.cluster} already, and is not {context.run.application}'s"
        raise Permanent(f"{said}: rename it, or the one of the cloud resource")
