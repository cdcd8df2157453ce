"""What is secret is neither taken in nor answered over HTTP, whether an answer comes as a whole or in pieces."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.secrecy import Secrecy
from bot.web.app import make_app
from bot.web.server import HttpServer
from tests.patience import PATIENCE
from tests.web.serving import served

SECRET = "canary-of-a-setting"
router = APIRouter()


@router.post("/echo")
async def echo(request: Request) -> Response:
    """Answer what came, and what it is said to be long."""
    return JSONResponse({"came": (await request.body()).decode(), "own": SECRET})


@router.get("/events")
async def events() -> Response:
    async def pieces() -> AsyncIterator[str]:
        yield f"data: {SECRET} 1\n\n"
        yield f"data: {SECRET} 2\n\n"

    return StreamingResponse(pieces(), media_type="text/event-stream")


@router.get("/quiet")
async def quiet() -> Response:
    """Answer in pieces of which the first never comes."""

    async def pieces() -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield "never"

    return StreamingResponse(pieces(), media_type="text/event-stream")


@router.post("/bytes")
async def raw(request: Request) -> Response:
    return Response(await request.body(), media_type="application/octet-stream")


async def test_bodies_have_no_secret_in_either_direction() -> None:
    secrecy = Secrecy()
    secrecy.learn(SECRET)
    server = HttpServer(make_app("1.2.3", [router], secrecy), host="127.0.0.1", port=0)
    await server.start()
    async with httpx.AsyncClient(base_url=server.address) as client:
        answer = await client.post("/echo", json={"note": f"it is {SECRET}"})
        assert answer.json() == {"came": '{"note":"it is •••"}', "own": "•••"}
        assert int(answer.headers["content-length"]) == len(answer.content)
        followed = await client.get("/events")
        assert followed.text == "data: ••• 1\n\ndata: ••• 2\n\n"
        kept = await client.post("/bytes", content=b"\xff\xfe")
        assert kept.content == b"\xff\xfe"
        missing = await client.get(f"/{SECRET}")
        assert missing.status_code == 404
        assert SECRET not in json.dumps(missing.json())
    await server.stop()


async def test_whoever_follows_knows_at_once_that_it_has_begun() -> None:
    async with (
        served(router) as client,
        asyncio.timeout(PATIENCE),
        client.stream("GET", "/quiet") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
