"""What steps left to read: of those that failed, or of one by its name."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from bot.catalog.model import CLEAN_UP
from bot.events import Log
from bot.operations.results import LogsShown, ReasonAsked
from bot.policy.decisions import Action
from bot.policy.refusals import Code
from bot.run.model import RunPhase
from bot.steps.contract import Done, Failed, Outcome, StepContext
from bot.steps.kinds.suspend import Suspend
from bot.store.database import open_store
from tests.operations.office import Delivery, Office, Ticking


class Talkative(Delivery):
    """Says two lines, or fails with a log."""

    @override
    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        if context.step in self.broken:
            log = Log(name="web.log", text="one\ntwo\nthree")
            return Failed(message="broken", retryable=False, details=("three",), log=log)
        return Done(details=("all", "fine"))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    clock = Ticking()
    store = open_store(f"sqlite:///{tmp_path / 'shipmate.db'}", clock)
    talkative = Talkative()
    talkative.broken = {"frankfurt"}
    types = {"deploy2env": talkative, "suspend": Suspend(), CLEAN_UP: Delivery()}
    opened = Office(store, clock, types=types)
    yield opened
    await opened.engine.stop()
    await store.close()


async def test_the_last_words_are_those_of_what_failed_or_of_the_step_that_is_named(
    office: Office,
) -> None:
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    nothing_failed = await office.say("guest", "logs shop/prod#1")
    await office.say("sre", "approve shop/prod#1")
    await office.until("shop/prod#1", RunPhase.FAILED)

    failed = await office.say("guest", "logs shop/prod#1")
    named = await office.say("guest", "logs shop/prod#1 hangzhou")
    silent = await office.refused("guest", "logs shop/prod#1 approval")

    assert isinstance(nothing_failed, LogsShown)
    assert [each.lines for each in nothing_failed.words] == [("all", "fine")]
    assert isinstance(failed, LogsShown)
    assert [(each.step, each.lines, each.attached) for each in failed.words] == [
        ("frankfurt", ("one", "two", "three"), "web.log")
    ]
    assert isinstance(named, LogsShown)
    assert [each.step for each in named.words] == ["hangzhou"]
    assert silent.code is Code.NOTHING_SAID
    assert (await office.refused("guest", "logs shop/prod#1 frankfrut")).code is Code.UNKNOWN_STEP


async def test_a_skip_without_a_reason_asks_for_one_of_someone_who_may(office: Office) -> None:
    await office.say("dev", "deploy shop prod v1")
    run = await office.until("shop/prod#1", RunPhase.SUSPENDING)

    asked = await office.say("dev", "skip shop/prod#1 frankfurt")
    refused = await office.refused("guest", "skip shop/prod#1 frankfurt")

    assert asked == ReasonAsked(run=run, step="frankfurt", action=Action.SKIP)
    assert refused.code is Code.NOT_ALLOWED
