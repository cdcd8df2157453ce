"""`request`: sends an HTTP request and hands on what came back, as KubeVela's step of that name.

Anything but 2xx is a failure (KubeVela lets 400 pass); what it said can still be read by the steps that handle the
failure. A redirect is followed, as KubeVela does, where that repeats no change and hands no secret on. Every attempt of
a round carries the same `Idempotency-Key`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bot.catalog.model import Application, Environment, Target
from bot.clock import Clock, SystemClock
from bot.steps.calls import is_passing, left_by, redirected, told
from bot.steps.concealed import Vault, check_refs
from bot.steps.contract import Done, Failed, HttpAnswer, Need, Outcome, StepContext
from bot.steps.endpoints import Endpoint, SecretRef, Secrets, reveal
from bot.steps.parameters import Parameters, read, schema_of
from bot.steps.signing import SignWith, signing


class SecretHeader(Parameters):
    """A header whose value a secret holds."""

    header: str = "Authorization"
    secret: str
    key: str = "token"


def _written_out(given: Any) -> Any:
    """Take a text for what KubeVela means by it: the URL itself."""
    return {"value": given} if isinstance(given, str) else given


class RequestParameters(Parameters):
    """What a file can say. `url` is a text as in KubeVela, or an address that names a setting."""

    url: Annotated[Endpoint, BeforeValidator(_written_out)]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] = "GET"
    body: dict[str, Any] | None = None
    header: dict[str, str] = Field(default_factory=dict)
    headers_from_secret: list[SecretHeader] = Field(default_factory=list, alias="headersFromSecret")
    sign_with: SignWith | None = Field(default=None, alias="signWith")


class Request:
    """The step type. `secrets` resolves what the file only names; the `clock` is for signatures."""

    name = "request"
    needs = frozenset({Need.HTTP, Need.CLUSTERS})
    summary = "Sends an HTTP request; the answer can be read by `valueFrom: response.…`."
    schema = schema_of(RequestParameters)

    def __init__(self, secrets: Secrets, clock: Clock | None = None) -> None:
        self._secrets = secrets
        self._clock = clock or SystemClock()

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what cannot be meant."""
        read(RequestParameters, properties).url.check("url")

    def check_in(
        self,
        properties: Mapping[str, Any],
        application: Application,  # noqa: ARG002 - the contract
        environment: Environment,
    ) -> None:
        """Raise PropertyError for a secretRef of `signWith` where there is no cluster to read it from."""
        check_refs({"signWith": properties.get("signWith")}, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Send it and judge the answer. Raises Temporary when nothing answered."""
        assert context.granted.http is not None
        found = read(RequestParameters, properties)
        url = found.url.resolve(self._secrets)
        headers = {"Idempotency-Key": context.key, **found.header}
        for each in found.headers_from_secret:
            secret = SecretRef(name=each.secret, key=each.key)
            headers[each.header] = reveal(secret.setting, self._secrets)
        vault = Vault.of(context, self._secrets)
        sign = await signing(found.sign_with, vault, context.key, self._clock.now())
        answer = await context.granted.http.send(
            found.method,
            url,
            found.body,
            headers,
            follow=found.method in {"GET", "HEAD"} and not found.headers_from_secret,
            sign=sign,
        )
        if 200 <= answer.status < 300:
            return Done(outputs=left_by(answer))
        return Failed(
            message=_refusal(answer, context.clean),
            retryable=is_passing(answer.status),
            outputs=left_by(answer),
        )


def _refusal(answer: HttpAnswer, clean: Callable[[str], str]) -> str:
    if answer.redirect:
        return redirected(answer, "the server")
    return f"the server answered {answer.status}: {told(answer.body, clean)}"
