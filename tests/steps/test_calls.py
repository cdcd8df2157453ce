"""Steps that call someone else's server: once and with a key, judged by the answer, their secrets kept."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import Permanent, Temporary
from bot.run.model import Gate, OnTimeout, RunPhase
from bot.run.stimuli import Began
from bot.run.transitions import Transition, apply
from bot.secrecy import MASK, Secrecy
from bot.steps.calls import LONGEST_SAID, LOOKED_AT, cut, told
from bot.steps.contract import Done, Outcome, StepContext, Suspended
from bot.steps.http import HttpCalls
from bot.steps.kinds.suspend import Suspend
from bot.steps.kinds.webhook import Webhook
from tests.builders import NOON, a_run, a_step
from tests.patience import PATIENCE
from tests.steps.conftest import Receiver


def secrets(**known: str) -> Mapping[str, str]:
    return known


async def call(context: StepContext, url: str, data: dict[str, Any] | None = None) -> Outcome:
    properties: dict[str, Any] = {"url": {"value": url}}
    if data is not None:
        properties["data"] = data
    return await Webhook(secrets().get).run(context, properties)


async def test_a_webhook_gets_what_was_delivered_and_the_key(
    context: StepContext, receiver: Receiver
) -> None:
    receiver.body = b'{"id": 7}'

    outcome = await call(context, f"{receiver.url}/releases")

    assert isinstance(outcome, Done)
    assert outcome.outputs["response"] == {"id": 7}
    assert outcome.outputs["req"] == {
        "statusCode": 200,
        "body": {"id": 7},
        "response": {"body": {"id": 7}},
    }
    ((path, headers, body),) = receiver.calls
    assert path == "/releases"
    assert headers["Idempotency-Key"] == "run1/tell/1"
    assert headers["User-Agent"] == "shipmate/test"
    assert (body["kind"], body["metadata"]["name"]) == ("Application", "shop")
    assert body["metadata"]["annotations"]["shipmate.dev/run"] == "shop/prod#1"
    images = [each["properties"]["image"] for each in body["spec"]["components"]]
    assert images[0] == "registry.shop.example/web:v1.4.2"


async def test_a_server_that_goes_on_and_on_is_left_after_a_while(
    context: StepContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, closed = asyncio.Event(), asyncio.Event()

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n")
        while not ended.is_set():
            writer.write(b"x")
            await asyncio.sleep(0.01)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        closed.set()

    monkeypatch.setattr("bot.steps.http.TIMEOUT", 0.2)
    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Temporary, match=r"127\.0\.0\.1 did not answer: TimeoutError"):
        await call(context, f"http://127.0.0.1:{port}/")
    ended.set()
    async with asyncio.timeout(PATIENCE):
        await closed.wait()
    server.close()


async def test_a_webhook_gets_the_data_of_its_author_when_there_is_some(
    context: StepContext, receiver: Receiver
) -> None:
    await call(context, receiver.url, {"text": "hello", "parts": [1, 2]})

    assert receiver.calls[0][2] == {"text": "hello", "parts": [1, 2]}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
async def test_an_answer_that_may_be_another_one_later_is_tried_again(
    context: StepContext, receiver: Receiver, status: int
) -> None:
    receiver.status, receiver.body = status, b"try later"

    with pytest.raises(Temporary, match=f"the webhook answered {status}: try later"):
        await call(context, receiver.url)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410, 422])
async def test_a_refusal_and_a_redirect_are_final(
    context: StepContext, receiver: Receiver, status: int
) -> None:
    receiver.status, receiver.headers = status, {"Location": f"{receiver.url}/elsewhere"}

    with pytest.raises(Permanent, match=f"the webhook answered {status}"):
        await call(context, receiver.url)
    assert [path for path, _, _ in receiver.calls] == ["/"]


async def test_an_answer_without_end_is_not_read_to_its_end(
    context: StepContext, receiver: Receiver
) -> None:
    receiver.body = b"x" * 1_100_000

    with pytest.raises(Temporary, match="longer than 1 MB"):
        await call(context, receiver.url)


async def test_a_url_kept_as_a_secret_is_used_and_never_said(
    context: StepContext, receiver: Receiver
) -> None:
    step = Webhook(secrets(RELEASES=f"{receiver.url}/s3cr3t").get)
    await step.run(context, {"url": {"fromSetting": "RELEASES"}})
    assert receiver.calls[0][0] == "/s3cr3t"

    nobody = Webhook(secrets(RELEASES="http://127.0.0.1:9/s3cr3t").get)
    with pytest.raises(Temporary, match=r"127\.0\.0\.1 did not answer: ConnectError") as raised:
        await nobody.run(context, {"url": {"fromSetting": "RELEASES"}})
    assert "s3cr3t" not in str(raised.value)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({}, "the setting SHIPMATE_SECRET_RELEASES is not set"),
        ({"RELEASES": "s3cr3t"}, "SHIPMATE_SECRET_RELEASES holds no http or https URL"),
    ],
)
async def test_a_setting_that_is_missing_or_no_url_is_named(
    context: StepContext, known: dict[str, str], said: str
) -> None:
    with pytest.raises(Permanent, match=said) as raised:
        await Webhook(known.get).run(context, {"url": {"fromSetting": "RELEASES"}})
    assert "s3cr3t" not in str(raised.value)


async def test_a_suspend_step_waits_as_its_author_says(
    http: HttpCalls, context: StepContext
) -> None:
    outcome = await Suspend().run(
        context,
        {
            "message": "Healthy?",
            "approvers": ["sre"],
            "onTimeout": "continue",
            "onReject": "fail",
        },
    )

    assert outcome == Suspended(
        gate=Gate(
            message="Healthy?",
            approvers=("sre",),
            on_timeout=OnTimeout.CONTINUE,
            on_reject=RunPhase.FAILED,
        )
    )


async def test_a_duration_counts_from_when_the_step_began_not_from_a_restart(
    context: StepContext,
) -> None:
    begun = apply(a_run(a_step("tell", "suspend")), Began(), NOON)
    assert isinstance(begun, Transition)
    again = StepContext(
        run=begun.run,
        step="tell",
        attempt=1,
        key=context.key,
        granted=context.granted,
        report=context.report,
    )

    outcome = await Suspend().run(again, {"duration": "1h30m"})

    assert isinstance(outcome, Suspended)
    assert outcome.gate.until == NOON + timedelta(hours=1, minutes=30)


def test_what_was_said_is_looked_through_as_far_as_it_may_be_shown_and_then_cut() -> None:
    known, looked_at = Secrecy(), []
    known.learn("canary-of-an-answer")

    def clean(text: str) -> str:
        looked_at.append(len(text))
        return known.clean(text)

    said = told("x" * 190 + "canary-of-an-answer" + "y" * 1_000_000, clean)
    assert said == "x" * 190 + MASK + "y" * (LONGEST_SAID - 190 - len(MASK))
    assert looked_at == [LOOKED_AT]


def test_what_is_cut_before_it_is_cleaned_says_so() -> None:
    known = Secrecy()
    known.learn("canary-of-an-answer")
    assert known.clean(cut("x" * 185 + "canary-of-an-answer")) == "x" * 185 + MASK
    assert cut("x" * LONGEST_SAID) == "x" * LONGEST_SAID
