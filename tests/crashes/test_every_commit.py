"""Whatever commit the process dies at, the world looks the same in the end, and nothing in it stands twice."""

import asyncio
import itertools
import random
from asyncio.subprocess import Process
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crashes.lives import Lives, People, a_nursery
from tests.patience import PATIENCE
from tests.postgres import Postgres
from tests.scenarios.company import PROD, ROOT, Company

AT_ONCE = 3
"""Conversations that go on side by side: most of each is waiting."""

THREAD = [
    "shop v1 is live in hangzhou, asked for by dev.",
    "✓ Approved by sre",
    "shop v1 is live everywhere.",
    "v1 of shop is in prod",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What there is to see when a conversation is over."""

    deaths: int
    card: str
    cards: int
    thread: list[str]
    webhooks: list[int]
    images: list[dict[str, str]]
    revisions: str


async def a_conversation(
    folder: Path, nursery: Process, database: str, commit: int, moment: str
) -> Ending:
    """Deploy, approve and look, with a bot that dies once on the way."""
    company = Company(folder, ROOT / "workflows", speed=40.0)
    await company.open_world()
    lives = Lives(company, nursery, database)
    people = People(company, lives)
    try:
        async with asyncio.timeout(PATIENCE):
            await lives.open(commit=commit, moment=moment)
            await people.deploy()
            await people.approve(await company.card("shop/prod#1", offers="Approve"))
            card = await company.card("shop/prod#1", says="revision v1")
            await company.in_thread(card, "v1 of shop is in prod")
            return await what_is_there(company, lives, await people.ask("/revisions shop prod"))
    except Exception as error:
        error.add_note("\n".join([f"it died {moment} commit {commit}", *lives.output[-60:]]))
        raise
    finally:
        await lives.close()
        await company.close()


async def what_is_there(company: Company, lives: Lives, revisions: str) -> Ending:
    """Look at everything that a crash could have doubled or lost."""
    cards = [each for each in await company.world.messages(PROD) if each["user"] == "shipmate"]
    return Ending(
        deaths=lives.deaths,
        card=company.read(cards[0]),
        cards=len(cards),
        thread=await company.thread(cards[0]),
        webhooks=[each["deliveries"] for each in await company.world.webhooks()],
        images=[await company.images("east"), await company.images("west")],
        revisions=revisions,
    )


def assert_nothing_shows(ending: Ending) -> None:
    """Hold an ending to what it is when nothing dies."""
    v1 = {"web": "v1", "api": "v1", "jobs": "v1"}
    assert ending.cards == 1
    assert "approved by sre" in ending.card
    assert "[Approve]" not in ending.card
    assert ending.card.count("✓") == 7  # the run and its six steps
    assert [sum(said in each for each in ending.thread) for said in THREAD] == [1, 1, 1, 1]
    assert len(ending.thread) == len(THREAD)
    # Nobody can know whether a call arrived when the process died in it: it is made again, with the same
    # Idempotency-Key, and the receiver takes it once.
    assert len(ending.webhooks) == 1
    assert ending.webhooks[0] <= 1 + ending.deaths
    assert ending.images == [v1, v1]
    # What only one person sees cannot be looked for in Slack: an answer is given again rather than lost.
    assert 1 <= ending.revisions.count("v1 · v1") <= 1 + ending.deaths
    assert "v2" not in ending.revisions


@pytest.mark.timeout(900)  # some thirty conversations
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_death_at_any_commit_does_not_show(
    tmp_path: Path, request: pytest.FixtureRequest, moment: str, kind: str
) -> None:
    server: Postgres | None = request.getfixturevalue("postgres") if kind != "sqlite" else None
    # Every so many commits one is the last of some life, before it or after it; which ones is another choice each time,
    # so that in a few days all of them were. What fails says at which.
    stride = 8 if server is None else 16
    commits = itertools.count(random.randint(1, stride), stride)
    over = asyncio.Event()

    async def try_one_after_another() -> None:
        async with a_nursery() as nursery:
            while not over.is_set():
                commit = next(commits)
                folder, database = tmp_path / str(commit), server.fresh() if server else ""
                ending = await a_conversation(folder, nursery, database, commit, moment)
                try:
                    assert_nothing_shows(ending)
                except AssertionError as error:
                    error.add_note(f"when it died {moment} commit {commit}: {ending}")
                    raise
                if not ending.deaths:
                    over.set()  # there are fewer commits: every one of them has been the last

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(try_one_after_another())

    assert next(commits) > 20  # a run of six steps cannot do with less: somebody did die
