"""Who has not answered is reminded once: in the thread, directly, and whoever else can help, whatever dies in between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from typing_extensions import override

from bot.catalog.approving import Remind, Reminder
from bot.catalog.model import Catalog, Person
from bot.chat.message import Message
from bot.chat.slack.gateway import SlackGateway
from bot.events import PersonName
from bot.run.model import Gate
from bot.run.stimuli import Approved, GlassBroken, ReviewSigned, StepSuspended, TimePassed
from bot.sandbox.server import Sandbox
from tests.builders import a_step
from tests.chat.newsroom import Newsroom
from tests.operations.company import company
from tests.patience import PATIENCE

STEPS = (a_step("approval"), a_step("frankfurt", "deploy2env"))
ASKED = StepSuspended(
    step="approval",
    attempt=1,
    gate=Gate(
        message="Is hangzhou well?",
        reminders=(
            Reminder(after=1800, to=Remind.THREAD),
            Reminder(after=7200, to=Remind.DIRECT),
            Reminder(after=14400, to=Remind.ROLE, role="admin"),
        ),
    ),
)
YES = Approved(step="approval", attempt=1, by=PersonName("sre"), roles=("sre",))


def people() -> Catalog:
    """Answer the company, in which sre2 is never mentioned or written to."""
    made = company()
    quiet = replace(made.people["sre2"], notify=False)
    return replace(made, people={**made.people, "sre2": quiet})


class Dying(SlackGateway):
    """A gateway in whose hands everything stops after a direct message was posted."""

    def __init__(self, client: AsyncWebClient) -> None:
        super().__init__(client)
        self.stopped = asyncio.Event()

    @override
    async def post(
        self,
        channel: str,
        message: Message,
        people: dict[str, Person],
        *,
        key: str,
        thread: str = "",
    ) -> str:
        ts = await super().post(channel, message, people, key=key, thread=thread)
        if "/direct/" in key:
            self.stopped.set()
            await asyncio.Event().wait()
        return ts


@pytest.fixture
async def room(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Newsroom]:
    made = Newsroom(sandbox, tmp_path)
    made.catalog = people
    await made.open()
    yield made
    await made.close()


async def test_those_who_are_asked_are_reminded_until_they_have_answered(room: Newsroom) -> None:
    await room.happens(ASKED, steps=STEPS)
    await room.happens(TimePassed(), seconds=1810)
    thread = await room.reads(lambda found: len(found) == 2)
    assert thread[1] == (
        "‖ approval of shop/prod#1 has waited for 30 min.\n"
        "@U03SRE sre2: please approve or reject.\nStill needs: 1 of sre."
    )

    await room.happens(TimePassed(), seconds=7210)
    await room.says("D03SRE", bool)
    await room.close()
    await room.open()
    await room.has_nothing_left_to_do()
    direct = await room.channel("D03SRE")
    assert len(direct) == 1
    assert "approval of shop/prod#1 waits for your answer." in direct[0]
    assert "[Approve] [Reject] [Show the run]" in direct[0]
    assert await room.channel("D04SRE2") == []

    await room.happens(TimePassed(), seconds=14410)
    thread = await room.reads(lambda found: len(found) == 3)
    assert "@U05ADMIN: nobody has answered; can you help?" in thread[2]

    await room.happens(YES, seconds=14420)
    (told,) = await room.says("D03SRE", lambda found: "Approved by sre" in found[0])
    assert "[Approve]" not in told


async def test_a_reminder_whose_posting_a_crash_interrupted_is_there_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    room, made = Newsroom(sandbox, tmp_path), list[Dying]()
    room.catalog = people

    def dying(client: AsyncWebClient) -> Dying:
        made.append(Dying(client))
        return made[0]

    await room.open(dying)
    await room.happens(ASKED, steps=STEPS)
    await room.happens(TimePassed(), seconds=7210)
    async with asyncio.timeout(PATIENCE):
        await made[0].stopped.wait()
    await room.close()

    await room.open()
    await room.has_nothing_left_to_do()
    await room.close()

    assert len(await room.channel("D03SRE")) == 1


async def test_an_emergency_is_told_in_the_channel_too_and_both_say_who_signed(
    room: Newsroom,
) -> None:
    broken = GlassBroken(step="approval", attempt=1, by=PersonName("admin"), reason="fire")
    await room.happens(ASKED, broken, steps=STEPS)
    posts = await room.says(
        "shop-prod", lambda found: len(found) == 2 and "has to sign it" in found[0]
    )
    assert "Emergency: admin approved approval of shop/prod#1 alone" in posts[1]
    assert "@U03SRE sre2: please look at it and sign.\n[Sign]" in posts[1]

    signed = ReviewSigned(step="approval", attempt=1, by=PersonName("sre"), note="right")
    await room.happens(signed, seconds=60)
    posts = await room.says("shop-prod", lambda found: all("Signed by sre" in x for x in found))
    thread = await room.reads(lambda found: any("sre signed the emergency" in x for x in found))
    await room.has_nothing_left_to_do()
    thread = await room.reads(bool)
    told = [each for each in thread if "Emergency: admin" in each]
    assert len(told) == 1
    for each in (posts[0], posts[1], told[0]):
        assert "Signed by sre" in each
        assert "[Sign]" not in each
