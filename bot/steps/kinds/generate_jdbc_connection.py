"""`generate-jdbc-connection`: makes of a Secret with a database's credentials the variables that a Java service wants.

As KubeVela's step of that name, but for the values: KubeVela leaves them readable, Shipmate leaves variables that refer to
the Secret, and a URL that the kubelet puts together of them. So no credential leaves the cluster.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.model import Application, Environment, Target
from bot.errors import Permanent
from bot.rendering.parameters import ObjectName
from bot.run.inventory import Ref
from bot.steps.contract import Done, Need, Outcome, StepContext
from bot.steps.everywhere import everywhere
from bot.steps.looking import again, look, patiently
from bot.steps.objects import Spot, spots
from bot.steps.parameters import known, read, schema_of
from bot.steps.where import Where, check_cluster, check_target

IN_URL = ("DB_HOST", "DB_PORT", "DB_NAME")
KEYS = (*IN_URL, "DB_USER", "DB_PASSWORD")
URL = "jdbc://$(DB_HOST):$(DB_PORT)/$(DB_NAME)?characterEncoding=utf8&useSSL=false"
"""KubeVela's. `$(NAME)` is replaced by the kubelet, with variables that come before."""


class GenerateJdbcConnectionParameters(Where):
    """What a file can say."""

    name: ObjectName
    namespace: str = ""


class GenerateJdbcConnection:
    """The step type."""

    name = "generate-jdbc-connection"
    needs = frozenset({Need.CLUSTERS})
    summary = "Makes variables for JDBC of the Secret of a database."
    schema = schema_of(GenerateJdbcConnectionParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for what names no Secret, or for a target that is not there."""
        known(GenerateJdbcConnectionParameters, properties)
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Wait until the Secret is there, see that it has the keys, and leave the variables."""
        found = read(GenerateJdbcConnectionParameters, properties)
        places = spots(
            context, cluster=found.cluster, target=found.target, namespace=found.namespace
        )
        return await patiently(
            context, everywhere(places, lambda spot: _in(context, spot, found.name))
        )


async def _in(context: StepContext, spot: Spot, name: str) -> Outcome:
    ref = Ref("v1", "Secret", spot.namespace, name)
    live = await look(context, spot, ref)
    if live is None:
        return again(context, f"{ref.title} is not there yet ({spot.called})")
    missing = [each for each in KEYS if each not in (live.get("data") or {})]
    if missing:
        raise Permanent(f"{ref.title} ({spot.called}) has no {', '.join(missing)}")
    return Done(outputs={"env": variables(name)})


def variables(secret: str) -> list[dict[str, Any]]:
    """Make the variables, those that the URL is made of first."""
    return [
        *(_of_secret(each, secret, each) for each in IN_URL),
        {"name": "url", "value": URL},
        _of_secret("username", secret, "DB_USER"),
        _of_secret("password", secret, "DB_PASSWORD"),
    ]


def _of_secret(variable: str, secret: str, key: str) -> dict[str, Any]:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
