"""Calls of DingTalk's OpenAPI against the sandbox: one token for all, and each failure as what it means."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from bot.chat.dingtalk.api import OpenApi, check_receivers
from bot.chat.dingtalk.gateway import DingTalkGateway
from bot.chat.gateway import UNEDITABLE, Unknown, Way
from bot.chat.message import Message, Text
from bot.errors import Permanent, Temporary
from bot.sandbox.dingtalk import organization
from bot.sandbox.server import Sandbox
from bot.web.metrics import Metrics
from tests.chat.test_dingtalk_stream import api_of

GROUP = organization.GROUPS[0].id
SEND = "/v1.0/robot/groupMessages/send"
BODY = {
    "robotCode": organization.ROBOT,
    "openConversationId": GROUP,
    "msgKey": "sampleText",
    "msgParam": '{"content": "hello"}',
}
HELLO = Message(summary="hello", blocks=(Text(lines=(("hello",),)),))


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[OpenApi]:
    made = api_of(sandbox)
    yield made
    await made.close()


@pytest.fixture
def gateway(api: OpenApi) -> DingTalkGateway:
    return DingTalkGateway(api, robot=organization.ROBOT)


async def test_calls_at_once_ask_for_one_token_and_a_bad_one_is_replaced_once(
    sandbox: Sandbox, api: OpenApi
) -> None:
    sandbox.faults.add("dingtalk", "error", None, method="GetAccessToken", status=500, after=True)
    with pytest.raises(Temporary):
        await api.call("POST", SEND, BODY)
    sandbox.faults.clear()
    sandbox.faults.add("dingtalk", "slow", 1, method="GetAccessToken", seconds=0.1)
    await asyncio.gather(*(api.call("POST", SEND, BODY) for _ in range(5)))
    sandbox.faults.add("dingtalk", "ratelimited", 1, method="GetAccessToken")
    await api.call("POST", SEND, BODY)
    assert sandbox.faults.all(), "nobody has asked for another token"

    sandbox.faults.clear()
    sandbox.faults.add("dingtalk", "token", 1)
    assert (await api.call("POST", SEND, BODY))["processQueryKey"]


async def test_a_token_that_is_bad_again_is_refused_for_good(
    sandbox: Sandbox, api: OpenApi
) -> None:
    sandbox.faults.add("dingtalk", "token", None, status=400)
    with pytest.raises(Permanent) as refused:
        await api.call("POST", SEND, BODY)
    assert refused.value.code == "InvalidAuthentication"


async def test_each_failure_says_whether_it_passes(sandbox: Sandbox, api: OpenApi) -> None:
    sandbox.faults.add("dingtalk", "ratelimited", 1, method="OrgGroupSend")
    with pytest.raises(Temporary) as waits:
        await api.call("POST", SEND, BODY, posting=True)
    assert waits.value.retry_after == 1.0
    sandbox.faults.add(
        "dingtalk", "error", 1, method="OrgGroupSend", status=400, code="send.too.fast"
    )
    with pytest.raises(Temporary) as waits:
        await api.call("POST", SEND, BODY, posting=True)
    assert waits.value.retry_after == 10.0
    sandbox.faults.add("dingtalk", "error", 1, method="OrgGroupSend", status=500)
    with pytest.raises(Unknown):
        await api.call("POST", SEND, BODY, posting=True)
    with pytest.raises(Permanent) as refused:
        await api.call("POST", SEND, {**BODY, "openConversationId": "cidNowhere"})
    assert refused.value.code == "invalid.openConversationId"


async def test_dingtalk_that_is_away_is_temporary() -> None:
    api = OpenApi(client_id="a", client_secret="b", url="http://127.0.0.1:9")
    with pytest.raises(Temporary):
        await api.call("POST", SEND, BODY)
    await api.close()


async def test_who_did_not_get_a_message_is_looked_at(gateway: DingTalkGateway) -> None:
    with pytest.raises(Permanent) as refused:
        await gateway.direct("0199nobody", HELLO, {})
    assert refused.value.code == "user_not_found"
    with pytest.raises(Temporary) as waits:
        check_receivers({"flowControlledStaffIdList": ["0123"]})
    assert waits.value.retry_after
    with pytest.raises(Permanent):
        check_receivers({"filteredStaffIdList": ["0123"]})
    check_receivers({"processQueryKey": "k", "invalidStaffIdList": []})


async def test_an_answer_goes_to_dingtalks_own_addresses_only(gateway: DingTalkGateway) -> None:
    for way in (Way(), Way(session="https://elsewhere.example/robot/sendBySession?session=1")):
        with pytest.raises(Permanent):
            await gateway.reply(GROUP, "", HELLO, {}, way)


async def test_a_message_cannot_be_changed_and_a_card_that_is_gone_neither(
    gateway: DingTalkGateway,
) -> None:
    ts = await gateway.post(GROUP, HELLO, {}, key="dingtalk:1/event/1")
    for each in (ts, "card:unknown"):
        with pytest.raises(Permanent) as refused:
            await gateway.edit(GROUP, each, HELLO, {})
        assert refused.value.code == UNEDITABLE
    assert await gateway.find(GROUP, "dingtalk:1/event/1", since=0.0) is None
    assert await gateway.find(GROUP, "dingtalk:1/card", since=0.0) is None
    card = await gateway.post(GROUP, HELLO, {}, key="dingtalk:1/card")
    assert await gateway.find(GROUP, "dingtalk:1/card", since=0.0) == card


async def test_conversations_go_by_their_ids(gateway: DingTalkGateway) -> None:
    assert await gateway.channel_id(GROUP) == GROUP
    assert await gateway.conversation_with("0123") == "user:0123"
    with pytest.raises(Permanent):
        await gateway.channel_id("shop-prod")


async def test_each_call_is_counted_with_what_came_of_it(sandbox: Sandbox) -> None:
    metrics = Metrics("1.2.3")
    api = api_of(sandbox, on_call=partial(metrics.called, "dingtalk"))
    await api.call("POST", SEND, BODY)
    sandbox.faults.add("dingtalk", "ratelimited", 1, method="OrgGroupSend")
    with pytest.raises(Temporary):
        await api.call("POST", SEND, BODY)
    with pytest.raises(Permanent):
        await api.call("POST", SEND, {**BODY, "openConversationId": "cidNowhere"})
    await api.close()

    def count(method: str, result: str) -> float | None:
        labels = {"chat": "dingtalk", "method": method, "result": result}
        return metrics.registry.get_sample_value("shipmate_chat_call_seconds_count", labels)

    assert count("/v1.0/oauth2/accessToken", "ok") == 1
    assert [count(SEND, each) for each in ("ok", "limited", "error")] == [1, 1, 1]
