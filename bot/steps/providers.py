"""Credentials for clouds, as KubeVela's `apply-terraform-provider` takes them and Terraform's controller wants them.

A credential may be a secret that the file only names (`{fromSetting: NAME}`, `{secretRef: {name, key}}`), so that it is in no
file and no store.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from bot.cluster.port import Manifest
from bot.run.inventory import ref_of
from bot.steps.contract import Done, Failed, Outcome, StepContext, Waiting
from bot.steps.endpoints import SecretRef, Secrets, reveal
from bot.steps.objects import Spot, granted
from bot.steps.parameters import Parameters


class Credential(Parameters):
    """One credential: written out, or named; exactly one of the three."""

    value: str | None = None
    secret_ref: SecretRef | None = None
    from_setting: str | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> "Credential":
        if sum(each is not None for each in (self.value, self.secret_ref, self.from_setting)) != 1:
            raise ValueError("expected a text, or one of secretRef and fromSetting")
        return self

    def revealed(self, secrets: Secrets) -> str:
        """Answer the value. Raises Permanent when its setting is missing."""
        if self.value is not None:
            return self.value
        name = self.secret_ref.setting if self.secret_ref else self.from_setting or ""
        return reveal(name, secrets)


def _written_out(given: Any) -> Any:
    return {"value": given} if isinstance(given, str) else given


Given = Annotated[Credential, BeforeValidator(_written_out)]


class Cloud(Parameters):
    """What is common to all clouds."""

    name: str = ""
    region: str = ""


class Keys(Cloud):
    """Of clouds with two keys."""

    access_key: Given
    secret_key: Given
    region: str


class Alibaba(Keys):
    """Alibaba Cloud."""

    type: Literal["alibaba"]


class Aws(Keys):
    """Amazon Web Services."""

    type: Literal["aws"]
    token: Given | None = None


class Azure(Cloud):
    """Microsoft Azure."""

    type: Literal["azure"]
    subscription_id: Given = Field(alias="subscriptionID")
    tenant_id: Given = Field(alias="tenantID")
    client_id: Given = Field(alias="clientID")
    client_secret: Given


class Baidu(Keys):
    """Baidu AI Cloud."""

    type: Literal["baidu"]


class Elastic(Cloud):
    """Elastic Cloud."""

    type: Literal["ec"]
    api_key: Given


class Google(Cloud):
    """Google Cloud."""

    type: Literal["gcp"]
    credentials: Given
    project: Given
    region: str


class Tencent(Cloud):
    """Tencent Cloud."""

    type: Literal["tencent"]
    secret_id: Given = Field(alias="secretID")
    secret_key: Given
    region: str


class UCloud(Cloud):
    """UCloud."""

    type: Literal["ucloud"]
    public_key: Given
    private_key: Given
    project_id: Given = Field(alias="projectID")
    region: str


CLOUDS: Mapping[str, type[Cloud]] = {
    "alibaba": Alibaba,
    "aws": Aws,
    "azure": Azure,
    "baidu": Baidu,
    "ec": Elastic,
    "gcp": Google,
    "tencent": Tencent,
    "ucloud": UCloud,
}
NAMES: Mapping[str, Mapping[str, str]] = {
    "alibaba": {"access_key": "accessKeyID", "secret_key": "accessKeySecret"},
    "aws": {
        "access_key": "awsAccessKeyID",
        "secret_key": "awsSecretAccessKey",
        "token": "awsSessionToken",
    },
    "azure": {
        "client_id": "armClientID",
        "client_secret": "armClientSecret",
        "subscription_id": "armSubscriptionID",
        "tenant_id": "armTenantID",
    },
    "baidu": {"access_key": "accessKey", "secret_key": "secretKey"},
    "ec": {"api_key": "ecApiKey"},
    "gcp": {"credentials": "gcpCredentialsJSON", "project": "gcpProject"},
    "tencent": {"secret_id": "secretID", "secret_key": "secretKey"},
    "ucloud": {
        "public_key": "publicKey",
        "private_key": "privateKey",
        "project_id": "projectID",
        "region": "region",
    },
}
"""What Terraform's controller calls the fields of each cloud."""
LOOKS = 8
"""So often a Provider is looked at that is not ready: the controller tries its credentials meanwhile."""


def written(type: str, cloud: Cloud, secrets: Secrets) -> str:  # noqa: A002 - as in YAML
    """Answer the credentials as the controller reads them from a key of a Secret (YAML, of which JSON is some).

    Raises Permanent when a setting is missing.
    """
    found: dict[str, str] = {}
    for field, name in NAMES[type].items():
        given = getattr(cloud, field)
        if given is not None:
            found[name] = given.revealed(secrets) if isinstance(given, Credential) else given
    return json.dumps(found)


async def ready(context: StepContext, spot: Spot, provider: Manifest) -> Outcome:
    """Look whether a Provider is ready."""
    clusters, _ = granted(context)
    (live,) = await clusters.live(spot.cluster, [ref_of(provider)])
    status = (live or {}).get("status") or {}
    name, state = provider["metadata"]["name"], str(status.get("state") or "")
    if state == "ready":
        return Done(outputs={"name": name, "namespace": spot.namespace})
    said = f"the Provider {name} is not ready"
    if status.get("message"):
        said += f": {status['message']}"
    step = context.run.step(context.step)
    if state and step is not None and step.looks >= LOOKS:
        return Failed(message=f"{said}; are its credentials right?", retryable=False)
    return Waiting(message=said)
