"""`read-object`: reads an object for the steps after it, as KubeVela's step of that name. One that is not there is no failure.

The values of a Secret are left for outputs alone, which are sealed then; of what is said and kept in the clear only its keys
are part. Beside `data`, in base64 as Kubernetes has it, `stringData` has the values as the texts that they mean.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from bot.catalog.model import Application, Environment, Target
from bot.rendering.secrets import as_seen, with_texts
from bot.run.inventory import Ref
from bot.secrecy import leaves
from bot.steps.contract import Done, Need, Outcome, StepContext
from bot.steps.everywhere import everywhere
from bot.steps.looking import look
from bot.steps.objects import LOCAL, Spot, spots
from bot.steps.parameters import known, read, schema_of
from bot.steps.where import Where, check_cluster, check_target


class ReadObjectParameters(Where):
    """What a file can say."""

    api_version: str = Field(default="core.oam.dev/v1beta1", min_length=1)
    kind: str = Field(default="Application", min_length=1)
    name: str = Field(min_length=1)
    namespace: str = ""


class ReadObject:
    """The step type."""

    name = "read-object"
    needs = frozenset({Need.CLUSTERS})
    summary = "Reads a Kubernetes object for the steps after it."
    schema = schema_of(ReadObjectParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for what names no object, or for a target that is not there."""
        known(ReadObjectParameters, properties)
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Read it in all places that are meant; the first one is the one that counts."""
        found = read(ReadObjectParameters, properties)
        cluster = found.cluster or _home_of(found, context.run.plan.environment)
        places = spots(context, cluster=cluster, target=found.target, namespace=found.namespace)

        async def act(spot: Spot) -> Outcome:
            ref = Ref(found.api_version, found.kind, spot.namespace, found.name)
            live = await look(context, spot, ref)
            why = "" if live is not None else f"{ref.title} is not there ({spot.called})"
            seen = {"value": as_seen(live), "err": why}
            if live is None or live["kind"] != "Secret":
                return Done(message=why, outputs=seen)
            whole = with_texts(live)
            context.conceal(*leaves(whole))
            return Done(outputs=seen, secrets={**seen, "value": whole})

        return await everywhere(places, act)


def _home_of(found: ReadObjectParameters, environment: Environment) -> str:
    """Answer where KubeVela's own objects are: on the control cluster, if there is one; empty: anywhere."""
    own = found.api_version.startswith("core.oam.dev/") and not found.target
    return LOCAL if own and environment.control_cluster else ""
