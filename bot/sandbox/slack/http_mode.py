"""The signed HTTP mode: what happens is POSTed to the app's request URL.

Source: docs.slack.dev, verifying requests from Slack, the Events API (retries, url_verification), interactivity and
slash commands (bodies).
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.sandbox import company
from bot.sandbox.slack.delivery import PATIENCE, Envelope, Failure

Json = dict[str, Any]

FORM = "application/x-www-form-urlencoded"


def signed(body: str, moment: float, secret: str = company.SIGNING_SECRET) -> dict[str, str]:
    """Answer the headers by which an app knows that a body comes from Slack, at a Unix time."""
    stamp = str(int(moment))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def body_of(envelope: Envelope) -> tuple[str, str]:
    """Answer the body of an envelope and its content type."""
    if envelope.kind == "events_api":
        return json.dumps(envelope.payload), "application/json"
    if envelope.kind == "interactive":
        return urlencode({"payload": json.dumps(envelope.payload)}), FORM
    return urlencode(envelope.payload), FORM


class HttpMode:
    """One request URL, for commands, interactivity and events; none at the beginning."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._url = ""
        self._client = httpx.AsyncClient(timeout=PATIENCE)

    @property
    def open(self) -> bool:
        """Whether there is a request URL."""
        return bool(self._url)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def set_url(self, url: str) -> str:
        """Use a URL from now on, if it answers Slack's challenge; answer what is wrong with it.

        The empty URL ends the HTTP mode.
        """
        if url:
            challenge = secrets.token_hex(16)
            asked = {"token": "sandbox", "type": "url_verification", "challenge": challenge}
            try:
                answer = await self._post(url, json.dumps(asked), "application/json", {})
            except httpx.HTTPError as error:
                return f"the URL cannot be reached: {type(error).__name__}"
            if answer.status_code != 200 or challenge not in answer.text:
                return (
                    "Your URL didn't respond with the value of the challenge parameter:"
                    f" HTTP {answer.status_code}"
                )
        self._url = url
        return ""

    async def send(self, envelope: Envelope) -> Json | Failure:
        """POST an envelope; answer what its acknowledgement carries."""
        body, kind = body_of(envelope)
        again = {}
        if envelope.attempt:
            again = {
                "X-Slack-Retry-Num": str(envelope.attempt),
                "X-Slack-Retry-Reason": envelope.reason,
            }
        try:
            answer = await self._post(self._url, body, kind, again)
        except httpx.TimeoutException:
            return Failure(reason="http_timeout")
        except httpx.HTTPError:
            return Failure(reason="connection_failed")
        if not answer.is_success:
            return Failure(reason="http_error", final=answer.headers.get("x-slack-no-retry") == "1")
        return _said(answer)

    async def _post(
        self, url: str, body: str, kind: str, headers: Mapping[str, str]
    ) -> httpx.Response:
        return await self._client.post(
            url,
            content=body,
            headers={
                "Content-Type": kind,
                "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
                **signed(body, self._clock()),
                **headers,
            },
        )


def _said(answer: httpx.Response) -> Json:
    """Read an acknowledgement: JSON, or words for a message, or nothing."""
    try:
        found = answer.json()
    except ValueError:
        return {"text": answer.text} if answer.text else {}
    return found if isinstance(found, dict) else {}
