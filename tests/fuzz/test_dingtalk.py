"""What comes from DingTalk: frames, messages and clicks, and requests over HTTP of which only some are DingTalk's."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.chat.dingtalk import frames, inbound
from bot.chat.dingtalk.frames import CARD, MESSAGE, Answer, Push
from bot.chat.dingtalk.http import FRESH, HttpRequests, signature, signed
from bot.clock import SystemClock
from bot.store import codec
from tests.chat.test_dingtalk_inbound import PRESSED, SAID
from tests.fuzz.anything import ASCII, JSON, TEXT, bent, fuzzed, over_sockets, spoilt

SECRET: Final = "not-a-secret"
FRAME: Final[dict[str, Any]] = {
    "type": "CALLBACK",
    "headers": {"topic": MESSAGE, "messageId": "m1"},
    "data": json.dumps(SAID),
}
RICH: Final[dict[str, Any]] = {
    **SAID,
    "msgtype": "richText",
    "content": {"richText": [{"text": "status"}]},
}


@fuzzed
@given(
    st.one_of(
        TEXT,
        spoilt(FRAME).map(json.dumps),
        JSON.map(json.dumps),
        bent(json.dumps(FRAME)),
        JSON.map(lambda each: json.dumps({**FRAME, "data": json.dumps(each)})),
    )
)
@example('{"type": "SYSTEM", "headers": {"topic": "ping", "messageId": "\\ud800"}, "data": ""}')
@example(json.dumps({**FRAME, "data": "[" * 99_999}))
def test_a_frame_is_read_and_acknowledged_or_none(text: str) -> None:
    push = frames.read(text)
    if push is not None:
        assert isinstance(push.data, dict)
        said = frames.write(push, Answer(data=push.data))
        assert json.loads(said.encode())["headers"]["messageId"] == push.id


@fuzzed
@given(
    st.one_of(
        st.tuples(st.just(MESSAGE), spoilt(SAID, RICH)),
        st.tuples(st.just(CARD), spoilt(PRESSED)),
        st.tuples(
            st.just(CARD), bent(PRESSED["content"]).map(lambda each: {**PRESSED, "content": each})
        ),
    ),
    st.sampled_from(["", "d1"]),
)
@example((CARD, {**PRESSED, "userIdType": []}), "d1")
@example((MESSAGE, {**SAID, "text": {"content": "\ud83d"}}), "d1")
@example((CARD, {**PRESSED, "content": "[" * 99_999}), "d1")
def test_what_is_told_is_read_and_can_be_stored_or_is_refused(
    case: tuple[str, dict[str, Any]], delivery: str
) -> None:
    topic, data = case
    push = Push(type="CALLBACK", topic=topic, id=delivery, data=data)
    read = inbound.from_message if topic == MESSAGE else inbound.from_click
    try:
        received, _ = read(push)
    except ValueError as error:
        assert "without" in str(error)
        return
    assert codec.read(codec.RECEIVED, codec.write(codec.RECEIVED, received)) == received


@fuzzed
@given(st.one_of(TEXT, st.integers(0, 10**15).map(str)), TEXT, st.floats(0, 4e9))
@example("9" * 4000, "", 0.0)
@example("0", "\udcff", 0.0)
def test_nothing_is_dingtalks_that_is_not_signed_with_the_secret(
    stamp: str, sign: str, now: float
) -> None:
    assert not signed(stamp, sign, SECRET, now)


@fuzzed
@given(st.integers(0, 4 * 10**12), st.integers(0, 10**6), st.floats(-2 * FRESH, 2 * FRESH))
def test_a_signature_is_good_for_its_time_and_for_no_other(at: int, place: int, age: float) -> None:
    stamp, now = str(at), at / 1000 + age
    right = signature(stamp, SECRET)
    assert signed(stamp, right, SECRET, now) == (abs(now - at / 1000) <= FRESH)
    other = "A" if right[place % 43] != "A" else "B"
    assert not signed(stamp, right[: place % 43] + other + right[place % 43 + 1 :], SECRET, now)
    assert not signed(str(at + 1), right, SECRET, now)
    assert not signed(stamp, signature(stamp, "another"), SECRET, now)


@pytest.fixture
async def door(caplog: pytest.LogCaptureFixture) -> AsyncIterator[tuple[str, list[Push]]]:
    heard: list[Push] = []

    async def take(push: Push) -> Answer:
        heard.append(push)
        return Answer()

    caplog.set_level(logging.CRITICAL)
    server = HttpRequests(client_secret=SECRET, host="127.0.0.1", port=0, clock=SystemClock())
    await server.start(take)
    yield server.address, heard
    await server.stop()


HEADER: Final = st.one_of(
    ASCII.map(str.strip), st.sampled_from(["é", "²", "9" * 4000, "-1", "1e9", ""])
)


@over_sockets
@given(
    st.one_of(st.binary(max_size=60), JSON.map(lambda each: json.dumps(each).encode())),
    st.booleans(),
    HEADER,
    HEADER,
)
@example(b"[" * 99_999, True, "", "")
@example(b"{}", True, "application/json; charset=nothing", "")
@example(b"{}", False, "9" * 4000, "é")
async def test_a_request_is_taken_refused_or_no_message(
    door: tuple[str, list[Push]],
    body: bytes,
    is_signed: bool,
    one: str,
    other: str,
) -> None:
    address, heard = door
    heard.clear()
    stamp = str(int(SystemClock().now().timestamp() * 1000))
    headers = {"timestamp": one, "sign": other}
    if is_signed:
        headers = {"timestamp": stamp, "sign": signature(stamp, SECRET)}
        headers |= {"Content-Type": one} if one.isascii() and one else {}
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=body, headers=headers) as answer,
    ):
        assert answer.status in ({200, 400} if is_signed else {401})
    assert len(heard) == (answer.status == 200)
