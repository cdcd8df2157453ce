"""What Slack's own clients for Python document, on the sandbox: waiting, paging, answering, connecting anew."""

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.sandbox.slack.conftest import Listening, People

Json = dict[str, Any]


async def test_a_client_that_waits_as_it_is_told_gets_through(
    sandbox: Sandbox, slack: AsyncWebClient
) -> None:
    sandbox.faults.add("slack", "ratelimited", 1, method="chat.update", retry_after=1)
    posted = await slack.chat_postMessage(channel="C01GENERAL", text="one")
    slack.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))

    await slack.chat_update(channel="C01GENERAL", ts=posted["ts"], text="two")

    history = await slack.conversations_history(channel="C01GENERAL")
    assert [each["text"] for each in history["messages"]] == ["two"]


async def test_pages_are_gone_through_as_a_client_does(slack: AsyncWebClient) -> None:
    for number in range(5):
        await slack.chat_postMessage(channel="C01GENERAL", text=str(number))
    pages = [
        [each["text"] for each in page["messages"]]
        async for page in await slack.conversations_history(channel="C01GENERAL", limit=2)
    ]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]


async def test_a_command_is_answered_five_times_and_once_in_the_acknowledgement(
    people: People, listening: Listening
) -> None:
    @listening.app.command("/deploy")
    async def deploy(ack: Any, body: Json) -> None:
        await ack("at once")
        url = AsyncWebhookClient(body["response_url"])
        answers = [await url.send(text=f"later {number}") for number in range(6)]
        listening.heard.put_nowait({"statuses": [each.status_code for each in answers]})

    await people.do("slack/say", user="dev", channel="general", text="/deploy")

    assert (await listening.next())["statuses"] == [200] * 5 + [404]
    seen = (await people.see("slack/messages", channel="general", viewer="dev"))["messages"]
    assert {each["text"] for each in seen} == {
        "at once",
        *(f"later {number}" for number in range(5)),
    }
    others = (await people.see("slack/messages", channel="general", viewer="sre"))["messages"]
    assert others == []


async def test_an_original_is_replaced_and_taken_away_through_its_response_url(
    slack: AsyncWebClient, people: People, listening: Listening
) -> None:
    @listening.app.action("press")
    async def press(ack: Any, action: Json, respond: Any) -> None:
        await ack()
        if action["value"] == "replace":
            await respond(text="replaced", replace_original=True)
        else:
            await respond(delete_original=True)

    def button(value: str) -> Json:
        text = {"type": "plain_text", "text": value}
        return {"type": "button", "action_id": "press", "text": text, "value": value}

    stamps = {}
    for value in ("replace", "delete"):
        blocks = [{"type": "actions", "elements": [button(value)]}]
        posted = await slack.chat_postMessage(channel="C01GENERAL", text=value, blocks=blocks)
        stamps[value] = posted["ts"]
    for value, ts in stamps.items():
        await people.do("slack/click", user="dev", channel="general", ts=ts, button=value)

    seen = (await people.see("slack/messages", channel="general"))["messages"]
    assert [each["text"] for each in seen] == ["replaced"]


async def test_slacks_own_socket_client_connects_anew_when_it_is_asked_to(
    sandbox: Sandbox, slack: AsyncWebClient, people: People
) -> None:
    app = AsyncApp(client=slack, signing_secret="s")
    heard: asyncio.Queue[str] = asyncio.Queue()

    @app.event("app_mention")
    async def mentioned(event: Json) -> None:
        heard.put_nowait(event["text"])

    token = sandbox.slack_app_token
    client = AsyncWebClient(token=token, base_url=sandbox.slack_api_url)
    handler = AsyncSocketModeHandler(app, token, web_client=client)
    await handler.connect_async()
    try:
        await people.do("faults", target="slack", fault="refresh", seconds=0.1)
        async with asyncio.timeout(PATIENCE):
            while sandbox.socket.opened < 2 or sandbox.socket.connections != 1:  # noqa: ASYNC110 - as a person looks
                await asyncio.sleep(0.02)
        await people.do("slack/say", user="dev", channel="general", text="@shipmate still there?")
        assert "still there?" in await asyncio.wait_for(heard.get(), 10)
    finally:
        await handler.close_async()
