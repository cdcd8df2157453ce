"""One API server, asked in JSON: credentials and TLS by the official client, errors in our own words.

Objects stay plain JSON: the models of the client would lose fields that a newer server knows.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.cluster.kube.access import Access
from bot.cluster.kube.connection import Connection
from bot.cluster.kube.errors import Unauthorized, refusal
from bot.cluster.port import Away
from bot.errors import Permanent, Temporary
from bot.lease import Certain, always
from bot.traces import headers as trace_headers
from bot.traces import span

CALL = aiohttp.ClientTimeout(total=65, sock_connect=5)
"""A little more than kube-apiserver itself takes before it gives a request up."""

THROTTLED = 3
"""How often a request that is throttled is made again here, when the server says after how long."""
LONGEST_WAIT = 5.0
"""Seconds; who is to wait for longer is told so."""

KEPT = 8
"""Connections that may all be kept and all turn out to be dead, before a server counts as one that hangs up."""

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What becomes of reading an event that is none."""

READS = frozenset({"GET", "WATCH"})

OnRequest = Callable[[str, str], None]
"""Is told each request: `GET`, `PATCH`, `DELETE` or `WATCH`, and its path."""
OnAnswer = Callable[[str, str, float], None]
"""Is told what came of a request that is no watch: its verb, `ok`, `refused` or `error`, and its seconds."""


class Silent(Temporary):
    """A watch has said nothing for too long: it may be dead."""


class Unreachable(Away):
    """Nobody answers there, or not as a server that we may trust."""


class ClusterApi:
    """The API server of one cluster of the catalog. Connects at the first call."""

    def __init__(
        self,
        name: str,
        access: Access,
        *,
        silence: float = 75.0,
        on_request: OnRequest | None = None,
        on_answer: OnAnswer | None = None,
        certain: Certain = always,
    ) -> None:
        """`silence`: seconds after which a watch that says nothing, not even a bookmark, counts as dead.

        kube-apiserver sends bookmarks every minute. `certain` is waited for before each request that changes something.
        """
        self._certain = certain
        self.name = name
        self._access = access
        self._watch = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=silence)
        self._tell = on_request or (lambda _verb, _path: None)
        self._answered = on_answer or (lambda _verb, _result, _seconds: None)

    async def close(self) -> None:
        """Close the connections."""
        await self._access.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        about: str = "",
    ) -> Any:
        """Ask and answer the parsed JSON. `about` names the object, for errors.

        Raises Temporary when the server cannot be reached, is overloaded or takes the credentials no more, and
        Permanent when it refuses.
        """
        began, result = time.perf_counter(), "error"
        try:
            with span(f"kubernetes {method}", outgoing=True, cluster=self.name, path=path):
                raw, is_json = await self._asked(method, path, query, body, content_type, about)
            result = "ok"
        except Permanent:
            result = "refused"
            raise
        finally:
            self._answered(method, result, time.perf_counter() - began)
        if not is_json:
            raise Permanent(f"{self.name} does not answer as a Kubernetes API server does")
        try:
            return json.loads(raw)
        except (ValueError, RecursionError) as error:  # half of an answer, or a proxy's
            raise Temporary(f"{self.name} answered something that is no JSON") from error

    async def text(self, path: str, query: Mapping[str, str]) -> str:
        """Ask and answer text: a log. Raises as `call`."""
        raw, _ = await self._asked("GET", path, query, None, "application/json", "")
        return raw.decode(errors="replace")

    @asynccontextmanager
    async def watch(
        self, path: str, query: Mapping[str, str]
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Give the events of a watch, until the server ends it; inside, the server has accepted it.

        Raises as `call`, Gone for 410, and Silent.
        """
        async with self._sent(
            "WATCH", path, {**query, "watch": "true"}, None, "application/json", self._watch
        ) as response:
            if response.status >= 400:
                raise await self._refused(response, "")
            yield self._events(response)

    async def _events(self, response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
        try:
            async for line in response.content:
                event: dict[str, Any] = json.loads(line)
                if event["type"] == "ERROR":
                    status = event["object"]
                    raw = json.dumps(status).encode()
                    raise refusal(self.name, "", int(status.get("code", 500)), raw)
                yield event
        except aiohttp.SocketTimeoutError as error:
            raise Silent(f"{self.name} says nothing any more") from error
        except (aiohttp.ClientError, TimeoutError, *UNREADABLE) as error:
            raise self._unreachable(error) from error

    async def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Any,
        content_type: str,
        about: str,
    ) -> tuple[bytes, bool]:
        for attempt in range(THROTTLED + 1):
            async with self._sent(method, path, query, body, content_type, CALL) as response:
                if response.status < 400:
                    return await self._read(response), "json" in response.content_type
                error = await self._refused(response, about)
            wait = error.retry_after if isinstance(error, Temporary) else None
            throttled = response.status == 429 and wait is not None and wait <= LONGEST_WAIT
            if not throttled or attempt == THROTTLED:
                raise error
            await asyncio.sleep((wait or 0) + random.random())  # noqa: S311 - so that not all come back at once
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def _sent(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Any,
        content_type: str,
        timeout: aiohttp.ClientTimeout,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request; again with other credentials, or elsewhere, when these do not do and there are others."""
        failure: Temporary | None = None
        connection: Connection | None = await self._access.connection()
        while connection is not None:
            async with connection.used() as client:
                _, url, headers, sent, _ = await client.param_serialize(
                    "GET" if verb == "WATCH" else verb,
                    f"{path}?{urlencode(query)}" if query else path,
                    header_params={
                        "Accept": "application/json",
                        "Content-Type": content_type,
                        **trace_headers(),
                    },
                    body=body,
                    auth_settings=["BearerToken"],
                )
                if verb not in READS:
                    await self._certain()
                self._tell(verb, path)
                try:
                    response = await self._answer(
                        client.rest_client, verb, url, headers, sent, timeout
                    )
                except Unreachable as error:
                    failure = error
                else:
                    with _let_go(response):
                        if response.status != 401:
                            yield response
                            return
                    failure = Unauthorized(f"{self.name} refuses the credentials")
            connection = await self._access.renewed(connection)
        assert failure is not None
        raise failure

    async def _answer(
        self,
        client: Any,
        verb: str,
        url: str,
        headers: dict[str, str],
        body: Any,
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        """Send and answer when the headers came; at once again while kept connections turn out to be dead.

        All that is asked here may be asked twice.
        """
        method = "GET" if verb == "WATCH" else verb
        for attempt in range(KEPT + 1):
            try:
                answer = await client.request(
                    method, url, headers=dict(headers), body=body, _request_timeout=timeout
                )
            except aiohttp.SocketTimeoutError as error:
                raise Silent(f"{self.name} does not answer") from error
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if attempt == KEPT or not _ended(error):
                    raise self._unreachable(error) from error
            else:
                response: aiohttp.ClientResponse = answer.response
                return response
        raise AssertionError("unreachable")

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            return await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unreachable(error) from error

    async def _refused(self, response: aiohttp.ClientResponse, about: str) -> Temporary | Permanent:
        raw = await self._read(response)
        return refusal(self.name, about, response.status, raw, response.headers.get("Retry-After"))

    def _unreachable(self, error: BaseException) -> Unreachable:
        said = str(error) or type(error).__name__
        return Unreachable(f"{self.name} cannot be reached: {said}")


def _ended(error: Exception) -> bool:
    """Say whether the server, or something on the way, has ended a connection, politely or not."""
    return isinstance(
        error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | ConnectionResetError
    ) and not isinstance(error, aiohttp.ClientConnectorError)


@contextmanager
def _let_go(response: aiohttp.ClientResponse) -> Iterator[None]:
    """Let go of a response in the end. Its connection is kept when all of it was read, else it ends at once."""
    try:
        yield
    finally:
        connection = response.connection
        if connection is not None and connection.transport is not None:
            connection.transport.abort()  # a polite farewell of TLS would outlive who said it
        response.close()
