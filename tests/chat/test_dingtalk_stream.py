"""The connection to DingTalk: renewed before it ends, given up when it is silent, and nothing lost or taken twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.chat.dingtalk.api import OpenApi
from bot.chat.dingtalk.frames import CARD, MESSAGE, UNKNOWN, Answer, Push
from bot.chat.dingtalk.stream import Patience, Streams
from bot.errors import UserError
from bot.sandbox.dingtalk import organization
from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE

QUICK = Patience(ping=0.2, steady=0.0, first=0.01, most=0.05, lingering=1.0)


class Ear:
    """Takes everything and writes it down."""

    def __init__(self) -> None:
        self.heard: list[Push] = []
        self._come = asyncio.Condition()

    async def take(self, push: Push) -> Answer:
        if push.topic not in {MESSAGE, CARD}:
            return Answer(code=UNKNOWN)
        async with self._come:
            self.heard.append(push)
            self._come.notify_all()
        return Answer()

    @property
    def texts(self) -> list[str]:
        return [str(each.data["text"]["content"]).strip() for each in self.heard]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE), self._come:
            await self._come.wait_for(lambda: len(self.heard) >= count)


def api_of(sandbox: Sandbox, **other: Any) -> OpenApi:
    given = sandbox.dingtalk_settings()
    keys = {
        "client_id": given["DINGTALK_CLIENT_ID"],
        "client_secret": given["DINGTALK_CLIENT_SECRET"],
        "url": given["DINGTALK_API_URL"],
        "oapi": given["DINGTALK_OAPI_URL"],
    }
    return OpenApi(**(keys | other))


@asynccontextmanager
async def listening(
    sandbox: Sandbox, ear: Ear, patience: Patience = QUICK
) -> AsyncIterator[Streams]:
    api = api_of(sandbox)
    streams = Streams(api, agent="shipmate/test", patience=patience)
    async with asyncio.timeout(PATIENCE):
        await streams.start(ear.take)
    try:
        yield streams
    finally:
        await streams.stop()
        await api.close()


async def says(sandbox: Sandbox, text: str) -> bool | None:
    """Type something; answer whether the robot heard it."""
    member = organization.member("dev")
    assert member is not None
    group = organization.GROUPS[0].id
    return (await sandbox.dingtalk.people.say(member, group, f"@shipmate {text}"))[1]


async def until(test: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not test():  # noqa: ASYNC110 - as a person looks
            await asyncio.sleep(0.01)


async def test_what_is_said_is_taken_and_acknowledged(sandbox: Sandbox) -> None:
    ear = Ear()
    async with listening(sandbox, ear) as streams:
        assert streams.connected
        assert await says(sandbox, "status")
        assert ear.texts == ["status"]
    assert await says(sandbox, "anyone?") is False


async def test_the_next_connection_is_open_before_the_last_one_ends_and_nothing_is_lost(
    sandbox: Sandbox,
) -> None:
    ear, stream = Ear(), sandbox.dingtalk.stream
    async with listening(sandbox, ear) as streams:
        for number in range(3):
            opened = stream.opened
            await stream.refresh("balancing", 0.3)
            await until(lambda opened=opened: stream.opened > opened and streams.connected)
            assert await says(sandbox, f"message {number}")
            await until(lambda: stream.connections == 1)
        assert ear.texts == ["message 0", "message 1", "message 2"]


async def test_a_connection_that_breaks_is_opened_again(sandbox: Sandbox) -> None:
    ear, stream = Ear(), sandbox.dingtalk.stream
    async with listening(sandbox, ear) as streams:
        await stream.disconnect(1)
        await until(lambda: stream.opened == 2 and streams.connected)
        assert await says(sandbox, "again")
        assert ear.texts == ["again"]


async def test_an_expired_ticket_is_replaced_by_a_fresh_one(sandbox: Sandbox) -> None:
    sandbox.faults.add("dingtalk", "expired-ticket", 2)
    ear = Ear()
    async with listening(sandbox, ear):
        assert await says(sandbox, "here")


async def test_a_connection_over_which_nothing_is_said_is_replaced(sandbox: Sandbox) -> None:
    ear, stream = Ear(), sandbox.dingtalk.stream
    quiet = Patience(silence=0.2, first=0.01, most=0.05, lingering=0.05)
    async with listening(sandbox, ear, quiet):
        stream.silence(0.5)
        await until(lambda: stream.opened > 1)


async def test_wrong_credentials_are_named(sandbox: Sandbox) -> None:
    api = api_of(sandbox, client_secret="wrong")
    streams = Streams(api, agent="test", patience=QUICK)
    with pytest.raises(UserError, match="DINGTALK_CLIENT_SECRET"):
        await streams.start(Ear().take)
    await streams.stop()
    await api.close()


async def test_it_waits_while_dingtalk_is_down_and_connects_later(sandbox: Sandbox) -> None:
    sandbox.faults.add("dingtalk", "error", 3, method="OpenConnection", status=503)
    ear = Ear()
    async with listening(sandbox, ear):
        assert await says(sandbox, "at last")
    assert ear.texts == ["at last"]


class Dead:
    """A DingTalk whose sockets answer no ping, as behind a broken network."""

    def __init__(self) -> None:
        self.opened = 0
        self.answered = False
        self.url = ""

    async def open(self, _: web.Request) -> web.Response:
        endpoint = f"{self.url.replace('http', 'ws')}/socket"
        return web.json_response({"endpoint": endpoint, "ticket": "a b"})

    async def socket(self, request: web.Request) -> web.StreamResponse:
        assert request.query["ticket"] == "a b"
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.opened += 1
        if self.opened == 1:
            ping = {"type": "SYSTEM", "headers": {"topic": "ping", "messageId": "p1"}}
            await socket.send_json({**ping, "data": json.dumps({"opaque": "o"})})
            answer = json.loads((await socket.receive()).data)
            assert answer["headers"]["messageId"] == "p1"
            assert (answer["code"], json.loads(answer["data"])) == (200, {"opaque": "o"})
            other = {"type": "CALLBACK", "headers": {"topic": "/other", "messageId": "c1"}}
            await socket.send_json(other)
            answer = json.loads((await socket.receive()).data)
            assert (answer["headers"]["messageId"], answer["code"]) == ("c1", UNKNOWN)
            self.answered = True
        async for _ in socket:
            pass
        return socket


@pytest.fixture
async def dead() -> AsyncIterator[Dead]:
    made = Dead()
    app = web.Application()
    app.router.add_post("/v1.0/gateway/connections/open", made.open)
    app.router.add_get("/socket", made.socket)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def test_a_ping_is_answered_and_a_connection_that_answers_none_of_ours_is_given_up(
    dead: Dead,
) -> None:
    api = OpenApi(client_id="a", client_secret="b", url=dead.url)
    streams = Streams(api, agent="test", patience=QUICK)
    await streams.start(Ear().take)
    try:
        await until(lambda: dead.opened >= 3)
    finally:
        await streams.stop()
        await api.close()
    assert dead.answered
    assert not streams.connected


async def test_a_connection_that_ends_again_and_again_is_not_opened_in_a_hurry(
    sandbox: Sandbox,
) -> None:
    ear, stream = Ear(), sandbox.dingtalk.stream
    patience = Patience(steady=60.0, first=30.0, most=30.0)
    async with listening(sandbox, ear, patience):
        await stream.refresh("balancing", 0.05)
        await until(lambda: stream.opened == 2)
        await stream.refresh("balancing", 0.05)
        await until(lambda: stream.connections == 0)
        assert stream.opened == 2, "the third one is not opened at once"
