"""`apply-terraform-provider`: gives Terraform's controller the credentials for a cloud.

KubeVela's step. It makes a Secret and a `Provider` on the control cluster and waits until the Provider is ready. Several
environments may have the same one; it is left when the step goes, for what was made with it needs it.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.complaints import nearest
from bot.catalog.model import Target
from bot.errors import Permanent
from bot.placement.handling import Handling
from bot.placement.placements import NO_CONTROL
from bot.rendering.cloud.configurations import CREDENTIALS_LABEL, GROUP
from bot.rendering.objects import ROUND, Manifest, given, labelled
from bot.rendering.secrets import kept_secret
from bot.run.inventory import ref_of
from bot.secrecy import leaves
from bot.steps.contract import Need, Outcome, PropertyError, StepContext
from bot.steps.endpoints import Secrets
from bot.steps.objects import Spot, make, placed
from bot.steps.parameters import is_expression, read, schema_of
from bot.steps.providers import CLOUDS, Cloud, ready, written

KEY = "credentials"


class ApplyTerraformProvider:
    """The step type. `secrets` resolves what the file only names."""

    name = "apply-terraform-provider"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Gives Terraform's controller the credentials for a cloud."
    schema: Mapping[str, Any] = {"oneOf": [schema_of(each) for each in CLOUDS.values()]}

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError when the properties are not those of a cloud."""
        if not is_expression(str(properties.get("type"))):
            _read(properties)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Apply the Secret and the Provider; look whether it is ready."""
        kind, cloud = _read(properties)
        plan = context.run.plan
        control = plan.environment.control_cluster
        if not control:
            raise Permanent(f"{plan.environment.name} {NO_CONTROL}")
        spot = Spot(cluster=control, namespace=plan.application.namespace)
        name = cloud.name or f"{kind}-provider"
        secret = _secret(name, written(kind, cloud, self._secrets))
        context.conceal(*leaves(secret))
        provider = _provider(name, kind, cloud.region, spot.namespace)
        # Looked at again in each round: the controller does not see that only the Secret has changed.
        provider["metadata"]["annotations"] = {ROUND: context.key}
        manifests = [placed(context, spot, each) for each in (secret, provider)]
        shared = Handling(shared=frozenset(map(ref_of, manifests)))
        with kept_secret(manifests):
            await make(context, spot, manifests, wait=False, handling=shared)
        return await ready(context, spot, manifests[1])


def _read(properties: Mapping[str, Any]) -> tuple[str, Cloud]:
    """Read the properties of a cloud. Raises PropertyError."""
    kind = str(properties.get("type") or "")
    model = CLOUDS.get(kind)
    if model is None:
        said = f"expected a cloud ({', '.join(CLOUDS)}), found {kind!r}{nearest(kind, CLOUDS)}"
        raise PropertyError(("type",), said)
    return kind, read(model, properties)


def _secret(name: str, credentials: str) -> Manifest:
    made: Manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"{name}-{KEY}"},
        "type": "Opaque",
        "data": {KEY: base64.b64encode(credentials.encode()).decode()},
    }
    labelled(made, {CREDENTIALS_LABEL: name})
    return made


def _provider(name: str, kind: str, region: str, namespace: str) -> Manifest:
    ref = {"name": f"{name}-{KEY}", "namespace": namespace, "key": KEY}
    return {
        "apiVersion": f"{GROUP}/v1beta1",
        "kind": "Provider",
        "metadata": {"name": name},
        "spec": given(
            provider=kind, region=region, credentials={"source": "Secret", "secretRef": ref}
        ),
    }
