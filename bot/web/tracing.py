"""Each request over HTTP as a span, within the trace of whoever asks where they say one."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.traces import span

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""What is asked every few seconds."""


class Traced:
    """Puts the app into spans. A path is no name of one: it may hold a token."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, as ASGI has it."""
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
            return
        with span(f"http {scope['method']}", incoming=dict(Headers(scope=scope))):
            await self._app(scope, receive, send)
