"""`webhook`: POSTs JSON to a URL, as KubeVela's step of that name, and looks at the answer.

Every attempt of a round carries the same `Idempotency-Key`, so that a receiver can do it once although a
killed process or a lost answer makes us call again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.model import Target
from bot.errors import Permanent, Temporary
from bot.run.context import context_of
from bot.steps.contract import Done, Need, Outcome, StepContext
from bot.steps.endpoints import Endpoint, Secrets
from bot.steps.parameters import Parameters, read

RETRYABLE = frozenset({408, 425, 429})


class WebhookParameters(Parameters):
    """What a file can say."""

    url: Endpoint
    data: dict[str, Any] | None = None


class Webhook:
    """The step type. `secrets` resolves `fromSetting`."""

    name = "webhook"
    needs = frozenset({Need.HTTP})
    summary = "POSTs JSON to a URL: `data`, or what was delivered where by whom."

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what cannot be meant."""
        read(WebhookParameters, properties)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Call and judge the answer. Raises Temporary for what may pass, Permanent for a refusal."""
        assert context.granted.http is not None
        found = read(WebhookParameters, properties)
        body = context_of(context.run, context.step) if found.data is None else found.data
        answer = await context.granted.http.post(
            found.url.resolve(self._secrets), body, {"Idempotency-Key": context.key}
        )
        if 200 <= answer.status < 300:
            return Done(outputs={"response": answer.body, "status": answer.status})
        said = f"the webhook answered {answer.status}: {str(answer.body)[:200]}"
        if answer.status in RETRYABLE or answer.status >= 500:
            raise Temporary(said)
        raise Permanent(said)
