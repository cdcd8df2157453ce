"""`webhook`: POSTs JSON to a URL, as KubeVela's step of that name, and looks at the answer.

Every attempt of a round carries the same `Idempotency-Key`, so that a receiver can do it once although a
killed process or a lost answer makes us call again. `signWith` signs it, so that a receiver knows that it is ours.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from bot.catalog.model import Application, Environment, Target
from bot.clock import Clock, SystemClock
from bot.run.objects import application_object
from bot.steps.calls import judge, left_by
from bot.steps.concealed import Vault, check_refs
from bot.steps.contract import Done, Need, Outcome, StepContext
from bot.steps.endpoints import Endpoint, Secrets
from bot.steps.parameters import Parameters, read, schema_of
from bot.steps.signing import SignWith, signing


class WebhookParameters(Parameters):
    """What a file can say."""

    url: Endpoint
    data: dict[str, Any] | None = None
    sign_with: SignWith | None = Field(default=None, alias="signWith")


class Webhook:
    """The step type. `secrets` resolves what the file only names; the `clock` is for signatures."""

    name = "webhook"
    needs = frozenset({Need.HTTP, Need.CLUSTERS})
    summary = "POSTs JSON to a URL: `data`, or the Application as it is delivered."
    schema = schema_of(WebhookParameters)

    def __init__(self, secrets: Secrets, clock: Clock | None = None) -> None:
        self._secrets = secrets
        self._clock = clock or SystemClock()

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what cannot be meant."""
        read(WebhookParameters, properties).url.check("url")

    def check_in(
        self,
        properties: Mapping[str, Any],
        application: Application,  # noqa: ARG002 - the contract
        environment: Environment,
    ) -> None:
        """Raise PropertyError for a secretRef of `signWith` where there is no cluster to read it from."""
        check_refs({"signWith": properties.get("signWith")}, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Call and judge the answer. Raises Temporary for what may pass, Permanent for a refusal."""
        assert context.granted.http is not None
        found = read(WebhookParameters, properties)
        body = application_object(context.run) if found.data is None else found.data
        url, vault = found.url.resolve(self._secrets), Vault.of(context, self._secrets)
        sign = await signing(found.sign_with, vault, context.key, self._clock.now())
        headers = {"Idempotency-Key": context.key}
        answer = await context.granted.http.send("POST", url, body, headers, sign=sign)
        judge(answer, "the webhook", context.clean)
        return Done(outputs=left_by(answer))
