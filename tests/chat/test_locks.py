"""What becomes of a lock is told in a channel: once, whatever happens to the process, and in words for a phone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from typing_extensions import override

from bot.catalog.model import Person
from bot.chat.message import Message, Text
from bot.chat.ports import State
from bot.chat.presenters import locks, replies
from bot.chat.slack import render
from bot.chat.slack.gateway import SlackGateway
from bot.demo.transcript import Transcript
from bot.operations.results import Audited, AuditShown, Identity, LockSet, Right, Unlocked
from bot.policy.decisions import Action
from bot.policy.holds import Hold, HoldKind
from bot.policy.refusals import Code, Refusal
from bot.run.locks import Lock, LockChange
from bot.sandbox.server import Sandbox
from tests.builders import NOON
from tests.chat.newsroom import Newsroom
from tests.operations.company import company
from tests.patience import PATIENCE

HOUR = timedelta(hours=1)
LOCK = Lock(environment="prod", by="dev", reason="the database moves", since=NOON)
LOCKED = LockChange(at=NOON, by="dev", channel="shop-prod", after=LOCK)


class Cut(SlackGateway):
    """A gateway that is cut off while a message is posted: `after` it got there, or before."""

    def __init__(self, client: AsyncWebClient, *, after: bool) -> None:
        super().__init__(client)
        self._after = after
        self.reached = asyncio.Event()

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
        if self._after:
            await super().post(channel, message, people, key=key, thread=thread)
        self.reached.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody waits for ever")


@pytest.fixture
async def newsroom(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Newsroom]:
    made = Newsroom(sandbox, tmp_path)
    yield made
    await made.close()


async def said(sandbox: Sandbox, channel: str = "shop-prod") -> list[str]:
    async with httpx.AsyncClient(base_url=sandbox.url) as client:
        answer = await client.get("/control/slack/messages", params={"channel": channel})
    found: list[dict[str, Any]] = answer.json()["messages"]
    return [Transcript({}).text_of(each) for each in found]


async def happens(newsroom: Newsroom, change: LockChange, request: str = "r1") -> None:
    await newsroom.store.locks.change("prod", "", lambda _: change, request=request)


@pytest.mark.parametrize("after", [False, True])
async def test_a_change_is_told_once_though_the_process_dies_in_the_middle(
    sandbox: Sandbox, newsroom: Newsroom, *, after: bool
) -> None:
    cut: list[Cut] = []

    def make(client: AsyncWebClient) -> SlackGateway:
        cut.append(Cut(client, after=after))
        return cut[0]

    await newsroom.open(make)
    await happens(newsroom, LOCKED)
    newsroom.announcer.look()
    await cut[0].reached.wait()
    await newsroom.close()

    await newsroom.open()
    await newsroom.has_nothing_left_to_do()

    assert sum("dev locked prod: the database moves" in each for each in await said(sandbox)) == 1


async def test_a_change_that_nobody_announced_is_told_after_the_start(
    sandbox: Sandbox, newsroom: Newsroom
) -> None:
    await newsroom.open()
    await happens(newsroom, LOCKED)  # and the process dies before it is told
    await newsroom.close()

    await newsroom.open()
    async with asyncio.timeout(PATIENCE):
        while not await said(sandbox):  # noqa: ASYNC110 - over HTTP there is no event
            await asyncio.sleep(0.05)

    await newsroom.has_nothing_left_to_do()
    assert len(await said(sandbox)) == 1


async def test_who_locked_is_told_where_the_channel_cannot_be(
    sandbox: Sandbox, newsroom: Newsroom
) -> None:
    await newsroom.open()
    await happens(newsroom, replace(LOCKED, channel="nowhere"))
    newsroom.announcer.look()
    async with asyncio.timeout(PATIENCE):
        while not await said(sandbox, "D01DEV"):  # noqa: ASYNC110 - over HTTP there is no event
            await asyncio.sleep(0.05)

    (told,) = await said(sandbox, "D01DEV")
    assert "I cannot write about the lock of prod to nowhere" in told
    assert "It holds all the same." in told
    found = await newsroom.store.ledger.get("lock/1")
    assert found is not None
    assert found.state is State.FAILED


def read(message: Message | None) -> str:
    """Answer a message as a person reads it."""
    assert message is not None
    text, blocks = render.text_and_blocks(message, {})
    return Transcript({}).text_of({"text": text, "blocks": blocks})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (LOCKED, "dev locked prod: the database moves\nuntil it is lifted"),
        (
            replace(LOCKED, before=LOCK, after=replace(LOCK, until=NOON + HOUR, version="v2")),
            "dev changed the lock of prod: the database moves\nuntil 2026-11-23 13:00 UTC · dev may deliver v2",
        ),
        (
            replace(LOCKED, after=replace(LOCK, application="shop")),
            "dev locked shop in prod: the database moves",
        ),
        (replace(LOCKED, before=LOCK, after=None), "dev unlocked prod (the database moves)"),
        (
            replace(LOCKED, by="sre", before=LOCK, after=None),
            "sre unlocked prod, which @dev had locked (the database moves)",
        ),
    ],
)
def test_a_change_reads_as_it_happened(change: LockChange, said: str) -> None:
    shown = locks.told(change, company())
    assert said in read(shown)
    assert said.partition("\n")[0].replace("@", "") in shown.summary


def test_the_way_to_lift_a_lock_is_one_that_lifts_it() -> None:
    shop = replace(LOCK, application="shop")
    assert "/shipmate unlock prod --app shop" in read(
        locks.told(replace(LOCKED, after=shop), company())
    )


def test_whoever_locks_is_told_what_holds_now() -> None:
    catalog = company()
    assert "prod is locked.\nuntil it is lifted" in read(replies.reply(LockSet(lock=LOCK), catalog))
    assert "The lock of prod is changed." in read(
        replies.reply(LockSet(lock=LOCK, before=LOCK), catalog)
    )
    assert "prod is unlocked." in read(replies.reply(Unlocked(lock=LOCK), catalog))


def a_hold(kind: HoldKind, **changes: object) -> Hold:
    hold = Hold(kind=kind, environment="prod", since=NOON, until=NOON + HOUR)
    return replace(hold, **changes)  # type: ignore[arg-type] # the test says what it changes


def test_what_holds_is_listed_in_a_line_each() -> None:
    lines = locks.listed(
        (
            a_hold(HoldKind.LOCK, by="dev", reason="it moves", application="shop", version="v2"),
            a_hold(HoldKind.FREEZE, name="fair", roles=("sre",)),
            a_hold(HoldKind.FREEZE, name="later", since=NOON + HOUR, until=None),
        ),
        NOON,
    )
    shown = read(Message(summary="", blocks=(Text(lines=lines),)))
    for line in (
        "shop in prod is locked by dev · it moves · until 2026-11-23 13:00 UTC · dev may deliver v2",
        "prod is frozen: fair · until 2026-11-23 13:00 UTC · sre may pass",
        "prod: the freeze later begins 2026-11-23 13:00 UTC",
    ):
        assert line in shown


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            Refusal(
                code=Code.LOCKED,
                facts={
                    "environment": "prod",
                    "application": "shop",
                    "by": "dev",
                    "reason": "it moves",
                    "until": (NOON + HOUR).isoformat(),
                    "version": "v2",
                },
                who=("dev", "sre"),
            ),
            "shop in prod is locked by dev: it moves. dev may deliver v2. Until 2026-11-23 13:00 UTC."
            " dev or sre may unlock it.",
        ),
        (
            Refusal(
                code=Code.FROZEN,
                facts={
                    "environment": "prod",
                    "name": "fair",
                    "reason": "",
                    "until": "",
                    "roles": "",
                },
            ),
            "prod is frozen by fair. Nobody may pass.",
        ),
        (
            Refusal(
                code=Code.NOT_LOCKED,
                facts={"environment": "prod", "application": "", "others": "shop", "whole": ""},
            ),
            "prod as a whole is not locked; shop there is: unlock prod --app shop.",
        ),
        (
            Refusal(
                code=Code.NOT_LOCKED,
                facts={"environment": "prod", "application": "shop", "others": "", "whole": "dev"},
            ),
            "shop in prod has no lock of its own. All of prod is locked by dev: unlock prod.",
        ),
        (
            Refusal(
                code=Code.NOT_ALLOWED,
                facts={
                    "action": "rollback",
                    "environment": "prod",
                    "application": "shop",
                    "roles": "sre",
                },
                who=("sre",),
            ),
            "You may not roll back shop in prod. That takes the role sre. sre could.",
        ),
        (
            Refusal(
                code=Code.UNKNOWN_NAME,
                facts={"name": "geust", "nearest": "guest", "known": "dev, guest"},
            ),
            "I know nobody called geust. Did you mean guest?",
        ),
    ],
)
def test_a_refusal_says_who_holds_why_until_when_and_who_could(refusal: Refusal, said: str) -> None:
    shown = replies.reply(refusal, company())
    assert shown is not None
    assert shown.summary == said


def test_a_line_of_the_log_is_short() -> None:
    line = Audited(
        at=NOON,
        person="sre",
        chat="slack",
        channel="C1",
        via="button",
        request=f"approve run:1 {'x' * 300}",
        outcome="locked",
        run="shop/prod#1",
        passed=("lock:dev", "freeze:fair"),
    )
    shown = read(replies.reply(AuditShown(lines=(line,), about="shop", more=True), company()))
    assert "Who asked for what, shop" in shown
    assert "sre · approve run:1 xxx" in shown
    assert "x… · locked · shop/prod#1 · passes the lock of dev and the freeze fair" in shown
    assert "Not further back than" in shown
    assert "Nothing was asked." in read(replies.reply(AuditShown(lines=()), company()))


def test_people_read_all_that_they_may_do() -> None:
    person = company().people["dev"]
    rights = (
        Right(environment="prod", actions=(Action.DEPLOY, Action.ROLLBACK, Action.LOCK)),
        Right(environment="prod", application="shop", actions=()),
    )
    shown = read(replies.reply(Identity(person=person, rights=rights), company()))
    assert "prod: deploy, roll back, lock" in shown
    assert "shop in prod: look only" in shown
