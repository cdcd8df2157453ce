"""Lark's custom bots: what they take, what they refuse, and that it is listed with the other webhooks."""

import json
from typing import Any

import httpx
import pytest

from bot.sandbox.faults import Faults
from bot.sandbox.lark import BOTS, PER_MINUTE, Lark, Refusal, sign
from bot.sandbox.server import Sandbox
from bot.sandbox.shelf import Shelf
from bot.sandbox.webhooks import WebhookReceiver
from tests.patience import PATIENCE

PLAIN, SIGNED = BOTS
TEXT = {"msg_type": "text", "content": {"text": "shop is at v2"}}


class World:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.faults = Faults()
        receiver = WebhookReceiver(Shelf(None), self.faults, lambda: None)
        self.lark = Lark(receiver, self.faults, lambda: self.now)

    def code(self, body: Any, token: str = PLAIN.token) -> int:
        try:
            self.lark.take(token, body if isinstance(body, bytes) else json.dumps(body).encode())
        except Refusal as refusal:
            found: int = refusal.body["code"]
            return found
        return 0


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (TEXT, 0),
        ({"msg_type": "text", "content": json.dumps({"text": "as KubeVela sends it"})}, 0),
        ({"msg_type": "interactive", "card": {"elements": []}}, 0),
        ({"msg_type": "text", "content": {}}, 19002),
        ({"msg_type": "text"}, 19002),
        ({"msg_type": "audio", "content": {"file_key": "x"}}, 19002),
        ({"msg_type": "text", "content": "{"}, 9499),
        ({"msg_type": "text", "content": {"text": "x" * 21_000}}, 19036),
        (b"{", 9499),
        (b"[]", 9499),
    ],
)
def test_what_a_bot_takes(world: World, body: Any, code: int) -> None:
    assert world.code(body) == code


def test_a_bot_wants_its_signature(world: World) -> None:
    stamp = str(int(world.now))
    signed = {**TEXT, "timestamp": stamp, "sign": sign(stamp, SIGNED.secret)}

    assert world.code(TEXT, SIGNED.token) == 19021
    assert world.code({**signed, "sign": "x"}, SIGNED.token) == 19021
    assert world.code(signed, SIGNED.token) == 0
    world.now += 3601
    assert world.code(signed, SIGNED.token) == 19021


def test_a_bot_takes_so_many_messages_a_minute(world: World) -> None:
    assert {world.code(TEXT) for _ in range(PER_MINUTE)} == {0}
    assert world.code(TEXT) == 11232
    world.now += 61
    assert world.code(TEXT) == 0


def test_a_bot_fails_as_it_is_told(world: World) -> None:
    world.faults.add("lark", "error", 1, code=19001)
    assert [world.code(TEXT), world.code(TEXT), world.code(TEXT, "another")] == [19001, 0, 19001]


async def test_what_came_is_listed_with_the_webhooks(sandbox: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=sandbox.url, timeout=PATIENCE) as client:
        plain, _ = (await client.get("/control/state")).json()["lark"]
        answer = (await client.post(plain["url"], json=TEXT)).json()
        (listed,) = (await client.get("/control/webhooks")).json()["webhooks"]

    assert answer["code"] == 0
    assert (listed["path"], listed["body"]) == ("/lark/sandbox-lark", TEXT)
