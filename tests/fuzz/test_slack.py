"""What comes from Slack: payloads of every kind, and requests over HTTP of which only some are Slack's."""

import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.chat.ports import Received
from bot.chat.slack import inbound
from bot.chat.slack.http import HttpRequests
from bot.chat.slack.sockets import frame_of
from bot.clock import SystemClock
from bot.command.requests import Asker
from bot.store import codec
from tests.chat.test_inbound import CLICK, COMMAND, SHORTCUT, VIEW
from tests.fuzz.anything import ASCII, JSON, TEXT, bent, fuzzed, over_sockets, spoilt

EVENT: Final[dict[str, Any]] = {
    "type": "event_callback",
    "event_id": "Ev1",
    "event": {
        "type": "app_mention",
        "user": "U01DEV",
        "channel": "C02SHOPDEV",
        "text": "<@U0SHIPMATE> deploy shop dev v1",
        "ts": "1700000000.000001",
    },
}
MESSAGE: Final[dict[str, Any]] = {
    **SHORTCUT,
    "message_ts": "1.1",
    "message": {
        "metadata": {"event_type": inbound.METADATA, "event_payload": {"key": "one/card"}},
    },
}
MODAL: Final[dict[str, Any]] = {**CLICK, "view": {"id": "V1", "type": "modal"}}
SECRET: Final = "not-a-secret"
FORM: Final = "application/x-www-form-urlencoded"


def mentioned(body: Any) -> Any:
    event = body.get("event")
    return inbound.from_mention(event if isinstance(event, dict) else {}, body.get("event_id"))


READERS: Final[tuple[tuple[Callable[[Any], Any], st.SearchStrategy[Any]], ...]] = (
    (inbound.from_command, spoilt(COMMAND)),
    (inbound.from_action, spoilt(CLICK, MODAL)),
    (inbound.from_shortcut, spoilt(SHORTCUT)),
    (inbound.from_message_shortcut, spoilt(MESSAGE)),
    (inbound.from_view, spoilt(VIEW)),
    (mentioned, spoilt(EVENT)),
)


@fuzzed
@given(st.one_of(*(st.tuples(st.just(read), bodies) for read, bodies in READERS)))
@example((inbound.from_command, {**COMMAND, "text": "deploy \ud83d"}))
@example((inbound.from_action, {**CLICK, "user": None}))
@example((inbound.from_action, {**CLICK, "actions": []}))
@example((inbound.from_view, {**VIEW, "view": {**VIEW["view"], "private_metadata": "[" * 9999}}))
def test_a_payload_is_read_and_can_be_stored_or_is_unreadable(
    case: tuple[Callable[[Any], Any], Any],
) -> None:
    read, body = case
    try:
        found = read(body)
    except inbound.UnreadableError as error:
        assert str(error).startswith("it has no ")
        return
    inbound.is_ours(body)
    for each in found:
        if isinstance(each, Asker):
            each = Received(asker=each, text="")  # noqa: PLW2901 - as it is stored
        if isinstance(each, Received):
            assert each.asker.identity
            assert codec.read(codec.RECEIVED, codec.write(codec.RECEIVED, each)) == each


@fuzzed
@given(st.one_of(TEXT, JSON.map(json.dumps), bent('{"type": "hello", "payload": {}}')))
@example("[" * 99_999)
def test_a_frame_of_a_socket_has_keys_or_is_empty(text: str) -> None:
    assert isinstance(frame_of(text), dict)


@dataclass
class Slack:
    """A server that waits for Slack, and a client that says it is Slack. `heard` is what Bolt let through."""

    url: str
    session: aiohttp.ClientSession
    heard: list[str]

    async def posts(self, body: bytes, headers: dict[str, str]) -> int:
        async with self.session.post(self.url, data=body, headers=headers) as answer:
            return answer.status


@pytest.fixture
async def slack(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Slack]:
    heard: list[str] = []

    async def hear(ack: Callable[[], Awaitable[None]], body: dict[str, Any]) -> None:
        heard.append(str(body.get("command")))
        await ack()

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T", bot_user_id="B", bot_id="B", bot_token="x"
        )

    caplog.set_level(logging.CRITICAL)
    app = AsyncApp(authorize=authorize, signing_secret=SECRET)
    app.command("/deploy")(hear)
    server = HttpRequests(signing_secret=SECRET, host="127.0.0.1", port=0)
    await server.start(app)
    async with aiohttp.ClientSession() as session:
        yield Slack(server.address, session, heard)
    await server.stop()


def signed(body: bytes, secret: str = SECRET, age: float = 0) -> dict[str, str]:
    stamp = str(int(SystemClock().now().timestamp() - age))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def kept(headers: dict[str, str]) -> dict[str, str]:
    """Leave out what no client can send."""
    return {name: "".join(value.split()) for name, value in headers.items() if value.isprintable()}


HEADER: Final = st.one_of(
    ASCII, st.sampled_from(["é", "²", "9" * 5000, "-1", "1e9", "v0=", "v0=" + "0" * 64, ""])
)


@over_sockets
@given(
    st.one_of(st.binary(max_size=60), st.just(urlencode(COMMAND).encode())),
    st.sampled_from(["X-Slack-Request-Timestamp", "X-Slack-Signature", "Content-Type"]),
    HEADER,
    st.floats(-1e6, 1e6),
)
@example(b"", "X-Slack-Request-Timestamp", "soon", 0.0)
@example(b"", "X-Slack-Request-Timestamp", "9" * 5000, 0.0)
@example(b"", "X-Slack-Signature", "é", 0.0)
@example(b"", "Content-Type", "application/json; charset=nothing", 0.0)
async def test_what_is_not_signed_is_refused_whatever_it_is(
    slack: Slack, body: bytes, name: str, value: str, age: float
) -> None:
    right = signed(body, age=age)
    wrong = (
        {**right, name: value} if name != "Content-Type" else {**signed(body, "other"), name: value}
    )
    if kept(wrong) == kept(right):
        return
    assert await slack.posts(body, kept({"Content-Type": FORM, **wrong})) == 401
    assert not slack.heard


@over_sockets
@given(
    st.text(st.characters(codec="utf-8"), max_size=40), st.integers(0, 10**6), st.integers(1, 255)
)
async def test_what_is_signed_is_heard_once_and_not_with_another_byte(
    slack: Slack, text: str, at: int, change: int
) -> None:
    body = urlencode({**COMMAND, "text": text}).encode()
    changed = bytearray(body)
    changed[at % len(body)] ^= change
    headers = {"Content-Type": FORM, **signed(body)}
    slack.heard.clear()
    assert await slack.posts(bytes(changed), headers) == 401
    assert not slack.heard
    statuses = [await slack.posts(body, headers) for _ in range(2)]
    assert statuses[1] == 401
    assert len(slack.heard) == statuses.count(200)  # none where it was an example before
