"""Slack's client, with a listener that is told each call: which method, what came of it, and how long it took."""

import time
from collections.abc import Callable
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from typing_extensions import override

from bot.traces import span

OnCall = Callable[[str, str, float], None]
"""Is told a call: `chat.postMessage`, `ok`, `limited` or `error`, and its seconds."""


class CountedClient(AsyncWebClient):
    """A client of the Web API that says what it does."""

    def __init__(self, *, on_call: OnCall, **settings: Any) -> None:
        super().__init__(**settings)
        self._on_call = on_call

    @override
    async def api_call(self, api_method: str, *rest: Any, **more: Any) -> AsyncSlackResponse:
        began = time.perf_counter()
        result = "error"
        try:
            with span(f"slack {api_method}", outgoing=True):
                answer = await super().api_call(api_method, *rest, **more)
            result = "ok"
        except SlackApiError as error:
            if getattr(error.response, "status_code", 0) == 429:
                result = "limited"
            raise
        finally:
            self._on_call(api_method, result, time.perf_counter() - began)
        return answer
