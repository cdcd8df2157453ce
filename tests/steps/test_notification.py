"""Notices: all of a step at the same time, each once, judged by the answer, and none stops another."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from typing_extensions import override

from bot.errors import Permanent, Temporary
from bot.run.model import Run, StepPhase, StepRun
from bot.steps.contract import Capabilities, Done, Failed, Notices, Outcome, StepContext
from bot.steps.http import HttpCalls
from bot.steps.kinds.notification import Notification
from tests.builders import a_run, a_step
from tests.steps.conftest import Receiver

NOTICE = {"message": {"text": "v1 is live"}}
SECRETS = {"PARTNERS_URL": ""}


class Board(Notices):
    """A chat that takes everything but what it was told to refuse, and a memory."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, str]] = []
        self.kept: set[str] = set()
        self.refuses: dict[str, Exception] = {}
        self.together = asyncio.Event()

    @override
    async def post(self, run: Run, key: str, text: str, *, channel: str = "") -> None:
        if channel in self.refuses:
            raise self.refuses[channel]
        if key not in self.kept:
            self.kept.add(key)
            self.said.append((key, channel, text))

    @override
    async def was_sent(self, run: Run, key: str) -> bool:
        return key in self.kept

    @override
    async def remember(self, run: Run, key: str) -> None:
        self.kept.add(key)


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
        failed = await tell(context, hook)
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


async def test_an_address_that_is_a_secret_is_used_and_never_said(
    context: StepContext, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = {**NOTICE, "url": {"secretRef": {"name": "partners", "key": "url"}}}
    monkeypatch.setitem(SECRETS, "PARTNERS_URL", f"{receiver.url}/s3cr3t")
    assert isinstance(await tell(context, hook), Done)
    assert receiver.calls[0][0] == "/s3cr3t"

    monkeypatch.setitem(SECRETS, "PARTNERS_URL", "http://127.0.0.1:9/s3cr3t")
    failed = await tell(replace(context, key="run1/tell/2"), hook)
    assert isinstance(failed, Failed)
    assert "s3cr3t" not in str(failed)
