"""What people do to the bot's messages and channels does not make what is shown untrue."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.notices import RunNotices
from bot.chat.ports import State
from bot.demo.transcript import Transcript
from bot.run.stimuli import RetryAsked, StepFinished, StopAsked, SuspendAsked
from bot.sandbox.server import Sandbox
from tests.chat.newsroom import FAILS, Newsroom
from tests.chat.story import NO

DONE = StepFinished(step="hangzhou", attempt=1)
STOPPED = StopAsked(by=NO.by, reason="enough")


@pytest.fixture
async def room(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Newsroom]:
    made = Newsroom(sandbox, tmp_path)
    await made.open()
    yield made
    await made.close()


async def messages(room: Newsroom, channel: str = "shop-prod") -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=room.sandbox.url) as client:
        answer = await client.get("/control/slack/messages", params={"channel": channel})
    return list(answer.json()["messages"])


async def test_a_card_that_somebody_deleted_stands_again_and_leads_to_the_old_thread(
    room: Newsroom, sandbox: Sandbox
) -> None:
    run = await room.happens(FAILS)
    await room.has_nothing_left_to_do()
    (old,) = await messages(room)
    slack = AsyncWebClient(token=sandbox.slack_bot_token, base_url=sandbox.slack_api_url)
    stored = await room.store.ledger.get(f"{run.id}/card")
    assert stored is not None
    await slack.chat_delete(channel=stored.channel, ts=old["ts"])
    reply = (await room.store.ledger.of_run(run.id))[-1]

    await room.close()
    await room.open()  # also the restart of a bot finds that its card is gone
    await room.happens(RetryAsked(by=NO.by))
    await room.has_nothing_left_to_do()

    cards = [each for each in await messages(room) if each["ts"] != old["ts"]]
    (card,) = [each for each in cards if "→" in str(each["blocks"][0])]
    said = Transcript({}).text_of(card)
    assert (
        "This card takes the place of an older one; what was said until then stands in its thread"
        in said
    )
    assert f"p{reply.ts.replace('.', '')}" in str(card["blocks"])


async def test_a_bot_that_is_taken_out_of_its_channel_tells_who_asked_once_and_heals_when_it_is_back(
    room: Newsroom, sandbox: Sandbox
) -> None:
    run = await room.happens()
    await room.has_nothing_left_to_do()
    sandbox.faults.add("slack", "error", None, method="chat.update", error="not_in_channel")
    await room.happens(DONE)
    await room.card_is(State.FAILED)
    await room.happens(SuspendAsked(by=NO.by, reason="a look"))
    await room.has_nothing_left_to_do()

    told = [Transcript({}).text_of(each) for each in await messages(room, "D01DEV")]
    (said,) = [each for each in told if "shop/prod#1" in each]
    assert (
        "I cannot write about shop/prod#1 to #shop-prod (not_in_channel). The run goes on." in said
    )
    assert "/invite @shipmate" in said

    sandbox.faults.clear()
    await room.happens(STOPPED)
    await room.card_is(State.SHOWN)
    (card,) = await messages(room)
    assert "Stopped by sre: enough" in Transcript({}).text_of(card)
    assert run.id == "run1"


async def test_what_a_webhook_took_is_remembered_over_a_restart_and_shown_nowhere(
    room: Newsroom,
) -> None:
    run = await room.happens()
    await room.has_nothing_left_to_do()
    before = await messages(room)
    notices = RunNotices(room.delivery, room.store.ledger, "slack")
    assert await notices.became(run, "run1/tell/1") is None
    await notices.remember(run, "run1/tell/1")
    await notices.remember(run, "run1/tell/3", "refused: no_service")

    await room.close()
    await room.open()
    await room.has_nothing_left_to_do()

    again = RunNotices(room.delivery, room.store.ledger, "slack")
    assert await again.became(run, "run1/tell/1") == ""
    assert await again.became(run, "run1/tell/2") is None
    assert await again.became(run, "run1/tell/3") == "refused: no_service"
    assert [each["ts"] for each in await messages(room)] == [each["ts"] for each in before]
