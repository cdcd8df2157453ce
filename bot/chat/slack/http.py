"""The signed HTTP mode: Slack POSTs to us, and Bolt verifies and reads what it sends.

What is not signed with our secret, or more than five minutes old, or was here before as it is, is answered 401 and
logged without its contents. Source: docs.slack.dev, authentication/verifying-requests-from-slack.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.chat.listening import address, listen

log = logging.getLogger(__name__)

PATH = "/slack/events"
FRESH = 300.0
"""Seconds for which a signature is good, and has to be remembered."""

SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
STAMP = re.compile(r"[0-9]{1,12}")
"""A Unix time. Slack's own verifier breaks on what has another form, and so is not asked."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HttpRequests:
    """A small web server for Slack alone. TLS is the business of whatever stands before it."""

    def __init__(self, *, signing_secret: str, host: str, port: int) -> None:
        """Port 0 is any free one."""
        self.signing_secret = signing_secret
        self._verifier = SignatureVerifier(signing_secret)
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self._seen: dict[str, float] = {}
        self.address = ""

    @property
    def connected(self) -> bool:
        """Whether it listens."""
        return bool(self.address)

    async def start(self, app: AsyncApp) -> None:
        """Listen. Raises UserError when the address cannot be had."""
        # Bolt would log what a forged request contains.
        logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)
        server = app.web_app(PATH)
        server.middlewares.append(self._guarded)
        self._runner = await listen(server, self._host, self._port, setting="SLACK_HTTP_LISTEN")
        self.address = address(self._runner, PATH)
        log.info("waiting for Slack's requests on %s", self.address)

    async def stop(self) -> None:
        """Listen no longer."""
        self.address = ""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        signature = request.headers.get("X-Slack-Signature", "")
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        if not (SIGNATURE.fullmatch(signature) and STAMP.fullmatch(stamp)):
            return _refused(request, "is not from Slack")
        try:
            text = await request.text()
        except (ValueError, LookupError):  # no text, or in an encoding that there is not
            return _refused(request, "is not from Slack")
        # Bolt looks, too, but reads the body before.
        if not self._verifier.is_valid(text, stamp, signature):
            return _refused(request, "is not from Slack, or too old")
        if signature in self._seen:
            return _refused(request, "was here before")
        response = await handler(request)
        if response.status == 200:
            self._remember(signature)
        return response

    def _remember(self, signature: str) -> None:
        now = asyncio.get_running_loop().time()
        for old in [each for each, at in self._seen.items() if now - at > 2 * FRESH]:
            del self._seen[old]
        self._seen[signature] = now


def _refused(request: web.Request, why: str) -> web.Response:
    log.warning("a request from %s was refused: it %s", request.remote, why)
    return web.Response(status=401, text="invalid request")
