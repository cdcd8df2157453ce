"""`check-resource-ready`, and the same as `wait`: waits for an object that somebody else makes.

Without `for` until it is ready as its kind is (`kubectl rollout status`); with it for what `kubectl wait` can wait for. How
long is the step's own `timeout`. Such an object is looked at and never written.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from bot.catalog.model import Application, Environment, Target
from bot.cluster.health import is_done_at_once
from bot.cluster.port import Applied
from bot.rendering.objects import COMPONENT_LABEL
from bot.rendering.secrets import as_seen
from bot.run.inventory import Manifest, Ref
from bot.steps.awaited import There, awaited, instead, is_so
from bot.steps.contract import Done, Failed, Need, Outcome, StepContext
from bot.steps.everywhere import everywhere
from bot.steps.following import followed
from bot.steps.looking import again, look, patiently
from bot.steps.objects import Spot, spots
from bot.steps.parameters import is_expression, known, read, schema_of
from bot.steps.progress import Board
from bot.steps.where import Where, check_cluster, check_target


def _for(given: str) -> str:
    if not is_expression(given):
        awaited(given)
    return given


class CheckResourceReadyParameters(Where):
    """What a file can say."""

    api_version: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    name: str = Field(min_length=1)
    namespace: str = ""
    for_: Annotated[str, AfterValidator(_for)] | None = Field(default=None, alias="for")


class CheckResourceReady:
    """The step type, under one of its names."""

    needs = frozenset({Need.CLUSTERS})
    summary = "Waits until an object that somebody else makes is ready, or is what `for` says."
    schema = schema_of(CheckResourceReadyParameters)

    def __init__(self, name: str) -> None:
        self.name = name

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for what cannot be waited for, or for a target that is not there."""
        known(CheckResourceReadyParameters, properties)
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Look at it in all places that are meant."""
        found = read(CheckResourceReadyParameters, properties)
        places = spots(
            context, cluster=found.cluster, target=found.target, namespace=found.namespace
        )
        board = Board(context.report, several=len(places) > 1)
        return await patiently(
            context, everywhere(places, lambda spot: _in(context, spot, found, board))
        )


async def _in(
    context: StepContext, spot: Spot, found: CheckResourceReadyParameters, board: Board
) -> Outcome:
    ref = Ref(found.api_version, found.kind, spot.namespace, found.name)
    wanted = There(wanted=True) if found.for_ is None else awaited(found.for_)
    live = await look(context, spot, ref)
    if not is_so(wanted, live):
        return again(context, f"{ref.title} {instead(wanted, live)} ({spot.called})")
    if found.for_ is None and live is not None and not is_done_at_once(ref.api_version, ref.kind):
        failed = await _until_ready(context, spot, live, board)
        if failed is not None:
            return failed
        live = await look(context, spot, ref)
    return Done(outputs={"value": as_seen(live)})


async def _until_ready(
    context: StepContext, spot: Spot, live: Manifest, board: Board
) -> Failed | None:
    """Follow an object until it is ready; answer why it will not be, if so."""
    clusters = context.granted.clusters
    assert clusters is not None, "its type needs them"
    meta = live["metadata"]
    subject = Applied(
        api_version=live["apiVersion"],
        kind=live["kind"],
        namespace=meta.get("namespace", ""),
        name=meta["name"],
        generation=meta.get("generation", 0),
        component=(meta.get("labels") or {}).get(COMPONENT_LABEL, ""),
    )
    return await followed(clusters, spot.place, [subject], board, context.run, patience=math.inf)
