"""Notices: all of a step at the same time, each once, judged by the answer, and none stops another."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import Permanent, Temporary
from bot.run.model import StepPhase, StepRun
from bot.steps.contract import Capabilities, Done, Failed, Outcome, StepContext
from bot.steps.http import HttpCalls
from bot.steps.kinds.notification import Notification
from tests.builders import a_run, a_step
from tests.steps.board import Board
from tests.steps.conftest import Receiver

NOTICE = {"message": {"text": "v1 is live"}}
SECRETS = {"PARTNERS_URL": ""}


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def context(context: StepContext, http: HttpCalls, board: Board) -> StepContext:
    run = a_run(a_step("tell", "notification", retries=2))
    state = StepRun(name="tell", phase=StepPhase.RUNNING, attempt=1)
    return replace(
        context,
        run=replace(run, steps=(state,)),
        granted=Capabilities(http=http, notices=board),
    )


async def tell(context: StepContext, slack: Any, **more: str) -> Outcome:
    properties: Mapping[str, Any] = {"slack": slack, **more}
    step = Notification(SECRETS.get)
    step.check(properties, ())
    return await step.run(context, properties)


async def test_an_incoming_webhook_of_slack_is_believed_only_when_it_says_ok(
    context: StepContext, receiver: Receiver
) -> None:
    hook = {**NOTICE, "url": {"value": receiver.url}}
    for status, body, passing in (
        (200, b"<html>a proxy's page</html>", False),
        (404, b"no_service", False),
        (429, b"rate_limited", True),
        (500, b"rollup_error", True),
    ):
        receiver.status, receiver.body = status, body
        failed = await tell(replace(context, key=f"run1/tell{status}/1"), hook)
        assert isinstance(failed, Failed)
        assert failed.message == f"Slack's incoming webhook answered {status}: {body.decode()}"
        assert failed.retryable is passing

    receiver.status, receiver.body = 200, b"ok"
    assert isinstance(await tell(context, hook), Done)
    assert receiver.calls[-1][2] == {"text": "v1 is live"}


async def test_a_webhook_gets_all_that_kubevelas_message_has(
    context: StepContext, receiver: Receiver
) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*v1*"}}]
    message = {
        "text": "v1",
        "blocks": blocks,
        "attachments": {"color": "#36a64f", "blocks": blocks},
        "thread_ts": "1.2",
        "mrkdwn": False,
    }
    await tell(context, {"message": message, "url": {"value": receiver.url}})

    sent = receiver.calls[0][2]
    assert sent == {**message, "attachments": [{"color": "#36a64f", "blocks": blocks}]}


async def test_one_notice_that_fails_stops_no_other_and_each_has_its_result(
    context: StepContext, receiver: Receiver, board: Board
) -> None:
    board.refuses = {"ops": Permanent("Slack refused: is_archived", code="is_archived")}
    slack = [NOTICE, {**NOTICE, "channel": "#ops"}, {**NOTICE, "url": {"value": receiver.url}}]

    outcome = await tell(context, slack)

    assert isinstance(outcome, Failed)
    assert not outcome.retryable
    assert outcome.message == "1 of 3 notices did not arrive: #ops: Slack refused: is_archived"
    assert board.said == [("run1/tell/1/1", "", "v1 is live")]
    assert len(receiver.calls) == 1
    assert outcome.outputs["notices"] == [
        {"to": "the run's thread", "delivered": True, "error": ""},
        {"to": "#ops", "delivered": False, "error": "Slack refused: is_archived"},
        {"to": "Slack's incoming webhook 3", "delivered": True, "error": ""},
    ]


async def test_what_was_delivered_is_not_sent_again_when_the_step_is_tried_again(
    context: StepContext, receiver: Receiver, board: Board
) -> None:
    board.refuses = {"ops": Temporary("Slack asks to wait", retry_after=1)}
    slack = [{**NOTICE, "channel": "ops"}, {**NOTICE, "url": {"value": receiver.url}}]
    first = await tell(context, slack)
    board.refuses = {}
    second = await tell(context, slack)

    assert isinstance(first, Failed)
    assert first.retryable
    assert isinstance(second, Done)
    assert len(receiver.calls) == 1
    assert [channel for _, channel, _ in board.said] == ["ops"]


async def test_a_notice_that_need_not_arrive_is_tried_and_then_let_go(
    context: StepContext, board: Board
) -> None:
    board.refuses = {"ops": Temporary("Slack cannot be reached")}
    ops = {**NOTICE, "channel": "ops"}
    state = context.run.steps[0]
    tired = replace(context, run=replace(context.run, steps=(replace(state, failures=2),)))

    first = await tell(context, ops, failurePolicy="ignore")
    last = await tell(tired, ops, failurePolicy="ignore")
    strict = await tell(tired, ops)

    assert isinstance(first, Failed)
    assert first.retryable
    assert isinstance(last, Done)
    assert last.message == "Slack cannot be reached"
    assert isinstance(strict, Failed)


async def test_an_address_that_is_a_setting_is_used_and_never_said(
    context: StepContext, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = {**NOTICE, "url": {"fromSetting": "PARTNERS_URL"}}
    monkeypatch.setitem(SECRETS, "PARTNERS_URL", f"{receiver.url}/s3cr3t")
    assert isinstance(await tell(context, hook), Done)
    assert receiver.calls[0][0] == "/s3cr3t"

    monkeypatch.setitem(SECRETS, "PARTNERS_URL", "http://127.0.0.1:9/s3cr3t")
    failed = await tell(in_round(context, 2), hook)
    assert isinstance(failed, Failed)
    assert "s3cr3t" not in str(failed)


def in_round(context: StepContext, round_: int) -> StepContext:
    """Answer the attempt after a person had the step done again so often."""
    (state,) = context.run.steps
    run = replace(context.run, steps=(replace(state, round=round_),))
    return replace(context, run=run, key=f"run1/tell/{round_}")


async def test_a_person_who_tries_again_sends_only_what_had_not_arrived(
    context: StepContext, receiver: Receiver, board: Board
) -> None:
    slack = [{**NOTICE, "channel": "ops"}, {**NOTICE, "url": {"value": receiver.url}}]
    receiver.status = 404
    first = await tell(context, slack)
    again = await tell(context, slack)  # a restart in the middle
    receiver.status = 200
    second = await tell(in_round(context, 2), slack)
    third = await tell(in_round(context, 3), slack)

    assert isinstance(first, Failed)
    assert again == first
    assert isinstance(second, Done)
    assert second.message == "delivered: #ops, Slack's incoming webhook 2"
    assert isinstance(third, Done)  # all had arrived, and somebody wants them said once more
    assert [key for key, _, _ in board.said] == ["run1/tell/1/1", "run1/tell/3/1"]
    assert len(receiver.calls) == 3


async def test_one_that_was_refused_for_good_is_left_alone_while_another_is_tried_again(
    context: StepContext, receiver: Receiver, board: Board
) -> None:
    board.refuses = {"ops": Temporary("Slack asks to wait", retry_after=1)}
    receiver.status, receiver.body = 404, b"no_service"
    slack = [{**NOTICE, "channel": "ops"}, {**NOTICE, "url": {"value": receiver.url}}]

    await tell(context, slack)
    await tell(context, slack)
    outcome = await tell(context, slack)

    assert isinstance(outcome, Failed)
    assert outcome.retryable
    assert len(receiver.calls) == 1
    assert outcome.details == (
        "#ops: Slack asks to wait",
        "Slack's incoming webhook 2: Slack's incoming webhook answered 404: no_service",
    )
