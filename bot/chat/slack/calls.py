"""One call to Slack and what comes of it, in our words: what may pass, what is refused, and what nobody knows.

What may have been taken although the answer says otherwise (a broken connection, `internal_error`,
`fatal_error`: docs.slack.dev, chat.postMessage errors) is `Unknown`.
"""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.chat.gateway import Unknown
from bot.errors import Permanent, Temporary

STUMBLED = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "file_update_failed",  # docs.slack.dev, files.completeUploadExternal: it failed while it was at it
    }
)


async def asked(call: Awaitable[AsyncSlackResponse], *, posting: bool = False) -> dict[str, Any]:
    """Answer what a call of the Web API answers. `posting`: it may have happened although it failed."""
    with translating(posting=posting):
        answer = await call
    data = answer.data
    assert isinstance(data, dict)
    return data


@contextmanager
def translating(*, posting: bool = False) -> Iterator[None]:
    """Raise what goes wrong in Slack's client as Temporary or Permanent. `posting`: it may have happened."""
    try:
        yield
    except SlackApiError as error:
        raise _translated(error, posting=posting) from error
    except (aiohttp.ClientConnectorError, ConnectionRefusedError) as error:
        raise Temporary(f"Slack cannot be reached: {error}") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        said = f"Slack did not answer: {type(error).__name__}"
        raise (Unknown(said) if posting else Temporary(said)) from error


def _translated(error: SlackApiError, *, posting: bool) -> Temporary | Permanent:
    response = error.response
    status = getattr(response, "status_code", 200)
    code = str(response.get("error", "") if hasattr(response, "get") else "") or f"http_{status}"
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        headers = {key.lower(): value for key, value in dict(response.headers).items()}
        return Temporary("Slack asks to wait", retry_after=float(headers.get("retry-after", 1)))
    if code in STUMBLED or status >= 500:
        said = f"Slack stumbled: {code}"
        return Unknown(said) if posting else Temporary(said)
    needed = response.get("needed") if hasattr(response, "get") else None
    hint = f" (the app needs the scope {needed})" if needed else ""
    return Permanent(f"Slack refused: {code}{hint}", code=code)


async def respond(url: str, body: dict[str, Any]) -> None:
    """Answer through a response_url."""
    try:
        answer = await AsyncWebhookClient(url).send_dict(body)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Temporary(f"Slack did not answer: {type(error).__name__}") from error
    if answer.status_code != 200:
        raise Permanent(
            f"the response_url answered {answer.status_code}: {answer.body[:100]}",
            code=answer.body[:100],
        )
