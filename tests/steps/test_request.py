"""The step `request`: what it sends, what it leaves, and what it makes of an answer."""

from typing import Any

import pytest

from bot.errors import Permanent, Temporary
from bot.steps.contract import Done, Failed, Outcome, StepContext
from bot.steps.kinds.request import Request
from bot.steps.kinds.webhook import Webhook
from tests.steps.conftest import Receiver

TOKEN = "t0ken-of-the-tests"


async def ask(context: StepContext, url: str, **properties: Any) -> Outcome:
    known = {"API_AUTH_TOKEN": f"Bearer {TOKEN}"}
    return await Request(known.get).run(context, {"url": url, **properties})


async def test_a_get_leaves_its_answer_under_all_of_kubevelas_paths(
    context: StepContext, receiver: Receiver
) -> None:
    receiver.body = b'{"items": [{"name": "a"}]}'

    outcome = await ask(context, receiver.url)

    assert isinstance(outcome, Done)
    assert outcome.outputs["response"] == {"items": [{"name": "a"}]}
    assert outcome.outputs["status"] == 200
    assert receiver.methods == ["GET"]
    assert receiver.calls[0][2] is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_method_body_and_headers_are_the_authors_and_the_key_is_ours(
    context: StepContext, receiver: Receiver, method: str
) -> None:
    await ask(
        context,
        f"{receiver.url}/issues/1",
        method=method,
        body={"state": "closed"},
        header={"X-Team": "shop"},
        headersFromSecret=[{"secret": "api-auth"}],
    )

    assert receiver.methods == [method]
    ((path, headers, body),) = receiver.calls
    assert (path, body) == ("/issues/1", {"state": "closed"})
    assert headers["X-Team"] == "shop"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Idempotency-Key"] == context.key


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
async def test_a_refusal_is_final_and_can_be_read_by_the_steps_after_it(
    context: StepContext, receiver: Receiver, status: int
) -> None:
    receiver.status, receiver.body = status, b'{"error": "no such thing"}'

    outcome = await ask(context, receiver.url)

    assert isinstance(outcome, Failed)
    assert not outcome.retryable
    assert f"the server answered {status}" in outcome.message
    assert outcome.outputs["response"] == {"error": "no such thing"}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_an_answer_that_may_be_another_one_later_is_tried_again(
    context: StepContext, receiver: Receiver, status: int
) -> None:
    receiver.status = status

    outcome = await ask(context, receiver.url)

    assert isinstance(outcome, Failed)
    assert outcome.retryable


async def test_a_redirect_is_followed_where_it_repeats_no_change_and_hands_no_secret_on(
    context: StepContext, receiver: Receiver
) -> None:
    receiver.status, receiver.headers = 302, {"Location": "/arrived"}

    followed = await ask(context, receiver.url)
    posted = await ask(context, receiver.url, method="POST", body={})
    secret = await ask(context, receiver.url, headersFromSecret=[{"secret": "api-auth"}])

    assert isinstance(followed, Done)
    assert followed.outputs["response"] == "here"
    for outcome in (posted, secret):
        assert isinstance(outcome, Failed)
        assert "the server answered 302" in outcome.message
    assert [path for path, _, _ in receiver.calls] == ["/", "/arrived", "/", "/"]


async def test_a_server_that_is_not_there_may_be_later(context: StepContext) -> None:
    with pytest.raises(Temporary, match=r"127\.0\.0\.1 did not answer: ConnectError"):
        await ask(context, "http://127.0.0.1:9")


async def test_a_secret_that_is_not_set_is_named(context: StepContext, receiver: Receiver) -> None:
    with pytest.raises(Permanent, match="the setting SHIPMATE_SECRET_GONE_TOKEN is not set"):
        await ask(context, receiver.url, headersFromSecret=[{"secret": "gone"}])
    assert receiver.calls == []


async def test_kubevelas_secret_ref_is_a_setting_of_its_name_and_key(
    context: StepContext, receiver: Receiver
) -> None:
    known = {"MY_HOOK_URL": f"{receiver.url}/hook"}
    properties = {"url": {"secretRef": {"name": "my-hook", "key": "url"}}, "data": {"a": 1}}

    assert isinstance(await Webhook(known.get).run(context, properties), Done)

    assert receiver.calls[0][0] == "/hook"
    with pytest.raises(Permanent, match="the setting SHIPMATE_SECRET_MY_HOOK_URL is not set"):
        await Webhook(lambda _: None).run(context, properties)
