"""The `Http` capability: one request with JSON to someone else's server, bounded in time and size."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from bot.errors import Temporary
from bot.lease import Certain, always
from bot.steps.contract import HttpAnswer

TIMEOUT = 10.0
"""Seconds for the whole call."""

LONGEST_BODY = 1_000_000
"""Bytes of an answer that are read."""


class HttpCalls:
    """Calls by httpx; one pool of connections for all steps."""

    def __init__(self, agent: str, certain: Certain = always) -> None:
        """`certain` is waited for before each call: another replica may make it by now."""
        self._certain = certain
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT, follow_redirects=False, headers={"User-Agent": agent}
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        *,
        follow: bool = False,
    ) -> HttpAnswer:
        """Send JSON, if any, and answer what came back. Raises Temporary when nothing did, or too much."""
        await self._certain()
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                self._client.stream(
                    method, url, json=body, headers=headers, follow_redirects=follow
                ) as response,
            ):
                raw = b""
                async for part in response.aiter_bytes():
                    raw += part
                    if len(raw) > LONGEST_BODY:
                        raise Temporary("the answer is longer than 1 MB")
        except (httpx.HTTPError, TimeoutError) as error:
            # The URL may be a secret: say only the host.
            host = httpx.URL(url).host
            raise Temporary(f"{host} did not answer: {type(error).__name__}") from error
        except httpx.InvalidURL as error:
            raise Temporary("the URL cannot be read") from error
        return HttpAnswer(
            status=response.status_code, body=_parsed(response, raw), date=_date(response)
        )


def _parsed(response: httpx.Response, raw: bytes) -> Any:
    try:
        return httpx.Response(200, content=raw).json()
    except ValueError:
        return raw.decode(response.encoding or "utf-8", errors="replace")


def _date(response: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return None
