"""Secrets of notices: written out, in a Secret of the control cluster as in KubeVela, or in a setting.

`{value: …}`, `{secretRef: {name, key}}` (a Secret in the application's namespace on the control cluster) or `{fromSetting: NAME}`
(`SHIPMATE_SECRET_NAME`). It is read when it is used and kept nowhere; what may repeat it, an error, is `cleaned` of it.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from bot.catalog.model import Environment
from bot.cluster.port import Clusters
from bot.errors import Permanent
from bot.run.inventory import Ref
from bot.steps.contract import PropertyError, StepContext
from bot.steps.endpoints import Endpoint, SecretRef, Secrets, is_url, reveal
from bot.steps.parameters import Parameters

REF = "secretRef"
CREDENTIALS = frozenset({"url", "secret", "password", "username", "host"})
"""Properties of notices that are no text for people."""


class Concealed(Parameters):
    """A text that may be a secret: exactly one of the three."""

    value: str | None = None
    secret_ref: SecretRef | None = Field(default=None, alias="secretRef")
    from_setting: str | None = Field(default=None, alias="fromSetting")

    @model_validator(mode="after")
    def _one_of_three(self) -> "Concealed":
        given = (self.value, self.secret_ref, self.from_setting)
        if sum(each is not None for each in given) != 1:
            raise ValueError("exactly one of value, secretRef and fromSetting")
        return self


def _written_out(given: Any) -> Any:
    return {"value": given} if isinstance(given, str) else given


Hidden = Annotated[Concealed, BeforeValidator(_written_out)]
"""A secret; a text stands for itself."""


class Vault:
    """Reads secrets for one application in one environment."""

    def __init__(
        self,
        secrets: Secrets,
        clusters: Clusters | None,
        environment: Environment,
        namespace: str,
        conceal: Callable[[str], None],
    ) -> None:
        """`namespace` is the application's, on the control cluster; `conceal` is told what is read."""
        self.conceal = conceal
        self._secrets = secrets
        self._clusters = clusters
        self._environment = environment
        self._namespace = namespace

    @classmethod
    def of(cls, context: StepContext, secrets: Secrets) -> "Vault":
        """Make the one for an attempt of a step."""
        plan = context.run.plan
        namespace = plan.application.namespace
        clusters = context.granted.clusters
        conceal = partial(context.conceal, everywhere=True)
        return cls(secrets, clusters, plan.environment, namespace, conceal)

    def setting(self, name: str) -> str | None:
        """Answer the value of a setting; None when it is not set."""
        return self._secrets(name)

    async def text(self, hidden: Concealed | Endpoint) -> str:
        """Answer a secret. Raises Permanent when it is not there, Temporary when the cluster cannot be asked."""
        if hidden.value is not None:
            return hidden.value
        # A file that a secret was made of ends with a line's end, which is no part of it.
        if hidden.secret_ref is not None:
            found = (await self._of_cluster(hidden.secret_ref)).strip("\r\n")
            self.conceal(found)
            return found
        return reveal(hidden.from_setting or "", self._secrets).strip("\r\n")

    async def address(self, endpoint: Endpoint) -> str:
        """Answer a URL. Raises as `text`, and Permanent when it is none."""
        url = (await self.text(endpoint)).strip()
        if not is_url(url):
            raise Permanent(f"{_named(endpoint)} holds no http or https URL")
        return url

    async def _of_cluster(self, ref: SecretRef) -> str:
        control = self._environment.control_cluster
        if not control or self._clusters is None:
            raise Permanent(no_control(self._environment.name))
        place = f"Secret {self._namespace}/{ref.name} on {control}"
        (found,) = await self._clusters.live(
            control, [Ref("v1", "Secret", self._namespace, ref.name)]
        )
        if found is None:
            raise Permanent(f"there is no {place}")
        data = found.get("data") or {}
        if ref.key not in data:
            raise Permanent(
                f"{place} has no key {ref.key} (it has: {', '.join(sorted(data)) or 'none'})"
            )
        try:
            return base64.b64decode(str(data[ref.key]), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Permanent(f"{place}: {ref.key} holds no text") from error


def no_control(environment: str) -> str:
    """Say that there is no cluster on which Secrets are looked for."""
    return (
        f"{environment} has no control cluster, where Secrets are read: say `control: true` in a Cluster, "
        "or use fromSetting"
    )


def check_refs(properties: Mapping[str, Any], environment: Environment) -> None:
    """Raise PropertyError for a secretRef where no cluster has Secrets for it."""
    if environment.control_cluster:
        return
    for path in _refs(properties, ()):
        raise PropertyError(path, no_control(environment.name))


def cleaned(text: str, *secrets: str) -> str:
    """Answer a text without secrets that somebody may have repeated in it."""
    for each in secrets:
        if len(each) > 3:
            text = text.replace(each, "•••")
    return text


def said_without(properties: Any, clean: Callable[[str], str]) -> Any:
    """Answer what a notice says without what is secret; where it goes, and by whose leave, stays as it is."""
    if isinstance(properties, Mapping):
        return {
            key: each if key in CREDENTIALS else said_without(each, clean)
            for key, each in properties.items()
        }
    if isinstance(properties, list):
        return [said_without(each, clean) for each in properties]
    return clean(properties) if isinstance(properties, str) else properties


def _refs(given: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of the references to Secrets in what a file says."""
    inside: Iterable[tuple[str | int, Any]] = ()
    if isinstance(given, Mapping):
        inside = given.items()
    elif isinstance(given, list):
        inside = enumerate(given)
    for key, value in inside:
        if key == REF:
            yield (*path, key)
        else:
            yield from _refs(value, (*path, key))


def _named(endpoint: Endpoint) -> str:
    if endpoint.secret_ref is not None:
        return f"{endpoint.secret_ref.key} of the Secret {endpoint.secret_ref.name}"
    return f"SHIPMATE_SECRET_{endpoint.from_setting}" if endpoint.from_setting else "the url"
