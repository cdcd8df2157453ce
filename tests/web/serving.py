"""A server for a test, on a socket of its own, and a client for it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
from fastapi import APIRouter

from bot.web.app import make_app
from bot.web.server import HttpServer
from tests.patience import PATIENCE


@asynccontextmanager
async def served(*routers: APIRouter) -> AsyncIterator[httpx.AsyncClient]:
    """Serve routes, and give a client that asks there."""
    server = HttpServer(make_app("1.2.3", routers), host="127.0.0.1", port=0)
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=server.address, timeout=PATIENCE) as client:
            yield client
    finally:
        await server.stop()


def names(found: Sequence[dict[str, object]]) -> list[object]:
    """Name checks."""
    return [each["name"] for each in found]
