"""Web API calls, good ones and every mistake that a bot can make."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import Sandbox
from tests.sandbox.slack.conftest import Clients
from tests.scenarios.company import ROOT

PROD = "C04SHOPPROD"
GONE = "1700000000.000000"
Call = Callable[[AsyncWebClient], Awaitable[Any]]


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(action: str, **more: Any) -> dict[str, Any]:
    text = {"type": "plain_text", "text": "Go"}
    return {
        "type": "actions",
        "elements": [{"type": "button", "action_id": action, "text": text, **more}],
    }


async def refused(call: Awaitable[Any]) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as raised:
        await call
    found: dict[str, Any] = raised.value.response.data
    return found


async def test_a_message_is_posted_changed_found_and_deleted(slack: AsyncWebClient) -> None:
    metadata = {"event_type": "shipmate_message", "event_payload": {"key": "one/card"}}
    posted = await slack.chat_postMessage(channel=PROD, text="hello", metadata=metadata)
    reply = await slack.chat_postMessage(channel=PROD, text="below", thread_ts=posted["ts"])
    await slack.chat_update(channel=PROD, ts=posted["ts"], text="changed")

    history = await slack.conversations_history(channel=PROD, include_all_metadata=True)
    (found,) = history["messages"]
    assert found["text"] == "changed"
    assert found["metadata"] == metadata
    assert (found["reply_count"], found["latest_reply"]) == (1, reply["ts"])
    thread = await slack.conversations_replies(channel=PROD, ts=posted["ts"])
    assert [each["text"] for each in thread["messages"]] == ["changed", "below"]

    await slack.chat_delete(channel=PROD, ts=posted["ts"])
    gone = await refused(slack.chat_update(channel=PROD, ts=posted["ts"], text="again"))
    assert gone["error"] == "message_not_found"


async def test_metadata_is_shown_only_to_who_asks_for_it(slack: AsyncWebClient) -> None:
    metadata = {"event_type": "t", "event_payload": {"key": "k"}}
    await slack.chat_postMessage(channel=PROD, text="hello", metadata=metadata)

    plain = await slack.conversations_history(channel=PROD)

    assert "metadata" not in plain["messages"][0]


async def test_history_comes_in_pages_between_two_moments(slack: AsyncWebClient) -> None:
    stamps = [(await slack.chat_postMessage(channel=PROD, text=str(n)))["ts"] for n in range(5)]

    first = await slack.conversations_history(channel=PROD, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await slack.conversations_history(channel=PROD, limit=2, cursor=cursor)
    newer = await slack.conversations_history(channel=PROD, oldest=stamps[3])

    assert [each["text"] for each in first["messages"]] == ["4", "3"]
    assert [each["text"] for each in second["messages"]] == ["2", "1"]
    assert [each["text"] for each in newer["messages"]] == ["4", "3"]
    assert first["has_more"]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda slack: slack.chat_postMessage(channel="C0NOWHERE", text="x"), "channel_not_found"),
        (lambda slack: slack.api_call("chat.postMessage", params={"channel": PROD}), "no_text"),
        (lambda slack: slack.chat_postMessage(channel=PROD, text="x" * 40_001), "msg_too_long"),
        (
            lambda slack: slack.chat_postMessage(channel=PROD, text="x", thread_ts=GONE),
            "thread_not_found",
        ),
        (lambda slack: slack.chat_update(channel=PROD, ts=GONE, text="x"), "message_not_found"),
        (
            lambda slack: slack.chat_postEphemeral(channel=PROD, user="U0NOBODY", text="x"),
            "user_not_in_channel",
        ),
        (lambda slack: slack.conversations_replies(channel=PROD, ts=GONE), "thread_not_found"),
        (lambda slack: slack.users_info(user="U0NOBODY"), "user_not_found"),
        (lambda slack: slack.users_lookupByEmail(email="x@y.example"), "users_not_found"),
        (lambda slack: slack.conversations_open(users=["U0NOBODY"]), "user_not_found"),
        (
            lambda slack: slack.views_open(
                trigger_id="1.2",
                view={"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []},
            ),
            "invalid_trigger_id",
        ),
        (lambda slack: slack.api_call("chat.shout"), "unknown_method"),
    ],
)
async def test_a_mistake_has_slacks_word_for_it(
    slack: AsyncWebClient, call: Call, error: str
) -> None:
    assert (await refused(call(slack)))["error"] == error


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([section("")], "must be more than 0 characters"),
        ([section("x" * 3001)], "must be less than 3001 characters"),
        ([{"type": "sectoin"}], "unsupported type: sectoin"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "must be a plain_text"),
        ([{"type": "actions", "elements": []}], "must have 1 to 25 items"),
        ([button("a"), button("a")], "`action_id` a already exists"),
        ([button("a", value="x" * 2001)], "must be less than 2001 characters"),
        ([button("a", style="blue")], "must be one of: primary, danger"),
        ([{**section("x"), "block_id": "b"}] * 2, "block_id b already exists"),
        (
            [{"type": "input", "label": {"type": "plain_text", "text": "x"}}],
            "unsupported type: input",
        ),
        ([section("x")] * 51, "no more than 50 items allowed"),
        (
            [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
            "1 to 10 items",
        ),
        (
            [
                {
                    "type": "rich_text",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}
                    ],
                }
            ],
            "must be more than 0 characters",
        ),
    ],
)
async def test_blocks_that_slack_would_refuse_are_refused_with_their_place(
    slack: AsyncWebClient, blocks: list[dict[str, Any]], said: str
) -> None:
    answer = await refused(slack.chat_postMessage(channel=PROD, text="x", blocks=blocks))

    assert answer["error"] == "invalid_blocks"
    assert any(
        said in each and "json-pointer:/blocks" in each
        for each in answer["response_metadata"]["messages"]
    )


async def test_all_blocks_together_have_an_end(slack: AsyncWebClient) -> None:
    answer = await refused(
        slack.chat_postMessage(channel=PROD, text="x", blocks=[section("x" * 2900)] * 5)
    )
    assert answer["error"] == "msg_blocks_too_long"


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth")])
async def test_a_wrong_token_opens_nothing(with_token: Clients, token: str, error: str) -> None:
    assert (await refused(with_token(token).auth_test()))["error"] == error


async def test_the_bots_token_opens_no_socket(sandbox: Sandbox, slack: AsyncWebClient) -> None:
    answer = await refused(slack.apps_connections_open(app_token=sandbox.slack_bot_token))
    assert answer["error"] == "not_allowed_token_type"


async def test_a_scope_that_the_manifest_lacks_is_named(tmp_path: Path) -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    manifest["oauth_config"]["scopes"]["bot"].remove("chat:write")
    path = tmp_path / "manifest.yml"
    path.write_text(yaml.safe_dump(manifest), encoding="utf-8")
    sandbox = Sandbox(state=tmp_path, port=0, manifest=path)
    await sandbox.start()
    slack = AsyncWebClient(token=sandbox.slack_bot_token, base_url=sandbox.slack_api_url)
    try:
        answer = await refused(slack.chat_postMessage(channel=PROD, text="x"))
    finally:
        await sandbox.stop()

    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")


async def test_a_channel_takes_a_burst_and_then_one_a_second(slack: AsyncWebClient) -> None:
    async def post(number: int) -> tuple[int, int]:
        try:
            await slack.chat_postMessage(channel=PROD, text=str(number))
        except SlackApiError as error:
            return error.response.status_code, int(error.response.headers["Retry-After"])
        return 200, 0

    answers = await asyncio.gather(*(post(number) for number in range(30)))

    taken = answers.count((200, 0))
    assert 10 <= taken < 20
    assert {(status, wait > 0) for status, wait in answers} == {(200, False), (429, True)}
    await slack.chat_postMessage(channel="C01GENERAL", text="another channel is free")


async def test_the_faults_happen_as_often_as_they_are_told(
    sandbox: Sandbox, slack: AsyncWebClient
) -> None:
    sandbox.faults.add(
        "slack", "error", 1, method="chat.postMessage", error="fatal_error", after=True
    )
    sandbox.faults.add("slack", "error", 1, method="auth.test", error="internal_error")
    sandbox.faults.add("slack", "ratelimited", 1, method="users.info", retry_after=7)

    assert (await refused(slack.chat_postMessage(channel=PROD, text="taken")))[
        "error"
    ] == "fatal_error"
    assert (await refused(slack.auth_test()))["error"] == "internal_error"
    with pytest.raises(SlackApiError) as raised:
        await slack.users_info(user="U01DEV")
    assert raised.value.response.headers["Retry-After"] == "7"

    assert (await slack.auth_test())["user"] == "shipmate"
    assert (await slack.users_info(user="U01DEV"))["user"]["profile"]["email"] == "dev@shop.example"
    history = await slack.conversations_history(channel=PROD)
    assert [each["text"] for each in history["messages"]] == ["taken"]
