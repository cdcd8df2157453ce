"""The signed HTTP mode: robot messages are POSTed to the app's URL, with a signature that does not cover the body.

Source: the official page on receiving messages: `sign` is made of the app secret and `timestamp`, in milliseconds.
"""

from collections.abc import Callable
from typing import Any

import httpx

from bot.sandbox.dingtalk import organization
from bot.sandbox.dingtalk.pushes import MESSAGE, PATIENCE, Failure, Push
from bot.sandbox.dingtalk.robots import sign

Json = dict[str, Any]


class CallbackMode:
    """One URL for robot messages, none at the beginning; clicks on cards go their own way."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._url = ""
        self._client: httpx.AsyncClient | None = None

    def takes(self, push: Push) -> bool:
        """Say whether a push goes this way."""
        return bool(self._url) and push.topic == MESSAGE

    def set_url(self, url: str) -> None:
        """Use a URL from now on; the empty one ends the HTTP mode."""
        self._url = url
        if self._client is None:  # not before it is needed: making one takes its time
            self._client = httpx.AsyncClient(timeout=PATIENCE)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def send(self, push: Push) -> Json | Failure:
        """POST what a push carries; answer nothing when the app took it."""
        assert self._client is not None
        stamp = str(int(self._clock() * 1000))
        headers = {"timestamp": stamp, "sign": sign(stamp, organization.CLIENT_SECRET)}
        try:
            answer = await self._client.post(self._url, json=push.data, headers=headers)
        except httpx.HTTPError as error:
            return Failure(type(error).__name__)
        if not answer.is_success:
            return Failure(f"HTTP {answer.status_code}")
        return {}
