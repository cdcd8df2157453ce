"""Components on their way to a target: what is taken down as soon as it is so, whatever becomes of the others."""

import asyncio
from dataclasses import replace

import pytest

from bot.catalog.model import Application, Component
from bot.errors import Permanent
from bot.run.inventory import Key
from bot.run.model import Run
from bot.steps import outlasting
from tests.builders import a_run, a_step
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
        return sum("east answered 503" in said for _, said in ground.shown) > 1

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
