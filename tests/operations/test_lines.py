"""A second deployment of the same application waits its turn, as its environment is ruled."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from bot.catalog.model import Concurrency
from bot.chat.presenters.refusals import sentence
from bot.operations.results import Intervened, Result, RollbackProposed, Started, StatusList
from bot.policy.queueing import busy
from bot.policy.refusals import Code, Refusal
from bot.run.model import Run, RunPhase
from bot.run.ports import Latest
from bot.run.stimuli import StopAsked
from bot.store.database import open_store
from tests.operations.office import Office, Ticking, open_office

WEB = "registry.shop.example/web"


def rule(office: Office, concurrency: Concurrency) -> None:
    """Let prod have a rule of its own."""
    prod = replace(office.catalog.environments["prod"], concurrency=concurrency)
    environments = {**office.catalog.environments, "prod": prod}
    office.catalog = replace(office.catalog, environments=environments)


async def waiting(office: Office, *more: tuple[str, str]) -> list[Run]:
    """Let a run wait for its approval, and others behind it; answer the others."""
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    return [started(await office.say(who, what)).run for who, what in more]


def started(result: Result) -> Started:
    assert isinstance(result, Started), result
    return result


async def approved(office: Office, name: str) -> Run:
    """Let a run reach its approval, say yes, and wait for its end."""
    await office.until(name, RunPhase.SUSPENDING)
    await office.say("sre", f"approve {name}")
    return await office.until(name, RunPhase.SUCCEEDED)


async def test_a_second_deployment_waits_and_says_behind_whom(office: Office) -> None:
    await waiting(office)

    second = started(await office.say("dev2", "deploy shop prod v2"))
    third = started(await office.say("dev", "deploy shop prod v3"))

    assert second.run.phase is RunPhase.INITIALIZING
    assert second.standing is not None
    assert third.standing is not None
    assert (second.standing.place, third.standing.place) == (1, 2)
    assert [each.standing.after.name for each in (second, third) if each.standing.after] == [  # type: ignore[union-attr] # asserted above
        "shop/prod#1",
        "shop/prod#2",
    ]
    listed = await office.say("dev", "status shop prod")
    assert isinstance(listed, StatusList)
    place = listed.places[0]
    assert place.run is not None
    assert (place.run.name, len(place.line)) == ("shop/prod#1", 2)

    for number in (1, 2, 3):
        ended = await approved(office, f"shop/prod#{number}")
        assert (ended.revision, ended.plan.based_on) == (number, number - 1)


async def test_what_it_delivers_is_decided_when_its_turn_comes(office: Office) -> None:
    await office.delivered("v0", environment="prod")
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#2", RunPhase.SUSPENDING)
    third = started(await office.say("dev2", f"deploy shop prod web={WEB}:fix"))
    assert third.run.plan.images["api"].endswith(":v0")

    await approved(office, "shop/prod#2")

    run = await office.until("shop/prod#3", RunPhase.SUSPENDING)
    assert run.plan.images["web"] == f"{WEB}:fix"
    assert run.plan.images["api"].endswith(":v1")
    assert run.plan.based_on == 2


async def test_what_can_no_longer_be_done_ends_and_the_next_one_begins(office: Office) -> None:
    second, third = await waiting(
        office, ("dev2", f"deploy shop prod v2 api={WEB}:x"), ("dev", "deploy shop prod v3")
    )
    shop = office.catalog.applications["shop"]
    without_api = replace(shop, components=(shop.components[0], shop.components[2]))
    office.catalog = replace(office.catalog, applications={"shop": without_api})

    await office.say("sre", "approve shop/prod#1")

    ended = await office.until(second.name, RunPhase.FAILED)
    assert ended.refused is not None
    assert ended.refused.code == Code.UNKNOWN_COMPONENT
    assert ended.unbegun
    assert (await office.until(third.name, RunPhase.SUSPENDING)).plan.based_on == 1


async def test_who_lost_the_role_meanwhile_does_not_get_the_turn(office: Office) -> None:
    (second,) = await waiting(office, ("dev2", "deploy shop prod v2"))
    dev2 = replace(office.catalog.people["dev2"], roles=())
    office.catalog = replace(office.catalog, people={**office.catalog.people, "dev2": dev2})

    await office.say("dev", "stop shop/prod#1")

    ended = await office.until(second.name, RunPhase.FAILED)
    assert ended.refused is not None
    assert (ended.refused.code, ended.refused.who) == (Code.NOT_ALLOWED, ("dev",))


async def test_who_is_stopped_in_the_line_leaves_it_and_nothing_of_it_runs(office: Office) -> None:
    second, third = await waiting(
        office, ("dev2", "deploy shop prod v2"), ("dev", "deploy shop prod v3")
    )

    result = await office.say("dev2", f"stop {second.name} not now")

    assert isinstance(result, Intervened)
    assert result.run.phase is RunPhase.TERMINATED
    assert result.run.message == "stopped by dev2: not now"
    assert result.run.unbegun
    standing = started(await office.say("dev", "deploy shop prod v4")).standing
    assert standing is not None
    assert standing.after is not None
    assert (standing.place, standing.after.name) == (2, third.name)
    for verb in ("retry", "restart"):
        assert (await office.refused("dev2", f"{verb} {second.name}")).code is Code.NEVER_BEGUN


@pytest.mark.parametrize(
    "text", ["pause", "resume", "retry", "restart", "skip {} hangzhou no time"]
)
async def test_a_run_in_the_line_can_be_stopped_and_nothing_else(office: Office, text: str) -> None:
    (second,) = await waiting(office, ("dev2", "deploy shop prod v2"))
    asked = text.format(second.name) if "{}" in text else f"{text} {second.name}"

    assert (await office.refused("dev2", asked)).code is Code.RUN_WAITS
    assert await office.run(second.name) == second


async def test_as_ruled_a_new_one_takes_the_place_of_one_that_waits(office: Office) -> None:
    rule(office, Concurrency.REPLACE)
    (second,) = await waiting(office, ("dev", "deploy shop prod v2"))

    third = started(await office.say("dev2", "deploy shop prod v3"))

    gone = await office.run(second.name)
    assert gone.phase is RunPhase.TERMINATED
    assert gone.message == "replaced by shop/prod#3 of dev2"
    first = await office.run("shop/prod#1")
    assert first.phase is RunPhase.SUSPENDING, "never one that waits for an approval"
    assert third.standing is not None
    assert third.standing.place == 1
    await approved(office, "shop/prod#1")
    assert (await office.until("shop/prod#3", RunPhase.SUSPENDING)).plan.version == "v3"


async def test_as_ruled_a_second_one_is_refused(office: Office) -> None:
    rule(office, Concurrency.REFUSE)
    await waiting(office)
    refusal = await office.refused("dev2", "deploy shop prod v2")
    assert refusal == busy(await office.run("shop/prod#1"))
    assert "shop/prod#1 of dev is still under way" in sentence(refusal)
    assert len(await office.runs.recent("shop", "prod")) == 1


async def test_as_ruled_one_of_two_at_once_starts_and_the_other_is_told(office: Office) -> None:
    rule(office, Concurrency.REFUSE)
    answers = await asyncio.gather(
        office.say("dev", "deploy shop prod v1"), office.say("dev2", "deploy shop prod v2")
    )
    refused = [each.code for each in answers if isinstance(each, Refusal)]
    assert refused == [Code.RUN_UNFINISHED]
    assert len(await office.runs.recent("shop", "prod")) == 1


async def test_many_at_once_have_numbers_without_gaps_and_one_is_under_way(office: Office) -> None:
    await asyncio.gather(*(office.say("dev", f"deploy shop prod v{n}") for n in range(1, 7)))

    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    runs = await office.runs.recent("shop", "prod")
    assert [each.number for each in runs] == [6, 5, 4, 3, 2, 1]
    assert [each.number for each in runs if each.begun] == [1]


async def test_a_rollback_is_next_and_ends_what_waits_in_the_line(office: Office) -> None:
    await office.delivered("v1", "v2", environment="prod")
    await office.say("dev", "deploy shop prod v3")
    await office.until("shop/prod#3", RunPhase.SUSPENDING)
    fourth = started(await office.say("dev2", "deploy shop prod v4")).run
    later = started(await office.say("dev2", 'deploy shop prod v5 --at "in 2h"')).run

    proposal = await office.say("dev", "rollback shop prod v1")
    assert isinstance(proposal, RollbackProposed)
    assert proposal.under_way is not None
    assert (proposal.under_way.number, [each.name for each in proposal.waiting]) == (
        3,
        [fourth.name],
    )
    back = started(await office.say("dev", f"rollback shop prod v1 --confirm {proposal.digest}"))

    assert back.standing is not None
    assert back.standing.after is not None
    assert (back.standing.place, back.standing.after.number) == (1, 3)
    gone = await office.run(fourth.name)
    assert gone.message == f"overtaken by the rollback {back.run.name} of dev"
    assert (await office.run(later.name)).waits
    await office.say("dev", "stop shop/prod#3")
    assert (await office.until(back.run.name, RunPhase.SUSPENDING)).plan.rollback_to == 1


async def test_a_rollback_from_what_is_no_longer_there_is_not_begun(office: Office) -> None:
    await office.delivered("v1", "v2", environment="prod")
    await office.say("dev", "deploy shop prod v3")
    await office.until("shop/prod#3", RunPhase.SUSPENDING)
    proposal = await office.say("dev", "rollback shop prod v1")
    assert isinstance(proposal, RollbackProposed)
    back = started(await office.say("dev", f"rollback shop prod v1 --confirm {proposal.digest}"))

    await office.say("sre", "approve shop/prod#3")

    ended = await office.until(back.run.name, RunPhase.FAILED)
    assert ended.refused is not None
    assert ended.refused.code == Code.PLAN_CHANGED


async def test_where_one_run_is_the_rule_a_rollback_waits_for_nobody(office: Office) -> None:
    rule(office, Concurrency.REFUSE)
    await office.delivered("v1", "v2", environment="prod")
    await office.say("dev2", "deploy shop prod v3")
    refusal = await office.refused("dev", "rollback shop prod")
    assert refusal == busy(await office.run("shop/prod#3"))


async def test_a_retry_does_not_get_ahead_of_who_is_next(office: Office) -> None:
    office.delivery.broken.add("hangzhou")
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.FAILED)
    office.delivery.broken.clear()

    async def hold(_: Run) -> str:
        return "prod is locked by sre"

    await office.held(hold)
    second = started(await office.say("dev2", "deploy shop prod v2")).run

    assert second.waits
    refusal = await office.refused("dev", "retry shop/prod#1")
    assert refusal == busy(second)
    assert "shop/prod#2 of dev2 is next in line" in sentence(refusal)
    await office.say("dev2", f"stop {second.name}")
    result = await office.say("dev", "retry shop/prod#1")
    assert isinstance(result, Intervened), "who left the line has overtaken nobody"


async def test_a_run_that_is_held_begins_when_nothing_holds_it(office: Office) -> None:
    held = ["prod is locked by sre: load test"]

    async def hold(_: Run) -> str:
        return held[0]

    await office.held(hold)

    first = started(await office.say("dev", "deploy shop prod v1"))
    assert first.standing is not None
    assert (first.standing.place, first.standing.after) == (1, None)
    assert first.standing.hold == "prod is locked by sre: load test"
    assert not first.standing.is_up

    held[0] = ""
    office.turns.look()
    await office.until("shop/prod#1", RunPhase.SUSPENDING)


async def test_a_process_that_dies_between_an_end_and_a_begin_loses_nothing(tmp_path: Path) -> None:
    office, store = open_office(tmp_path)  # nobody looks whose turn it is
    await office.say("dev", "deploy shop prod v1")
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    await office.say("dev2", "deploy shop prod v2")
    await office.say("dev", "deploy shop prod v3")
    run = await office.run("shop/prod#1")
    await office.engine.tell(run.id, StopAsked(by=run.origin.person))
    assert (await office.run("shop/prod#2")).waits
    await office.close()
    await store.close()

    again, store = open_office(tmp_path)
    assert await again.engine.recover() == 2
    again.open()
    await again.until("shop/prod#2", RunPhase.SUSPENDING)
    latest: Latest = await again.runs.latest("shop", "prod")
    assert [each.name for each in latest.line] == ["shop/prod#3"]
    events = [each.event.kind for each in await again.runs.events(latest.unfinished.id)]  # type: ignore[union-attr] # it is under way
    assert events.count("step_started") == 2, "hangzhou and the approval, once each"
    await again.close()
    await store.close()


class Dying(Office):
    """An office that goes dark right after a certain stored change."""

    last = 0
    changes = 0
    dark: asyncio.Event

    @override
    def changed(self, run: Run, *, announced: bool) -> None:
        self.changes += 1
        if self.changes == self.last:
            self.dark.set()
        super().changed(run, announced=announced)


async def two_in_a_row(office: Office) -> None:
    """Ask for two deployments, as an inbox would ask for them again, and wait until both are over."""
    await office.say("dev", "deploy shop dev v1", request="r1")
    await office.say("dev2", "deploy shop dev v2", request="r2")
    for name in ("shop/dev#1", "shop/dev#2"):
        await office.until(name, RunPhase.SUCCEEDED)


async def lives(folder: Path, last: int) -> bool:
    """Let an office go dark after `last` changes, and another one take over; say whether it did go dark."""
    clock = Ticking()
    store = open_store(f"sqlite:///{folder / 'shipmate.db'}", clock)
    first = Dying(store, clock)
    first.last, first.dark = last, asyncio.Event()
    first.open()
    over = asyncio.create_task(two_in_a_row(first))
    dark = asyncio.create_task(first.dark.wait())
    await asyncio.wait({over, dark}, return_when=asyncio.FIRST_COMPLETED)
    died = first.dark.is_set()
    for task in (over, dark):
        task.cancel()
    await asyncio.gather(over, dark, return_exceptions=True)
    await first.close()
    await store.close()

    second, store = open_office(folder)
    await second.engine.recover()
    second.open()
    await two_in_a_row(second)
    await is_as_if_nothing_died(second)
    await second.close()
    await store.close()
    return died


async def is_as_if_nothing_died(office: Office) -> None:
    """Hold what is stored to what it is when nothing dies."""
    runs = await office.runs.recent("shop", "dev")
    assert [(each.number, each.plan.based_on, each.revision) for each in runs] == [
        (2, 1, 2),
        (1, 0, 1),
    ]
    assert [each.plan.version for each in runs] == ["v2", "v1"]
    for run in runs:
        kinds = [each.event.kind for each in await office.runs.events(run.id)]
        assert kinds.count("step_started") == len(run.steps)
        assert kinds.count("run_succeeded") == 1


async def test_after_whatever_change_it_goes_dark_each_run_begins_once(tmp_path: Path) -> None:
    last = 1
    while await lives(tmp_path / str(last), last):
        last += 1
    assert last > 8, "two runs of two steps cannot do with less"
