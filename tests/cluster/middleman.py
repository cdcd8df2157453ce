"""A server between the client and the sandbox's API server: it passes everything on, and does what real ones do to clients."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession, web

Rule = Callable[[web.Request], web.StreamResponse | None]
"""Answers a request in place of the server, or passes it on."""

GONE = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "message": "The provided continue parameter is too old",
    "reason": "Expired",
    "code": 410,
}


class Middleman:
    """It listens on a port of its own and knows one cluster of the sandbox."""

    def __init__(self, upstream: str, token: str) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        """Method, path and query of what came."""
        self.rules: list[Rule] = []
        self.tokens = {token}
        """The credentials that are taken."""
        self.silent = 0
        """So many watches more are accepted and then say nothing."""
        self.page = 0
        """Objects a page; 0: all."""
        self._upstream = upstream
        self._token = token
        self._runner: web.AppRunner | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        port = int(self.url.rpartition(":")[2]) if self.url else 0
        site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Be away: nobody listens there any more."""
        self.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def cut(self) -> None:
        """End all watches in the middle."""
        for each in self._open:
            each.cancel()

    def kubeconfig(self, *, token: str = "") -> dict[str, Any]:
        """Answer a kubeconfig whose current context leads here."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "clusters": [{"name": "here", "cluster": {"server": self.url}}],
            "users": [{"name": "me", "user": {"token": token or self._token}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        }

    @property
    def patches(self) -> int:
        """Count the objects that were sent."""
        return sum(method == "PATCH" for method, _, _ in self.asked)

    def count(self, part: str, *, watch: bool) -> int:
        """Count the lists or watches of what ends with `part`."""
        return sum(
            1
            for method, path, query in self.asked
            if method == "GET" and path.endswith(part) and ("watch" in query) is watch
        )

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        self.asked.append((request.method, request.path, dict(query)))
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given not in self.tokens:
            return refused(401, "Unauthorized")
        for rule in self.rules:
            answer = rule(request)
            if answer is not None:
                return answer
        if "watch" in query:
            return await self._watch(request)
        return await self._pass_on(request, query)

    async def _pass_on(self, request: web.Request, query: dict[str, str]) -> web.Response:
        begin = int(query.pop("continue", "0"))
        query.pop("limit", None)
        async with (
            ClientSession() as session,
            session.request(
                request.method,
                f"{self._upstream}{request.path}?{urlencode(query)}",
                data=await request.read(),
                headers=self._headers(request),
            ) as answer,
        ):
            body, status, kind = await answer.read(), answer.status, answer.content_type
        found = json.loads(body) if self.page and status == 200 else {}
        if "items" in found:
            body = self._paged(found, begin)
        return web.Response(body=body, status=status, content_type=kind)

    def _paged(self, found: dict[str, Any], begin: int) -> bytes:
        end = begin + self.page
        if end < len(found["items"]):
            found["metadata"]["continue"] = str(end)
        return json.dumps({**found, "items": found["items"][begin:end]}).encode()

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        if self.silent:
            self.silent -= 1
            streaming = asyncio.create_task(asyncio.sleep(3600))
        else:
            streaming = asyncio.create_task(self._stream(request, response))
        self._open.add(streaming)
        with contextlib.suppress(asyncio.CancelledError):
            try:
                await streaming
            finally:
                streaming.cancel()
                self._open.discard(streaming)
        return response

    async def _stream(self, request: web.Request, response: web.StreamResponse) -> None:
        url = f"{self._upstream}{request.path}?{request.query_string}"
        async with (
            ClientSession() as session,
            session.get(url, headers=self._headers(request)) as answer,
        ):
            async for chunk in answer.content.iter_any():
                await response.write(chunk)

    def _headers(self, request: web.Request) -> dict[str, str]:
        kind = request.headers.get("Content-Type", "application/json")
        return {"Content-Type": kind, "Authorization": f"Bearer {self._token}"}


def hang_up(request: web.Request, *, politely: bool) -> None:
    """End the connection of a request before its answer: by a farewell (FIN) or by a reset (RST), as balancers do."""
    assert request.transport is not None
    if politely:
        request.transport.close()
    else:
        sock: socket.socket = request.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()


def refused(code: int, message: str, **headers: str) -> web.Response:
    """Answer with a Status object."""
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "code": code,
    }
    return web.json_response(
        status,
        status=code,
        headers={key.replace("_", "-"): value for key, value in headers.items()},
    )


def gone() -> web.Response:
    """Answer that what was asked for is too old."""
    return web.json_response(GONE, status=410)


@contextlib.asynccontextmanager
async def between(upstream: str, token: str) -> AsyncIterator[Middleman]:
    """Bring one up."""
    made = Middleman(upstream, token)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
