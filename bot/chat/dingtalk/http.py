"""The signed HTTP mode: DingTalk POSTs what robots are told to us.

The signature is made of the time and the app's secret, does not cover the body and is good for an hour: so the path is one
that nobody guesses, TLS is needed before us, and a message counts once by its id. What is not signed is answered 401 and
logged without its contents. Presses of cards do not come this way: here cards say how each request is typed.
Source: the official page on receiving messages of robots, as of 2024.
"""

import base64
import hashlib
import hmac
import logging
import re

from aiohttp import web

from bot.chat.dingtalk.connection import Take
from bot.chat.dingtalk.frames import MESSAGE, OK, Push
from bot.chat.listening import address, listen
from bot.clock import Clock

log = logging.getLogger(__name__)

FRESH = 3600.0
"""Seconds for which a signature is good, either way."""
STAMP = re.compile(r"[0-9]{1,15}")
"""A time in milliseconds."""


class HttpRequests:
    """A small web server for DingTalk alone."""

    def __init__(self, *, client_secret: str, host: str, port: int, clock: Clock) -> None:
        """Port 0 is any free one."""
        self._secret = client_secret
        self._host, self._port = host, port
        self._clock = clock
        self._runner: web.AppRunner | None = None
        self._take: Take | None = None
        self.address = ""

    @property
    def connected(self) -> bool:
        """Whether it listens."""
        return bool(self.address)

    async def start(self, take: Take) -> None:
        """Listen. Raises UserError when the address cannot be had."""
        self._take = take
        app = web.Application()
        path = secret_path(self._secret)
        app.router.add_post(path, self._posted)
        self._runner = await listen(app, self._host, self._port, setting="DINGTALK_HTTP_LISTEN")
        self.address = address(self._runner, path)
        log.info("waiting for DingTalk's requests on %s", self.address)

    async def stop(self) -> None:
        """Listen no longer."""
        self.address = ""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _posted(self, request: web.Request) -> web.Response:
        now = self._clock.now().timestamp()
        if not signed(
            request.headers.get("timestamp", ""), request.headers.get("sign", ""), self._secret, now
        ):
            log.warning("a request from %s was refused: it is not DingTalk's", request.remote)
            return web.Response(status=401, text="invalid request")
        try:
            data = await request.json()
        except (
            ValueError,
            LookupError,
            RecursionError,
        ):  # LookupError: an encoding that there is not
            data = None
        if not isinstance(data, dict):
            return web.Response(status=400, text="not a message")
        assert self._take is not None, "it listens since it was started"
        answer = await self._take(Push(type="CALLBACK", topic=MESSAGE, id="", data=data))
        return web.json_response({}, status=200 if answer.code == OK else answer.code)


def signed(timestamp: str, sign: str, secret: str, now: float) -> bool:
    """Say whether a request is DingTalk's: signed with the app's secret within an hour of `now`, a Unix time."""
    if STAMP.fullmatch(timestamp) is None or not sign.isascii():
        return False
    age = abs(now - int(timestamp) / 1000)
    return age <= FRESH and hmac.compare_digest(
        sign.encode(), signature(timestamp, secret).encode()
    )


def signature(timestamp: str, secret: str) -> str:
    """Make the signature of a time, which is in milliseconds."""
    said = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()


def secret_path(secret: str) -> str:
    """Answer the path that nobody guesses who does not know the app's secret; the same after each start."""
    name = hmac.new(secret.encode(), b"the path of shipmate", hashlib.sha256).hexdigest()
    return f"/dingtalk/{name[:32]}"
