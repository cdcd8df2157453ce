"""A process that slept in the middle of saying something: nothing stands twice, and nothing old stays."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.chat.afterthoughts import Afterthoughts
from bot.chat.message import Message, Text
from bot.chat.ports import Shown, State
from bot.chat.slack.gateway import SlackGateway, web_client
from bot.sandbox.server import Sandbox
from bot.store.database import Store
from tests.patience import PATIENCE
from tests.store.conftest import store as store
from tests.store.test_conversation import a_card

CHANNEL = "C04SHOPPROD"


class Sleeper:
    """A process that falls asleep right before it says something."""

    def __init__(self, sandbox: Sandbox, store: Store) -> None:
        client = web_client(sandbox.slack_bot_token, sandbox.slack_api_url)
        self.store = store
        self.gateway = SlackGateway(client)
        self.after = Afterthoughts(gateway=self.gateway, ledger=store.ledger)
        self.entry = replace(a_card(), channel=CHANNEL, state=State.POSTING)
        self.awake = asyncio.Event()
        self._client = client

    async def posts(self) -> str:
        """Post, once it is awake."""
        await self.awake.wait()
        return await self.says("ours")

    async def says(self, text: str) -> str:
        """Post at once."""
        message = Message(summary=text, blocks=(Text(lines=((text,),)),))
        return await self.gateway.post(CHANNEL, message, {}, key=self.entry.key)

    async def is_cancelled_meanwhile(self) -> None:
        """Begin to post and lead no more."""
        posting = asyncio.create_task(self.after.post(self.entry, self.posts()))
        await asyncio.sleep(0)
        posting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await posting
        self.awake.set()

    async def stands(self) -> list[str]:
        """Answer what stands in the channel."""
        answer = await self._client.conversations_history(channel=CHANNEL)
        return [str(each["ts"]) for each in answer["messages"]]

    async def until_it_is_quiet(self) -> None:
        """Wait until nothing is left to put right."""
        async with asyncio.timeout(PATIENCE):
            while self.after.busy:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.05)


@pytest.fixture
async def sleeper(sandbox: Sandbox, store: Store) -> AsyncIterator[Sleeper]:
    made = Sleeper(sandbox, store)
    await store.ledger.add(replace(made.entry, state=State.WAITING))
    await store.ledger.update(made.entry)
    yield made
    await made.after.stop()


async def found(sleeper: Sleeper) -> Shown:
    stored = await sleeper.store.ledger.get(sleeper.entry.key)
    assert stored is not None
    return stored


async def test_what_another_one_has_posted_stays_and_ours_is_taken_away(sleeper: Sleeper) -> None:
    theirs = await sleeper.says("theirs")
    await sleeper.store.ledger.update(replace(sleeper.entry, state=State.SHOWN, ts=theirs))

    await sleeper.is_cancelled_meanwhile()
    await sleeper.until_it_is_quiet()

    assert await sleeper.stands() == [theirs]


async def test_what_another_one_has_found_stays(sleeper: Sleeper) -> None:
    await sleeper.is_cancelled_meanwhile()
    async with asyncio.timeout(PATIENCE):
        while not (ours := await sleeper.stands()):  # noqa: ASYNC110 - Slack tells nobody
            await asyncio.sleep(0.05)
    await sleeper.store.ledger.update(replace(sleeper.entry, state=State.SHOWN, ts=ours[0]))
    await sleeper.until_it_is_quiet()

    assert await sleeper.stands() == ours


async def test_a_late_edit_is_told_to_who_leads(sleeper: Sleeper) -> None:
    ts = await sleeper.says("as it is")
    shown = replace(sleeper.entry, state=State.SHOWN, ts=ts, digest="of something")
    await sleeper.store.ledger.update(shown)

    sleeper.after.put_right(shown, ts)
    await sleeper.until_it_is_quiet()

    assert (await found(sleeper)).state is State.POSTING
    assert await sleeper.store.ledger.pending() == [replace(shown, state=State.POSTING, wanted=1)]
