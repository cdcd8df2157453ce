"""People in DingTalk, the OpenAPI with a token, and a small Stream app that writes down what it hears."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE

Json = dict[str, Any]
TOPICS = [
    {"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"},
    {"type": "CALLBACK", "topic": "/v1.0/card/instances/callback"},
    {"type": "EVENT", "topic": "*"},
]


async def until(fact: Callable[[], bool]) -> None:
    """Wait for a fact."""
    async with asyncio.timeout(PATIENCE):
        while not fact():  # noqa: ASYNC110 - as a person looks
            await asyncio.sleep(0.01)


class People:
    """What people do, over the control API."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=f"{url}/control", timeout=PATIENCE)

    async def close(self) -> None:
        await self._client.aclose()

    async def do(self, path: str, **body: Any) -> Json:
        found: Json = (await self._client.post(f"/{path}", json=body)).json()
        return found

    async def say(self, user: str, conversation: str, text: str) -> Json:
        return await self.do(
            "dingtalk/say", user=user, conversation=conversation, text=text, wait=False
        )

    async def click(self, user: str, conversation: str, message: str, button: str) -> Json:
        return await self.do(
            "dingtalk/click",
            user=user,
            conversation=conversation,
            id=message,
            button=button,
            wait=False,
        )

    async def messages(self, conversation: str, viewer: str = "") -> list[Json]:
        params = {"conversation": conversation, **({"viewer": viewer} if viewer else {})}
        answer = (await self._client.get("/dingtalk/messages", params=params)).json()
        found: list[Json] = answer["messages"]
        return found

    async def state(self) -> Json:
        found: Json = (await self._client.get("/state")).json()["dingtalk"]
        return found


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[People]:
    made = People(sandbox.url)
    yield made
    await made.close()


class OpenApi:
    """The OpenAPI, as an app calls it."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(timeout=PATIENCE)
        self.token = ""

    async def close(self) -> None:
        await self._client.aclose()

    async def call(self, method: str, path: str, **body: Any) -> tuple[int, Json]:
        """Answer the HTTP status and the body."""
        answer = await self._client.request(
            method,
            f"{self._settings['DINGTALK_API_URL']}{path}",
            json=body,
            headers={"x-acs-dingtalk-access-token": self.token},
        )
        return answer.status_code, answer.json()

    async def old(self, path: str, **body: Any) -> Json:
        """POST to the older API."""
        url = f"{self._settings['DINGTALK_OAPI_URL']}{path}"
        found: Json = (await self._client.post(url, json=body)).json()
        return found

    async def post(self, url: str, **body: Any) -> Json:
        """POST to a whole address."""
        found: Json = (await self._client.post(url, json=body)).json()
        return found

    async def open_connection(self) -> Json:
        status, found = await self.call(
            "POST",
            "/v1.0/gateway/connections/open",
            clientId=self._settings["DINGTALK_CLIENT_ID"],
            clientSecret=self._settings["DINGTALK_CLIENT_SECRET"],
            subscriptions=TOPICS,
        )
        assert status == 200, found
        return found

    async def connect(self) -> ClientConnection:
        opened = await self.open_connection()
        return await connect(f"{opened['endpoint']}?ticket={opened['ticket']}")


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[OpenApi]:
    settings = sandbox.dingtalk_settings()
    made = OpenApi(settings)
    _, found = await made.call(
        "POST",
        "/v1.0/oauth2/accessToken",
        appKey=settings["DINGTALK_CLIENT_ID"],
        appSecret=settings["DINGTALK_CLIENT_SECRET"],
    )
    made.token = found["accessToken"]
    yield made
    await made.close()


class Listening:
    """An app that takes everything: it answers with `answers`, by topic, or not at all when that is None."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: asyncio.Queue[Json] = asyncio.Queue()
        self.answers: dict[str, Json | None] = {"*": {"status": "SUCCESS"}}
        self._task = asyncio.create_task(self._listen())

    async def next(self) -> Json:
        """Answer the data of the next push, with its headers."""
        frame = await asyncio.wait_for(self.heard.get(), PATIENCE)
        return {**json.loads(frame["data"]), "headers": frame["headers"]}

    async def close(self) -> None:
        await self.socket.close()
        await self._task

    async def _listen(self) -> None:
        async for text in self.socket:
            frame = json.loads(text)
            topic = frame["headers"]["topic"]
            if topic != "ping":
                self.heard.put_nowait(frame)
            data = self.answers.get(topic, {"response": None})
            if data is not None:
                kept = {key: frame["headers"][key] for key in ("messageId", "contentType")}
                answer = {"code": 200, "headers": kept, "message": "OK", "data": json.dumps(data)}
                await self.socket.send(json.dumps(answer))


@pytest.fixture
async def listening(api: OpenApi) -> AsyncIterator[Listening]:
    made = Listening(await api.connect())
    yield made
    await made.close()
