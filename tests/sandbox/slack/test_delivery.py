"""How an app hears of things: shortcuts and messages over sockets and by signed HTTP, again when it was not heard."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSServerHandshakeError, web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import Sandbox
from bot.sandbox.slack.socket_mode import MOST
from tests.patience import PATIENCE
from tests.sandbox.slack.conftest import Listening, People

Json = dict[str, Any]


class Endpoint:
    """An app's request URL: it writes down what comes, and answers what it is told to."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], str]] = []
        self.answers: list[web.Response] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.text()
        if "url_verification" in body:
            return web.json_response({"challenge": json.loads(body)["challenge"]})
        self.came.append(({key.lower(): each for key, each in request.headers.items()}, body))
        return self.answers.pop(0) if self.answers else web.Response()


class Sockets:
    """Raw connections, to see each frame."""

    def __init__(self) -> None:
        self.all: list[ClientWebSocketResponse] = []

    async def __aenter__(self) -> "Sockets":
        self._session = ClientSession()
        return self

    async def open(self, url: str) -> ClientWebSocketResponse:
        made = await self._session.ws_connect(url)
        self.all.append(made)
        return made

    async def __aexit__(self, *_: object) -> None:
        for each in self.all:
            await each.close()
        await self._session.close()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    made = Endpoint()
    app = web.Application()
    app.router.add_post("/slack/events", made.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield made
    await runner.cleanup()


async def test_what_is_posted_is_signed_and_shaped_as_slacks(
    endpoint: Endpoint, people: People
) -> None:
    assert (await people.do("slack/request-url", url=endpoint.url))["ok"]
    endpoint.answers = [web.json_response({"text": "on it", "response_type": "ephemeral"})]

    told = await people.do("slack/say", user="dev", channel="general", text="/deploy shop dev")
    await people.do("slack/shortcut", user="dev", shortcut="Deploy")
    await people.do("slack/say", user="dev", channel="general", text="@shipmate whoami")

    verifier = SignatureVerifier("sandbox-signing-secret")
    assert all(verifier.is_valid_request(body, headers) for headers, body in endpoint.came)
    (command, first), (shortcut, second), (event, third) = endpoint.came
    assert [each["text"] for each in told["messages"]] == ["on it"]
    assert command["content-type"] == shortcut["content-type"]
    assert "command=%2Fdeploy&text=shop+dev" in first
    assert second.startswith("payload=%7B")
    assert event["content-type"] == "application/json"
    assert json.loads(third)["event"]["type"] == "app_mention"


async def test_only_events_are_sent_again_and_not_when_the_app_says_so(
    endpoint: Endpoint, people: People
) -> None:
    await people.do("slack/request-url", url=endpoint.url)
    endpoint.answers = [web.Response(status=500), web.Response(status=500)]
    command = await people.do("slack/say", user="dev", channel="general", text="/deploy")
    await people.do("slack/say", user="dev", channel="general", text="@shipmate help")
    no_more = {"X-Slack-No-Retry": "1"}
    endpoint.answers = [web.Response(status=500, headers=no_more)]
    await people.do("slack/say", user="dev", channel="general", text="@shipmate help")

    assert "dispatch_failed" in command["messages"][0]["text"]
    again = [headers.get("x-slack-retry-num", "") for headers, _ in endpoint.came]
    assert again == ["", "", "1", ""]
    assert endpoint.came[2][0]["x-slack-retry-reason"] == "http_error"
    ids = [json.loads(body)["event_id"] for _, body in endpoint.came[1:]]
    assert ids[0] == ids[1] != ids[2]


async def test_a_url_that_does_not_meet_the_challenge_is_not_used(
    sandbox: Sandbox, people: People
) -> None:
    wrong = await people.do("slack/request-url", url=f"{sandbox.url}/nowhere")
    away = await people.do("slack/request-url", url="http://127.0.0.1:9/slack/events")

    assert "challenge" in wrong["error"]
    assert "cannot be reached" in away["error"]
    assert not sandbox.http.open


async def test_shortcuts_come_with_the_message_they_were_used_on(
    slack: AsyncWebClient, people: People, listening: Listening
) -> None:
    @listening.app.shortcut("run_actions")
    async def on_message(ack: Any, body: Json) -> None:
        await ack()
        listening.heard.put_nowait(body)

    @listening.app.shortcut("deploy")
    async def anywhere(ack: Any, body: Json, respond: Any) -> None:
        await ack()
        listening.heard.put_nowait(body)

    posted = await slack.chat_postMessage(channel="C01GENERAL", text="hello")
    await people.do(
        "slack/shortcut", user="dev", channel="general", ts=posted["ts"], shortcut="Run actions"
    )
    await people.do("slack/shortcut", user="dev", shortcut="deploy")
    unknown = await people.do("slack/shortcut", user="dev", shortcut="Undeploy")

    one, other = await listening.next(), await listening.next()
    assert (one["type"], one["message_ts"], one["message"]["text"]) == (
        "message_action",
        posted["ts"],
        "hello",
    )
    assert one["channel"] == {"id": "C01GENERAL", "name": "general"}
    assert other["type"] == "shortcut"
    assert {"message", "channel", "response_url"}.isdisjoint(other)
    assert "there is: Deploy" in unknown["error"]


async def test_an_app_hears_only_the_events_of_its_manifest(
    people: People, listening: Listening
) -> None:
    @listening.app.event("app_mention")
    async def mentioned(event: Json) -> None:
        listening.heard.put_nowait(event)

    await people.do("slack/say", user="dev", channel="general", text="@shipmate hello")
    await people.do("slack/say", user="dev", channel="general", text="to nobody")
    assert (await listening.next())["text"] == "<@U0SHIPMATE> hello"
    assert listening.heard.empty()


async def test_a_connection_too_many_is_told_so(sandbox: Sandbox, slack: AsyncWebClient) -> None:
    client = AsyncWebClient(token=sandbox.slack_app_token, base_url=sandbox.slack_api_url)
    async with Sockets() as sockets:
        for _ in range(MOST + 1):
            url = (await client.apps_connections_open(app_token=sandbox.slack_app_token))["url"]
            await sockets.open(url)
        frames = [await each.receive_json(timeout=PATIENCE) for each in sockets.all]
    assert [each["num_connections"] for each in frames[:-1]] == list(range(1, MOST + 1))
    assert (frames[-1]["type"], frames[-1]["reason"]) == ("disconnect", "too_many_websockets")


async def test_an_address_opens_one_connection(sandbox: Sandbox) -> None:
    client = AsyncWebClient(token=sandbox.slack_app_token, base_url=sandbox.slack_api_url)
    url = (await client.apps_connections_open(app_token=sandbox.slack_app_token))["url"]
    async with Sockets() as sockets:
        await sockets.open(url)
        with pytest.raises(WSServerHandshakeError, match="403"):
            await sockets.open(url)


async def test_a_connection_that_slack_renews_lasts_until_the_app_had_time(
    sandbox: Sandbox, people: People
) -> None:
    client = AsyncWebClient(token=sandbox.slack_app_token, base_url=sandbox.slack_api_url)
    url = (await client.apps_connections_open(app_token=sandbox.slack_app_token))["url"]
    async with Sockets() as sockets:
        socket = await sockets.open(url)
        await socket.receive_json(timeout=PATIENCE)
        await people.do("faults", target="slack", fault="refresh", reason="warning", seconds=0.05)
        assert (await socket.receive_json(timeout=PATIENCE))["reason"] == "warning"
        assert (await socket.receive(timeout=PATIENCE)).data == 1000
    for _ in range(100):
        if not sandbox.socket.open:
            break
        await asyncio.sleep(0.02)
    assert not sandbox.socket.open


async def test_a_message_size_that_slack_refuses_by_http_too(sandbox: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=sandbox.slack_api_url) as client:
        headers = {"Authorization": f"Bearer {sandbox.slack_bot_token}"}
        answer = await client.post(
            "chat.postMessage", data={"channel": "C01GENERAL", "blocks": "[{"}, headers=headers
        )
    assert answer.json()["error"] == "invalid_blocks_format"
