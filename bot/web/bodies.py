"""Reads the body of a request: no more of it than is allowed, and JSON that is nothing else."""

import json
from typing import Any

from starlette.requests import ClientDisconnect, Request

from bot.web.problems import Problem

LARGEST = 256 * 1024
"""Bytes. Registries send a few kilobytes."""
DEEPEST = 32


async def read_body(request: Request, largest: int = LARGEST) -> bytes:
    """Read it. Raises Problem (413) as soon as it is too large, without reading the rest."""
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > largest:
        raise _too_large(largest)
    read = bytearray()
    try:
        async for part in request.stream():
            read += part
            if len(read) > largest:
                raise _too_large(largest)
    except ClientDisconnect as error:
        raise Problem(400, "incomplete", "The body ended before its end.") from error
    return bytes(read)


def parse_json(raw: bytes) -> Any:
    """Parse a body. Raises Problem (400) when it is no JSON, or nested too deeply."""
    try:
        found = json.loads(raw.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "no_json", "The body is no JSON: send one object.") from error
    if _depth(found) > DEEPEST:
        raise Problem(400, "no_json", f"The body is nested deeper than {DEEPEST}.")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(text)


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


def _too_large(largest: int) -> Problem:
    return Problem(413, "too_large", f"The body has more than {largest // 1024} KiB.")
