"""Takes down what a step is about to send, before it is sent: no crash leaves something behind that nobody knows of."""

from collections.abc import Callable, Sequence

from bot.cluster.port import Applied, Manifest
from bot.errors import Permanent
from bot.placement.handling import Handling
from bot.rendering.objects import component_of
from bot.rendering.secrets import without_values
from bot.run.inventory import Inventory, Item, key_of, ref_of
from bot.run.model import Run
from bot.steps.following import Place


async def account(
    inventory: Inventory,
    run: Run,
    step: str,
    place: Place,
    manifests: Sequence[Manifest],
    handling: Handling,
    *,
    betrays: Callable[[Manifest], str],
    component: str | None = None,
) -> None:
    """Account for `manifests`, which belong to the `component` (None: to those that their labels name).

    What is not to be written is nothing of ours from now on, whoever wrote it before: it is never deleted. Raises Permanent
    when an object is another application's, or `betrays` a secret: what was delivered is kept, to be delivered again.
    """
    for each in manifests:
        secret = betrays(each) if each["kind"] != "Secret" else ""
        if secret:
            raise Permanent(
                f"{ref_of(each).title} would hold in the clear what the output {secret} keeps secret: write it into "
                "a Secret (export2secret), and name that in the object (secretKeyRef)"
            )
    items = [
        Item(
            cluster=place.cluster,
            ref=ref_of(each),
            target=place.target,
            namespace=_namespace(run, place),
            component=component_of(each) if component is None else component,
            step=step,
            run=run.id,
            manifest=without_values(each),
        )
        for each in manifests
        if ref_of(each) not in handling.read_only
    ]
    shared = {key_of(place.cluster, each) for each in handling.shared}
    await inventory.note(run.application, run.environment, items, shared=shared)
    strange = [key_of(place.cluster, each) for each in handling.read_only]
    if strange:
        await inventory.forget(run.application, run.environment, strange)


async def account_for_arrival(
    inventory: Inventory, run: Run, place: Place, manifests: Sequence[Manifest]
) -> None:
    """Take down that the API server took objects as they were accounted for."""
    keys = [key_of(place.cluster, ref_of(each)) for each in manifests]
    await inventory.arrived(run.application, run.environment, keys)


async def account_for_jobs(
    inventory: Inventory, run: Run, place: Place, jobs: Sequence[Applied]
) -> None:
    """Take down that Jobs have succeeded, so that they are not done again when the cluster has forgotten them."""
    keys = [key_of(place.cluster, each.ref) for each in jobs]
    await inventory.succeeded(run.application, run.environment, keys)


def _namespace(run: Run, place: Place) -> str:
    """Answer the namespace of a target; empty for the control cluster, which is none."""
    targets = run.plan.environment.targets
    return next((each.namespace for each in targets if each.name == place.target), "")
