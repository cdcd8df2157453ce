"""Robots in groups: what DingTalk and Lark are sent, what their answers mean, and that each notice waits for its turn."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import Permanent
from bot.run.model import StepPhase, StepRun
from bot.run.robots import MOST, WINDOW
from bot.steps.contract import Capabilities, Done, Failed, Outcome, StepContext, Waiting
from bot.steps.http import HttpCalls
from bot.steps.kinds.notification import Notification
from bot.store.database import Store, open_store
from tests.builders import NOON, a_run, a_step
from tests.steps.board import Board, Hands
from tests.steps.conftest import Receiver

SECRET = "SECc0ffee"
OK = b'{"errcode": 0, "errmsg": "ok"}'


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
async def store(tmp_path: Path, clock: Hands) -> AsyncIterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'shipmate.db'}", clock)
    yield opened
    await opened.close()


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def context(context: StepContext, http: HttpCalls, board: Board, store: Store) -> StepContext:
    run = a_run(a_step("tell", "notification", retries=2))
    state = StepRun(name="tell", phase=StepPhase.RUNNING, attempt=1)
    granted = Capabilities(http=http, notices=board, robots=store.robots)
    return replace(context, run=replace(run, steps=(state,)), granted=granted)


def anew(context: StepContext, number: int) -> StepContext:
    """Answer an attempt of another run."""
    return replace(context, key=f"run{number}/tell/1")


async def tell(context: StepContext, clock: Hands, **notices: Any) -> Outcome:
    secrets = {"ROBOT": SECRET}
    step = Notification(secrets.get, clock)
    step.check(notices, ())
    return await step.run(context, notices)


def to_group(receiver: Receiver, message: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "url": {"value": f"{receiver.url}/robot/send?access_token=t0ken"},
        "message": message,
        **more,
    }


TEXT = {"msgtype": "text", "text": {"content": "shop v1"}}


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        ({"text": {"content": "v1"}}, {"msgtype": "text", "text": {"content": "v1"}}),
        (
            {
                "msgtype": "markdown",
                "markdown": {"title": "v1", "text": "**v1** @139"},
                "at": {"atMobiles": ["138", "139"], "atUserIds": ["u1"], "isAtAll": False},
            },
            {
                "msgtype": "markdown",
                "markdown": {"title": "v1", "text": "**v1** @139\n\n@138 @u1"},
                "at": {"atMobiles": ["138", "139"], "atUserIds": ["u1"], "isAtAll": False},
            },
        ),
        (
            {
                "msgtype": "link",
                "link": {"title": "v1", "text": "live", "messageUrl": "https://a", "picUrl": ""},
            },
            {
                "msgtype": "link",
                "link": {"title": "v1", "text": "live", "messageUrl": "https://a", "picUrl": ""},
            },
        ),
        (
            {
                "msgtype": "actionCard",
                "actionCard": {
                    "title": "v1",
                    "text": "live",
                    "hideAvatar": "0",
                    "btnOrientation": "1",
                    "singleTitle": "",
                    "singleURL": "",
                    "btns": [{"title": "Look", "actionURL": "https://a"}],
                },
            },
            {
                "msgtype": "actionCard",
                "actionCard": {
                    "title": "v1",
                    "text": "live",
                    "hideAvatar": "0",
                    "btnOrientation": "1",
                    "btns": [{"title": "Look", "actionURL": "https://a"}],
                },
            },
        ),
        (
            {
                "msgtype": "feedCard",
                "feedCard": {
                    "links": [{"title": "v1", "messageUrl": "https://a", "picUrl": "https://p"}]
                },
            },
            {
                "msgtype": "feedCard",
                "feedCard": {
                    "links": [{"title": "v1", "messageURL": "https://a", "picURL": "https://p"}]
                },
            },
        ),
    ],
)
async def test_a_robot_gets_what_kubevelas_file_says_by_the_names_it_knows(
    context: StepContext,
    clock: Hands,
    receiver: Receiver,
    message: Mapping[str, Any],
    sent: Mapping[str, Any],
) -> None:
    receiver.body = OK
    assert isinstance(await tell(context, clock, dingding=to_group(receiver, message)), Done)
    assert receiver.calls[0][0] == "/robot/send"
    assert receiver.calls[0][2] == sent


async def test_a_robot_that_asks_for_signatures_gets_one_of_this_moment(
    context: StepContext, clock: Hands, receiver: Receiver
) -> None:
    receiver.body = OK
    group = to_group(receiver, TEXT, secret={"fromSetting": "ROBOT"})
    assert isinstance(await tell(context, clock, dingding=group), Done)

    stamp = str(int(NOON.timestamp() * 1000))
    mac = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert receiver.queries == [
        {"access_token": "t0ken", "timestamp": stamp, "sign": base64.b64encode(mac).decode()}
    ]


@pytest.mark.parametrize(
    ("code", "text", "secret", "what"),
    [
        (310000, "keywords not in content", False, "put one into its text"),
        (310000, "description:关键词不匹配;", False, "put one into its text"),
        (310000, "sign not match", False, "give its secret (`secret`)"),
        (310000, "sign not match", True, "`secret` is not this robot's"),
        (310000, "invalid timestamp", True, "set the clock"),
        (310000, "ip 10.0.0.1 not in whitelist", False, "add it to the robot's list"),
        (300001, "token is not exist", False, "copy its address from the group's settings again"),
        (400102, "robot stopped", False, "switch it on"),
        (430101, "unsafe link", False, "say it in other words"),
        (40035, "bad json", False, "look at what the notice says"),
        (77, "something new", False, "DingTalk refused the message (77 something new)"),
    ],
)
async def test_an_answer_of_200_with_an_error_is_a_failure_that_says_what_to_do(
    context: StepContext,
    clock: Hands,
    receiver: Receiver,
    code: int,
    text: str,
    secret: bool,  # noqa: FBT001 - a case of the table
    what: str,
) -> None:
    receiver.body = json.dumps({"errcode": code, "errmsg": text}).encode()
    more = {"secret": SECRET} if secret else {}
    failed = await tell(context, clock, dingding=to_group(receiver, TEXT, **more))

    assert isinstance(failed, Failed)
    assert not failed.retryable
    assert failed.message.startswith(f"DingTalk refused the message ({code} {text})")
    assert what in failed.message
    assert "t0ken" not in str(failed)
    assert SECRET not in str(failed)


async def test_a_wrong_clock_is_told_with_how_far_it_is_off(
    context: StepContext, clock: Hands, receiver: Receiver
) -> None:
    receiver.body = b'{"errcode": 310000, "errmsg": "invalid timestamp"}'
    receiver.headers = {"Date": format_datetime(NOON - timedelta(hours=2), usegmt=True)}
    failed = await tell(context, clock, dingding=to_group(receiver, TEXT, secret=SECRET))
    assert "(it is 7200 s ahead)" in str(failed)


async def test_what_is_no_robot_is_said_and_a_redirect_is_not_followed(
    context: StepContext, clock: Hands, receiver: Receiver
) -> None:
    group = to_group(receiver, TEXT)
    for number, (status, body, said, passing) in enumerate(
        (
            (200, b"<html>", "DingTalk answered 200: <html>; is that its url?", False),
            (503, b"later", "DingTalk answered 503: later", True),
            (302, b"", "answered with a redirect (302), which is not followed", False),
        )
    ):
        receiver.status, receiver.body = status, body
        receiver.headers = {"Location": f"{receiver.url}/arrived"}
        failed = await tell(anew(context, number), clock, dingding=group)
        assert isinstance(failed, Failed)
        assert said in failed.message
        assert failed.retryable is passing
    assert "/arrived" not in [path for path, _, _ in receiver.calls]


async def test_more_than_a_robot_takes_waits_for_its_turn_over_a_restart(
    context: StepContext, clock: Hands, receiver: Receiver, store: Store, tmp_path: Path
) -> None:
    receiver.body = OK
    group = to_group(receiver, TEXT)
    for number in range(MOST):
        assert isinstance(await tell(anew(context, number), clock, dingding=group), Done)
    late, later = anew(context, 98), anew(context, 99)
    waits = await tell(late, clock, dingding=group)
    behind = await tell(later, clock, dingding=group)

    assert isinstance(waits, Waiting)
    assert waits.after == WINDOW
    assert waits.message == "waits for its turn: DingTalk takes 20 messages a minute from a robot"
    assert isinstance(behind, Waiting)
    assert len(receiver.calls) == MOST

    await store.close()
    clock.forward(WINDOW)
    store = open_store(f"sqlite:///{tmp_path / 'shipmate.db'}", clock)
    back = replace(late, granted=replace(late.granted, robots=store.robots))
    assert isinstance(await tell(back, clock, dingding=group), Done)
    await store.close()
    assert len(receiver.calls) == MOST + 1


async def test_a_robot_that_dingtalk_stopped_is_left_alone_for_ten_minutes(
    context: StepContext, clock: Hands, receiver: Receiver
) -> None:
    group = to_group(receiver, TEXT)
    receiver.body = b'{"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}'
    first = await tell(context, clock, dingding=group)
    receiver.body = OK
    clock.forward(1)
    waits = await tell(context, clock, dingding=group)

    assert isinstance(first, Failed)
    assert first.retryable
    assert isinstance(waits, Waiting)
    assert waits.after == 599
    assert "DingTalk has stopped the robot for ten minutes" in waits.message
    clock.forward(600)
    assert isinstance(await tell(context, clock, dingding=group), Done)


async def test_one_that_waits_keeps_no_other_from_being_sent_and_none_is_sent_twice(
    context: StepContext, clock: Hands, receiver: Receiver, board: Board, store: Store
) -> None:
    receiver.body = OK
    for number in range(MOST):
        await tell(anew(context, 100 + number), clock, dingding=to_group(receiver, TEXT))
    sent = len(receiver.calls)
    board.refuses = {"ops": Permanent("Slack refused: is_archived", code="is_archived")}
    said = {"message": {"text": "v1"}}
    notices = {
        "slack": [said, {**said, "channel": "ops"}],
        "dingding": to_group(receiver, TEXT),
        "lark": {
            "url": {"value": f"{receiver.url}/open-apis/bot/v2/hook/h"},
            "message": {"msg_type": "text", "content": '{"text": "v1"}'},
        },
    }
    receiver.body = b'{"code": 0, "msg": "success", "errcode": 0}'
    waits = await tell(context, clock, **notices)
    clock.forward(WINDOW)
    failed = await tell(context, clock, **notices)

    assert isinstance(waits, Waiting)
    assert waits.message.endswith("; #ops: Slack refused: is_archived")
    assert isinstance(failed, Failed)
    assert failed.outputs["notices"] == [
        {"to": "the run's thread", "delivered": True, "error": ""},
        {"to": "#ops", "delivered": False, "error": "Slack refused: is_archived"},
        {"to": "DingTalk", "delivered": True, "error": ""},
        {"to": "Lark", "delivered": True, "error": ""},
    ]
    assert [path for path, _, _ in receiver.calls[sent:]] == [
        "/open-apis/bot/v2/hook/h",
        "/robot/send",
    ]
    assert len(board.said) == 1


def to_lark(receiver: Receiver, kind: str, content: str, **more: Any) -> dict[str, Any]:
    return {
        "url": {"value": f"{receiver.url}/open-apis/bot/v2/hook/h00k"},
        "message": {"msg_type": kind, "content": content},
        **more,
    }


@pytest.mark.parametrize(
    ("kind", "content", "sent"),
    [
        ("text", '{"text": "v1"}', {"msg_type": "text", "content": {"text": "v1"}}),
        (
            "interactive",
            '{"elements": []}',
            {"msg_type": "interactive", "card": {"elements": []}},
        ),
    ],
)
async def test_lark_gets_what_kubevelas_text_of_json_says(
    context: StepContext,
    clock: Hands,
    receiver: Receiver,
    kind: str,
    content: str,
    sent: Mapping[str, Any],
) -> None:
    receiver.body = b'{"StatusCode": 0, "StatusMessage": "success"}'
    assert isinstance(await tell(context, clock, lark=to_lark(receiver, kind, content)), Done)
    assert receiver.calls[0][2] == sent


async def test_lark_gets_a_signature_and_its_errors_say_what_to_do(
    context: StepContext, clock: Hands, receiver: Receiver
) -> None:
    receiver.headers = {"Date": format_datetime(NOON, usegmt=True)}
    secret = {"secret": SECRET}
    for code, more, what, passing in (
        (19021, {}, "give its secret", False),
        (19021, secret, "`secret` is not this robot's", False),
        (19022, {}, "add it to the robot's list", False),
        (19024, {}, "put one into its text", False),
        (19001, {}, "copy its address", False),
        (11232, {}, "too many messages at once", True),
    ):
        receiver.body = json.dumps({"code": code, "msg": "no"}).encode()
        group = to_lark(receiver, "text", '{"text": "v1"}', **more)
        failed = await tell(anew(context, 2 * code + len(more)), clock, lark=group)
        assert isinstance(failed, Failed)
        assert what in failed.message
        assert failed.retryable is passing
        assert "h00k" not in str(failed)

    signed = receiver.calls[1][2]
    stamp = str(int(NOON.timestamp()))
    mac = hmac.new(f"{stamp}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    assert signed["timestamp"] == stamp
    assert signed["sign"] == base64.b64encode(mac).decode()


async def test_what_is_too_long_is_refused_before_it_is_sent(
    context: StepContext, clock: Hands, receiver: Receiver
) -> None:
    long = to_group(receiver, {"text": {"content": "长" * 7000}})
    failed = await tell(context, clock, dingding=long)
    assert "DingTalk takes 20000: make it shorter" in str(failed)
    assert receiver.calls == []


async def test_a_value_that_turns_out_wrong_fails_its_notice_alone(
    context: StepContext, clock: Hands, receiver: Receiver, board: Board
) -> None:
    receiver.body = OK
    wrong = to_group(receiver, {"text": {"content": ""}})
    step = Notification(dict[str, str]().get, clock)
    failed = await step.run(context, {"dingding": wrong, "slack": {"message": {"text": "v1"}}})
    assert isinstance(failed, Failed)
    assert "dingding: properties.dingding.message.text.content" in failed.message
    assert len(board.said) == 1
