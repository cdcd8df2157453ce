"""Takes what is known to be secret out of what is asked and answered over HTTP: neither is stored or said with it.

The body of a request is there at once (`bot.web.bodies` reads it before); of an answer that comes in pieces each piece is a
whole line.
"""

from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.secrecy import Secrecy


class Discreet:
    """Cleans bodies, of requests and of answers."""

    def __init__(self, app: ASGIApp, secrecy: Secrecy) -> None:
        self._app = app
        self._secrecy = secrecy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun: Message | None = None

        async def hear() -> Message:
            return self._cleaned(await receive())

        async def say(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and "content-length" in _headers(message):
                begun = message  # they say how long the answer is, which is not known yet
                return
            message = self._cleaned(message)
            if begun is not None:
                headers = _headers(begun)
                if not message.get("more_body", False):
                    headers["content-length"] = str(len(message.get("body", b"")))
                await send({**begun, "headers": headers.raw})
                begun = None
            await send(message)

        await self._app(scope, hear, say)

    def _cleaned(self, message: MutableMapping[str, Any]) -> Message:
        body = message.get("body")
        if not body:
            return message
        try:
            return {**message, "body": self._secrecy.clean(body.decode()).encode()}
        except UnicodeDecodeError:
            return message  # it is no text, and whoever reads it says so


def _headers(message: Message) -> MutableHeaders:
    return MutableHeaders(raw=list(message.get("headers", [])))
