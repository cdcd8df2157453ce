"""Reads the body of a request: no more of it than is allowed, and JSON that is nothing else."""

import json
from math import isfinite
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.problems import Problem, answer_of

LARGEST = 256 * 1024
"""Bytes. Registries send a few kilobytes."""
DEEPEST = 32


class LimitedBodies:
    """Reads the body of each request before anyone else does, and answers 413 as soon as it is too large."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await self._read(scope, receive)
        if body is None:
            said = f"The body has more than {self._largest // 1024} KiB."
            await answer_of(Problem(413, "too_large", said))(scope, receive, send)
            return
        handed_over = False

        async def receive_again() -> Message:
            nonlocal handed_over
            if handed_over:
                return await receive()
            handed_over = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """Read a body; None: it is too large. One that breaks off is as good as empty: nobody waits for an answer."""
        said = Headers(scope=scope).get("content-length", "")
        if said.isdigit() and int(said) > self._largest:
            return None
        read = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return b""
            read += message.get("body", b"")
            if len(read) > self._largest:
                return None
            if not message.get("more_body", False):
                return bytes(read)


def parse_json(raw: bytes) -> Any:
    """Parse a body. Raises Problem (400) when it is no JSON, or nested too deeply."""
    try:
        found = json.loads(raw.decode("utf-8"), parse_constant=_no_number, parse_float=_fraction)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "no_json", "The body is no JSON: send one object.") from error
    if _depth(found) > DEEPEST:
        raise Problem(400, "no_json", f"The body is nested deeper than {DEEPEST}.")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _fraction(text: str) -> float:
    """Read a number; 1e999 is none of JSON's, for nothing could write it again."""
    found = float(text)
    return found if isfinite(found) else _no_number(text)


def _depth(value: Any) -> int:
    deepest, open_ = 0, [(value, 1)]
    while open_:
        here, depth = open_.pop()
        deepest = max(deepest, depth)
        if depth > DEEPEST:
            break
        below = here.values() if isinstance(here, dict) else here if isinstance(here, list) else ()
        open_ += [(each, depth + 1) for each in below]
    return deepest
