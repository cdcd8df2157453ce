"""Components on their way to a target: what is taken down as soon as it is so, whatever becomes of the others."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.catalog.model import Application, Component
from bot.cluster.port import Applied, Away, Health
from bot.errors import Permanent
from bot.run.inventory import Key
from bot.run.model import Progress, Run
from bot.steps import outlasting
from bot.steps.progress import Board
from tests.builders import a_run, a_step
from tests.patience import PATIENCE
from tests.steps.ground import NAMESPACE, Ground, until

MIGRATE = Component(
    name="migrate",
    type="task",
    properties={"image": "registry.shop.example/migrate:v1", "cmd": ["migrate", "up"]},
)
WEB = Component(name="web", type="webservice", properties={"image": "registry.shop.example/web:v1"})
HANGZHOU = {"env": "hangzhou"}


def of(*components: Component) -> Run:
    run = a_run(a_step("work", "deploy2env"))
    application = Application(name="shop", components=components)
    return replace(run, plan=replace(run.plan, application=application))


async def jobs_done(ground: Ground) -> list[Key]:
    return sorted(await ground.store.inventory.done("shop", "prod"))


async def test_a_job_that_succeeded_beside_something_that_never_does_is_not_run_again(
    ground: Ground,
) -> None:
    ground.sandbox.faults.add("cluster/east", "image", None, image="registry.shop.example/web")
    run = of(MIGRATE, WEB)

    # The attempt still waits for the other component.
    await ground.cut_off("deploy2env", HANGZHOU, lambda: jobs_done(ground), run=run)
    (key,) = await jobs_done(ground)
    await ground.somebody.deletes(f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs/{key.name}")

    ground.sandbox.faults.clear()
    await ground.done("deploy2env", HANGZHOU, run=run, round=2)

    assert await ground.clusters.find("east", "batch/v1", "Job", NAMESPACE) == []
    await ground.there("apps/v1", "Deployment", "web")


async def test_a_cluster_that_is_away_is_waited_for_within_the_attempt_and_the_card_says_why(
    ground: Ground,
) -> None:
    """An outage of a minute is no reason to use up the attempts of a step."""
    ground.sandbox.faults.add("cluster/east", "down", None)
    work = asyncio.create_task(ground.done("deploy2env", HANGZHOU, run=of(WEB)))

    async def told() -> bool:
        return any("east answered 503" in said for _, said in ground.shown)

    await until(told)
    ground.sandbox.faults.clear()
    await work

    assert ground.shown[-1][1] == ""
    await ground.there("apps/v1", "Deployment", "web")


async def test_a_cluster_that_stays_away_ends_the_step_with_why(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlasting, "LONGEST", 0.0)
    ground.sandbox.faults.add("cluster/east", "down", None)
    with pytest.raises(Permanent, match=r"^east answered 503: .*, for 0 min$"):
        await ground.work("deploy2env", HANGZHOU, run=of(WEB))


class Card:
    """What was reported of a step."""

    def __init__(self) -> None:
        self.said: list[tuple[list[str], str]] = []

    async def __call__(self, progress: Sequence[Progress], message: str = "") -> None:
        self.said.append(([each.name for each in progress], message))


def ready(count: int) -> dict[Applied, Health]:
    web = Applied(
        api_version="apps/v1",
        kind="Deployment",
        namespace="shop",
        name="web",
        generation=1,
        component="web",
    )
    return {web: Health(ready=count, wanted=2, done=False)}


async def test_a_cluster_that_hangs_is_not_waited_for_without_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outlasting, "LONGEST", 0.05)
    monkeypatch.setattr(outlasting, "LONGEST_PAUSE", 0.0)
    monkeypatch.setattr(outlasting, "PAUSES", (0.0,))

    async def hang() -> None:
        await asyncio.sleep(0.01)
        raise Away("east did not answer in time")

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(Permanent, match="did not answer in time, for"):
            await outlasting.outlasted(hang, Board(Card(), several=True), "hangzhou")


async def test_a_cluster_that_was_there_meanwhile_may_be_away_as_long_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outlasting, "LONGEST", 0.01)
    monkeypatch.setattr(outlasting, "LONGEST_PAUSE", 0.0)
    monkeypatch.setattr(outlasting, "PAUSES", (0.0,))
    board, tries = Board(Card(), several=True), iter((1, 2, 3))

    async def act() -> int:
        number = next(tries)
        if number == 3:
            return number
        await asyncio.sleep(0.05)
        if number == 2:
            await board.show("hangzhou", ready(1))
        raise Away("east did not answer in time")

    assert await outlasting.outlasted(act, board, "hangzhou") == 3


async def test_what_keeps_one_target_stays_on_the_card_while_another_gets_on() -> None:
    card = Card()
    board = Board(card, several=True)
    await board.show("hangzhou", ready(0))
    await board.say("frankfurt", "west is away")
    await board.say("frankfurt", "west is away")
    await board.show("hangzhou", ready(0))
    await board.show("hangzhou", ready(1))
    await board.say("hangzhou", "east is away")
    await board.clear("frankfurt")
    await board.clear("frankfurt")

    assert [said for _, said in card.said] == [
        "",
        "west is away",
        "west is away",
        "west is away; east is away",
        "east is away",
    ]
