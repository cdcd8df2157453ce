"""`export2secret`: writes data into a Secret, or the credentials of a registry, as KubeVela's step of that name.

Ours: a value can be `{fromSetting: NAME}`, so that it is in no file. No value appears in chat, a log, an error, the account
of what was delivered, or in what the step leaves.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from bot.catalog.model import Application, Environment, Target
from bot.cluster.port import Manifest
from bot.rendering.parameters import ObjectName
from bot.secrecy import leaves
from bot.steps.applying import apply_everywhere
from bot.steps.contract import Need, Outcome, PropertyError, StepContext
from bot.steps.endpoints import Secrets
from bot.steps.exporting import Data, Hidden, check_data, revealed, secret
from bot.steps.objects import placed, spots
from bot.steps.parameters import Parameters, known, read, schema_of
from bot.steps.where import Where, check_cluster, check_target

OF_A_REGISTRY = "kubernetes.io/dockerconfigjson"
REGISTRY = "docker-registry"


class DockerRegistry(Parameters):
    """Who is to be let into a registry."""

    username: Hidden
    password: Hidden
    server: str = "https://index.docker.io/v1/"


def _map(given: Any) -> Any:
    if given is not None and not isinstance(given, Mapping | DockerRegistry):
        raise ValueError("expected a map of username, password and server")
    return given


class Export2SecretParameters(Where):
    """What a file can say."""

    secret_name: ObjectName
    namespace: str = ""
    type: str = ""
    data: Data | None = None
    kind: Literal["generic", "docker-registry"] = "generic"
    docker_registry: Annotated[DockerRegistry | None, BeforeValidator(_map)] = None


class Export2Secret:
    """The step type. `secrets` resolves what a file only names."""

    name = "export2secret"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Writes data, or the credentials of a registry, into a Secret."
    schema = schema_of(Export2SecretParameters)

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for data that cannot be meant, or for a target that is not there."""
        found = known(Export2SecretParameters, properties)
        if found is not None:
            check_data(_asked(found))
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Write it in all places that are meant."""
        found = read(Export2SecretParameters, properties)
        places = spots(
            context, cluster=found.cluster, target=found.target, namespace=found.namespace
        )
        made = self._made(found)
        context.conceal(*leaves(made))
        return await apply_everywhere(context, places, lambda spot: [placed(context, spot, made)])

    def _made(self, found: Export2SecretParameters) -> Manifest:
        data = _asked(found)
        if found.docker_registry is None:
            return secret(found.secret_name, data, self._secrets, found.type)
        name = revealed(found.docker_registry.username, self._secrets)
        password = revealed(found.docker_registry.password, self._secrets)
        auth = b64encode(f"{name}:{password}".encode()).decode()
        entry = {"username": name, "password": password, "auth": auth}
        data = {".dockerconfigjson": json.dumps({"auths": {found.docker_registry.server: entry}})}
        return secret(found.secret_name, data, self._secrets, found.type or OF_A_REGISTRY)


def _asked(found: Export2SecretParameters) -> dict[str, Any]:
    """Answer the data. Raises PropertyError when there is neither that nor a registry, or both in a wrong way."""
    if found.docker_registry is not None and found.kind != REGISTRY:
        raise PropertyError(("dockerRegistry",), f"it is only for kind: {REGISTRY}")
    if found.data is None and found.docker_registry is None:
        missing = "dockerRegistry" if found.kind == REGISTRY else "data"
        raise PropertyError((missing,), "it is required")
    return found.data or {}
