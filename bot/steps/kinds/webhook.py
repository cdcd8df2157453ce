"""`webhook`: POSTs JSON to a URL, as KubeVela's step of that name, and looks at the answer.

Every attempt of a round carries the same `Idempotency-Key`, so that a receiver can do it once although a
killed process or a lost answer makes us call again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.model import Target
from bot.run.objects import application_object
from bot.steps.calls import judge, left_by
from bot.steps.contract import Done, Need, Outcome, StepContext
from bot.steps.endpoints import Endpoint, Secrets
from bot.steps.parameters import Parameters, read, schema_of


class WebhookParameters(Parameters):
    """What a file can say."""

    url: Endpoint
    data: dict[str, Any] | None = None


class Webhook:
    """The step type. `secrets` resolves what the file only names."""

    name = "webhook"
    needs = frozenset({Need.HTTP})
    summary = "POSTs JSON to a URL: `data`, or the Application as it is delivered."
    schema = schema_of(WebhookParameters)

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what cannot be meant."""
        read(WebhookParameters, properties).url.check("url")

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Call and judge the answer. Raises Temporary for what may pass, Permanent for a refusal."""
        assert context.granted.http is not None
        found = read(WebhookParameters, properties)
        body = application_object(context.run) if found.data is None else found.data
        answer = await context.granted.http.send(
            "POST", found.url.resolve(self._secrets), body, {"Idempotency-Key": context.key}
        )
        judge(answer, "the webhook")
        return Done(outputs=left_by(answer))
