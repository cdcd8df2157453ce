"""Alive and ready: each thing is named, with why not, and many who look make no more work than one."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator

import pytest
from fastapi import APIRouter

from bot.errors import Temporary, UserError
from bot.web import health as looking
from bot.web.app import make_app
from bot.web.health import Check, Readiness, health
from bot.web.server import HttpServer
from tests.web.serving import names, served


def saying(why: str) -> Callable[[], Awaitable[str]]:
    async def look() -> str:
        return why

    return look


async def broken() -> str:
    raise Temporary("the database is away")


def fine() -> Iterator[Check]:
    yield Check(name="database", look=saying(""))
    yield Check(name="slack", look=saying(""))


def half() -> Iterator[Check]:
    yield Check(name="database", look=broken)
    yield Check(name="slack", look=saying("it is not connected"))
    yield Check(name="cluster/east", look=saying("nobody answers"))
    yield Check(name="cluster/west", look=saying(""))


def routes(checks: Callable[[], Iterator[Check]]) -> APIRouter:
    return health("1.2.3", Readiness(checks))


async def test_a_process_is_alive_whatever_is_away() -> None:
    async with served(routes(half)) as client:
        answer = await client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": "1.2.3"}


async def test_it_is_ready_when_everything_is_there() -> None:
    async with served(routes(fine)) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"]
    assert names(answer.json()["checks"]) == ["database", "slack"]


async def test_what_is_not_there_is_named_with_why() -> None:
    async with served(routes(half)) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert not answer.json()["ready"]
    found = {each["name"]: each["why"] for each in answer.json()["checks"] if not each["ok"]}
    assert found == {
        "database": "the database is away",
        "slack": "it is not connected",
        "cluster/east": "nobody answers",
    }


async def test_what_is_left_out_makes_nobody_unready() -> None:
    async with served(routes(half)) as client:
        both = await client.get("/readyz?exclude=database&exclude=slack")
        all_but_one = await client.get("/readyz?exclude=database&exclude=slack&exclude=cluster")
        one = await client.get("/readyz", params={"exclude": ["database", "slack", "cluster/east"]})
    assert both.status_code == 503
    assert all_but_one.status_code == 200
    assert names(one.json()["checks"]) == ["cluster/west"]


async def test_what_says_nothing_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent() -> str:
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr(looking, "LONGEST", 0.01)
    found = await Readiness(lambda: [Check(name="cluster/east", look=silent)]).look()
    assert [(each.ok, each.why) for each in found] == [
        (False, "it did not answer within 0.01 seconds")
    ]


async def test_many_who_look_at_once_share_a_look() -> None:
    looks = 0

    async def count() -> str:
        nonlocal looks
        looks += 1
        return ""

    readiness = Readiness(lambda: [Check(name="database", look=count)])
    await asyncio.gather(*(readiness.look() for _ in range(20)))
    assert looks == 1


async def test_what_is_not_there_is_answered_as_json_that_says_where_to_look() -> None:
    async with served(routes(fine)) as client:
        nothing = await client.get("/nothing")
        method = await client.post("/healthz")
    assert nothing.status_code == 404
    assert nothing.json()["error"]["code"] == "not_found"
    assert "openapi.json" in nothing.json()["error"]["message"]
    assert method.status_code == 405
    assert method.json()["error"]["code"] == "method_not_allowed"


async def test_an_address_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        app = make_app("1.2.3", [])
        with pytest.raises(UserError, match=f"SHIPMATE_HTTP_LISTEN: 127.0.0.1:{port}"):
            await HttpServer(app, host="127.0.0.1", port=port).start()
        other = HttpServer(app, host="127.0.0.1", port=port, or_any=True)
        await other.start()
        assert str(port) not in other.address
        await other.stop()
