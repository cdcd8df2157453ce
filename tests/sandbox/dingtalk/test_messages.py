"""Messages of the robot and about people, over the wire: tokens, sessions, people, HTTP mode, a restart."""

import asyncio
import base64
import hashlib
import hmac
import json
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn import Config, Server

from bot.sandbox.dingtalk import organization
from bot.sandbox.dingtalk.cards import Cards
from bot.sandbox.dingtalk.conversations import Conversations
from bot.sandbox.dingtalk.tokens import Tokens
from bot.sandbox.server import Sandbox
from bot.sandbox.shelf import Shelf
from tests.patience import PATIENCE
from tests.sandbox.dingtalk.conftest import Json, Listening, OpenApi, People, until
from tests.scenarios.company import ROOT

GROUP = "cidShopProdSandbox=="


async def test_the_state_says_who_and_what_there_is(sandbox: Sandbox, people: People) -> None:
    found = await people.state()

    assert {each["name"] for each in found["users"]} == {
        "dev",
        "dev2",
        "sre",
        "sre2",
        "admin",
        "guest",
        "partner",
    }
    assert found["conversations"] == [{"id": GROUP, "title": "shop-prod"}]
    assert found["robot"]["code"] == sandbox.dingtalk_settings()["DINGTALK_CLIENT_ID"]


async def test_the_robot_answers_in_the_session_of_a_message(
    people: People, api: OpenApi, listening: Listening
) -> None:
    await people.say("dev", "shop-prod", "@shipmate status")
    session = (await listening.next())["sessionWebhook"]
    markdown = {"title": "status", "text": "**all** good"}

    found = await api.post(
        session, msgtype="markdown", markdown=markdown, at={"atUserIds": ["010001dev"]}
    )

    assert found == {"errcode": 0, "errmsg": "ok"}
    said = (await people.messages("shop-prod"))[-1]
    assert (said["user"], said["title"], said["markdown"]) == ("shipmate", "status", "**all** good")
    assert said["at"] == ["Dana Developer"]


async def test_what_the_robot_says_at_once_is_in_the_answer_to_what_was_said(
    people: People, api: OpenApi, listening: Listening
) -> None:
    asked = asyncio.create_task(
        people.do("dingtalk/say", user="guest", conversation="shop-prod", text="@shipmate deploy")
    )
    robot = (await listening.next())["robotCode"]
    param = json.dumps({"content": "you may not"})
    given = {"robotCode": robot, "msgKey": "sampleText", "msgParam": param}
    status, _ = await api.call(
        "POST", "/v1.0/robot/oToMessages/batchSend", userIds=["010006guest"], **given
    )

    (private,) = (await asked)["messages"]
    assert status == 200
    assert (private["conversation"], private["text"]) == ("shipmate", "you may not")
    assert await people.messages("shipmate", viewer="guest") == [private]
    assert len(await people.messages("shop-prod")) == 1


async def test_a_call_without_a_good_token_is_refused(api: OpenApi, people: People) -> None:
    path = "/v1.0/robot/groupMessages/send"
    await people.do("faults", target="dingtalk", fault="token", status=400)
    revoked = await api.call("POST", path)
    still = await api.call("POST", path)
    unknown = await api.call("POST", "/v1.0/robot/nothing")

    assert (revoked[0], revoked[1]["code"]) == (400, "InvalidAuthentication")
    assert (still[0], still[1]["code"]) == (401, "InvalidAuthentication")
    assert unknown[0] == 404


async def test_an_api_answers_that_it_is_called_too_often(api: OpenApi, people: People) -> None:
    await people.do("faults", target="dingtalk", fault="ratelimited", method="OrgGroupSend")

    status, found = await api.call("POST", "/v1.0/robot/groupMessages/send")

    assert (status, found["code"]) == (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi")


async def test_who_someone_is(api: OpenApi, people: People) -> None:
    path = f"/topapi/v2/user/get?access_token={api.token}"
    found = await api.old(path, userid="010003sre")
    nobody = await api.old(path, userid="nobody")
    refused = await api.old("/topapi/v2/user/get?access_token=x", userid="010003sre")
    await people.do("faults", target="dingtalk", fault="error", method="GetUser", code=60011)
    forbidden = await api.old(path, userid="010003sre")

    assert found["result"]["email"] == "sre@shop.example"
    assert found["result"]["name"] == "Sam Reliable"
    assert [each["errcode"] for each in (nobody, refused, forbidden)] == [60121, 40014, 60011]


async def test_what_was_said_and_shown_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Sandbox(state=tmp_path, port=0, manifest=ROOT / "manifest.yml", speed=20)
    await first.start()
    people = People(first.url)
    await people.say("dev", "shop-prod", "one")
    await people.close()
    await first.stop()

    second = Sandbox(state=tmp_path, port=0, manifest=ROOT / "manifest.yml", speed=20)
    await second.start()
    people = People(second.url)
    await people.say("dev", "shop-prod", "two")
    said = [each["text"] for each in await people.messages("shop-prod")]
    await people.close()
    await second.stop()

    assert said == ["one", "two"]


def test_cards_sessions_and_tokens_outlive_the_process(tmp_path: Path) -> None:
    first = Shelf(tmp_path / "sandbox.db")
    conversations = Conversations(first, changed=lambda _: None)
    cards = Cards(first, conversations)
    card = cards.create("run-17", organization.CARD_TEMPLATE, {"text": "waits"}, {})
    shown = cards.deliver(card, GROUP, [], [])
    cards.update(card, {"text": "over"}, {"010003sre": {"text": "yours"}}, {})
    session, _ = conversations.new_session(GROUP)
    token = Tokens(first, lambda: 0.0).new(organization.CLIENT_ID, organization.CLIENT_SECRET)
    first.close()

    second = Shelf(tmp_path / "sandbox.db")
    conversations = Conversations(second, changed=lambda _: None)
    cards = Cards(second, conversations)
    (message,) = conversations.within(GROUP)
    kept = cards.find("run-17")

    assert message == shown
    assert kept is not None
    assert cards.variables(kept, organization.member("sre")) == {"text": "yours"}
    assert cards.variables(kept, organization.member("dev")) == {"text": "over"}
    assert cards.deliver(kept, GROUP, [], []) == shown, "it stands there already"
    assert conversations.session(session) == GROUP
    assert Tokens(second, lambda: 0.0).good(str(token))
    second.close()


class Url:
    """A URL that takes messages as an app in HTTP mode does."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[Json, Json]] = asyncio.Queue()
        self._server = Server(Config(self._app(), port=0, log_level="warning", lifespan="off"))
        self._task: asyncio.Task[None] | None = None

    def _app(self) -> Starlette:
        async def take(request: Request) -> Response:
            self.heard.put_nowait((dict(request.headers), await request.json()))
            return JSONResponse({})

        return Starlette(routes=[Route("/dingtalk", take, methods=["POST"])])

    async def start(self) -> str:
        self._task = asyncio.create_task(self._server.serve())
        await until(lambda: self._server.started)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/dingtalk"

    async def stop(self) -> None:
        self._server.should_exit = True
        assert self._task is not None
        await self._task


async def test_messages_come_by_http_with_a_signature(sandbox: Sandbox, people: People) -> None:
    app = Url()
    url = await app.start()
    await people.do("dingtalk/callback-url", url=url)

    assert (await people.say("dev", "shop-prod", "@shipmate status"))["heard"] is True

    headers, heard = await asyncio.wait_for(app.heard.get(), PATIENCE)
    secret = sandbox.dingtalk_settings()["DINGTALK_CLIENT_SECRET"]
    signed = f"{headers['timestamp']}\n{secret}".encode()
    expected = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest())
    assert headers["sign"] == expected.decode()
    assert heard["text"] == {"content": " status"}
    await people.do("dingtalk/callback-url", url="")
    assert (await people.say("dev", "shop-prod", "@shipmate status"))["heard"] is False
    await app.stop()
