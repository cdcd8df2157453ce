"""The `Http` capability: one request with JSON to someone else's server, bounded in time and size, to where it may go.

A redirect is followed to the same scheme, host and port only: whoever was named gets the request and nobody else does.
"""

import asyncio
import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from math import isfinite
from typing import Any

import httpx

from bot.errors import Permanent, Temporary
from bot.lease import Certain, always
from bot.steps.contract import HttpAnswer, Sign
from bot.steps.egress import Egress, EgressTransport, port_of

TIMEOUT = 10.0
"""Seconds for the whole call: finding the host, connecting, and what it says."""
QUEUED = 5.0
"""Seconds of them that are waited until one of the calls under way is over, where there are too many."""

LONGEST_BODY = 1_000_000
"""Bytes of an answer that are read, packed and unpacked."""
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PACKED = frozenset({"gzip", "x-gzip", "deflate"})
EITHER_HEADER = 47
"""zlib's number for: gzip or zlib, whichever it is."""
TEXTS = frozenset(
    [
        "utf-8",
        "utf8",
        "us-ascii",
        "ascii",
        "iso-8859-1",
        "latin-1",
        "windows-1252",
        "gbk",
        "gb2312",
        "gb18030",
        "big5",
        "shift_jis",
        "euc-jp",
        "euc-kr",
    ]
)
"""Encodings in which a text is read. Python knows more, and some of them take forever or make no text."""


class HttpCalls:
    """Calls by httpx; one pool of connections for all steps."""

    def __init__(self, agent: str, egress: Egress, certain: Certain = always) -> None:
        """`certain` is waited for before each call: another replica may make it by now."""
        self._certain = certain
        self._client = httpx.AsyncClient(
            transport=EgressTransport(egress),
            timeout=httpx.Timeout(TIMEOUT, pool=QUEUED),
            follow_redirects=False,
            headers={"User-Agent": agent, "Accept-Encoding": "identity"},
            # None are kept: one application would call in the session of another.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
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
        sign: Sign | None = None,
    ) -> HttpAnswer:
        """Send JSON, if any, and answer what came back.

        Raises Temporary when nothing did, or too much; Permanent when it may not be sent there or cannot be sent at all.
        """
        await self._certain()
        request = self._request(method, url, body, headers, sign)
        # The URL may be a secret: say only the host.
        host = request.url.host
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._exchange(request, follow=follow)
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise Permanent(f"{host} cannot be sent this: {type(error).__name__}") from error
        except httpx.PoolTimeout as error:
            raise Temporary(f"{host} was not called: too many calls at once") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise Temporary(f"{host} did not answer: {type(error).__name__}") from error

    def _request(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        sign: Sign | None,
    ) -> httpx.Request:
        raw = b"" if body is None else _written(body)
        ours = {"Content-Type": "application/json"} if body is not None else {}
        signed = sign(raw) if sign is not None else {}
        given = httpx.Headers(ours)
        try:
            given.update(headers)
            given.update(signed)
            return self._client.build_request(
                method, url, content=raw if body is not None else None, headers=given
            )
        except httpx.InvalidURL as error:
            raise Permanent("the URL cannot be read") from error
        except UnicodeError:  # its text holds the header, which may be a secret
            raise Permanent("a header holds what no header can: use ASCII") from None

    async def _exchange(self, request: httpx.Request, *, follow: bool) -> HttpAnswer:
        """Send a request, again where it is redirected on the same server."""
        for _ in range(MOST_REDIRECTS + 1):
            response = await self._client.send(request, stream=True)
            try:
                to = _target(request, response)
                if to is None or not follow:
                    raw = await _read(response)
                    return _answer(response, raw, "" if to is None else to.host)
            finally:
                await response.aclose()
            if _server(to) != _server(request.url):
                raise Permanent(_elsewhere(request.url, to, response.status_code))
            request = self._client.build_request(request.method, to, headers=request.headers)
        raise Permanent(f"{request.url.host} redirects more than {MOST_REDIRECTS} times")


def _written(body: Mapping[str, Any]) -> bytes:
    """Write JSON. Half of a pair of surrogates, which no UTF-8 has, is written as JSON escapes it."""
    said = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return said.encode("utf-8", "backslashreplace")


def _server(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, port_of(url)


def _target(request: httpx.Request, response: httpx.Response) -> httpx.URL | None:
    """Answer where a response sends us, if anywhere that can be read."""
    if response.status_code not in REDIRECTS:
        return None
    try:
        return request.url.join(response.headers.get("location", ""))
    except httpx.InvalidURL:
        return None


def _elsewhere(here: httpx.URL, there: httpx.URL, status: int) -> str:
    """Say that a redirect is not followed; URLs may be secrets, hosts are not."""
    to = f"{there.scheme}://{there.host}" if there.host == here.host else there.host or "nowhere"
    if there.host == here.host and there.scheme == here.scheme:
        to = f"port {port_of(there)}"
    return (
        f"{here.host} answered {status}, a redirect to {to}; only one to the same scheme, host and port is followed: "
        "name in the step where it is to go"
    )


async def _read(response: httpx.Response) -> bytes:
    """Read the body as far as it is wanted. Raises Temporary when it is longer, Permanent when it is packed unasked."""
    raw = b""
    async for part in response.aiter_raw():
        raw += part
        if len(raw) > LONGEST_BODY:
            raise Temporary("the answer is longer than 1 MB")
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    if packed in {"", "identity"} or not raw:
        return raw
    if packed not in PACKED:
        raise Permanent("the answer is packed in a way that nobody asked for")
    try:
        raw = zlib.decompressobj(EITHER_HEADER).decompress(raw, LONGEST_BODY + 1)
    except zlib.error as error:
        raise Permanent("the answer cannot be unpacked") from error
    if len(raw) > LONGEST_BODY:
        raise Temporary("the answer is longer than 1 MB")
    return raw


def _answer(response: httpx.Response, raw: bytes, redirect: str) -> HttpAnswer:
    return HttpAnswer(
        status=response.status_code,
        body=_parsed(response, raw),
        date=_date(response),
        redirect=redirect,
    )


def _parsed(response: httpx.Response, raw: bytes) -> Any:
    """Answer the JSON, or the text when it is none or none that can be kept."""
    try:
        return json.loads(raw, parse_constant=_no_number, parse_float=_fraction)
    except (ValueError, RecursionError):
        said = (response.charset_encoding or "utf-8").lower()
        return raw.decode(said if said in TEXTS else "utf-8", errors="replace")


def _no_number(text: str) -> float:
    raise ValueError(text)


def _fraction(text: str) -> float:
    found = float(text)
    return found if isfinite(found) else _no_number(text)


def _date(response: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return None
