"""Serves the app on a socket of its own, beside everything else on the event loop. TLS is the business of what stands before."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from bot.errors import UserError

log = logging.getLogger(__name__)

GRACE = 3
"""Seconds that requests under way have when the process ends."""
LONGEST_HEAD = 32 * 1024
"""Bytes of a request's line and headers."""
MOST_AT_ONCE = 1000
"""Connections: more are told 503."""


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: the process belongs to whoever started it."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """A small web server."""

    def __init__(self, app: ASGIApp, *, host: str, port: int, or_any: bool = False) -> None:
        """Port 0 is any free one. `or_any`: where the port is taken, any free one will do."""
        self._app = app
        self._host, self._port, self._or_any = host, port, or_any
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self.address = ""
        """`http://127.0.0.1:8486`, while it listens."""

    async def start(self) -> None:
        """Listen. Raises UserError when the address cannot be had."""
        bound = self._bound()
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            limit_concurrency=MOST_AT_ONCE,
            h11_max_incomplete_event_size=LONGEST_HEAD,
            timeout_graceful_shutdown=GRACE,
            ws="none",
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[bound]), name="http")
        while not self._server.started and not self._serving.done():  # noqa: ASYNC110 - it has no event for that
            await asyncio.sleep(0.005)
        host, port = bound.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{port}"
        log.info("listening on %s", self.address)

    async def stop(self) -> None:
        """Listen no longer; requests under way have a moment to end."""
        self.address = ""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            with suppress(asyncio.CancelledError):
                await self._serving

    def _bound(self) -> socket.socket:
        try:
            return _listening(self._host, self._port)
        except OSError as error:
            if self._or_any:
                return _listening(self._host, 0)
            raise UserError(
                f"SHIPMATE_HTTP_LISTEN: {self._host}:{self._port} cannot be listened on ({error.strerror}); "
                "name another address, or off"
            ) from error


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made
