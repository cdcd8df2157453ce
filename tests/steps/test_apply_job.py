"""The step `apply-job`: done once for what its author says, its words kept, made anew by another round after it failed."""

import pytest

from bot.run.inventory import Key
from bot.run.model import Run
from bot.steps.kinds.apply_job import named
from tests.builders import a_run, a_step
from tests.steps.ground import NAMESPACE, Ground
from tests.steps.test_apply_object import a_job

HANGZHOU = {"target": "hangzhou"}
JOBS = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"


def a_run_after(based_on: int, run_id: str) -> Run:
    return a_run(a_step("work", "apply-job"), run_id=run_id, based_on=based_on)


async def jobs(ground: Ground, cluster: str = "east") -> dict[str, str]:
    """Answer the uid of each Job by its name."""
    found = await ground.clusters.find(cluster, "batch/v1", "Job", NAMESPACE)
    return {each["metadata"]["name"]: each["metadata"]["uid"] for each in found}


async def test_a_job_is_run_to_its_end_in_all_targets_and_its_words_are_kept(
    ground: Ground,
) -> None:
    outcome = await ground.done("apply-job", {"value": a_job()})

    (name,) = await jobs(ground)
    assert name == named(a_job(), "content", 1)["metadata"]["name"]
    assert name.startswith("migrate-")
    assert list(await jobs(ground, "west")) == [name]
    assert any(each.startswith("migrate | ") for each in outcome.details)
    assert outcome.message == ""
    assert outcome.outputs["value"]["status"]["succeeded"] == 1
    assert sorted(outcome.outputs["outputs"]) == ["frankfurt", "hangzhou"]
    assert await ground.store.inventory.done("shop", "prod") == {
        Key(cluster, "batch", "Job", NAMESPACE, name) for cluster in ("east", "west")
    }


async def test_a_job_that_succeeded_is_not_run_again_by_whatever_comes_after(
    ground: Ground,
) -> None:
    properties = {"value": a_job(), **HANGZHOU}
    await ground.done("apply-job", properties)
    before = await jobs(ground)

    retried = await ground.done("apply-job", properties, round=2)
    later = await ground.done("apply-job", properties, run=a_run_after(4, "run9"))

    assert await jobs(ground) == before
    assert retried.message == later.message
    assert (
        later.message
        == f"{next(iter(before))} had succeeded in hangzhou before and is not run again"
    )
    assert later.details == ()


@pytest.mark.parametrize("once", ["content", "revision", "environment"])
async def test_a_job_that_the_cluster_has_forgotten_is_not_run_again(
    ground: Ground, once: str
) -> None:
    properties = {"value": a_job(), "once": once, **HANGZHOU}
    await ground.done("apply-job", properties)
    (name,) = await jobs(ground)
    await ground.somebody.deletes(f"{JOBS}/{name}")

    again = await ground.done("apply-job", properties, run=a_run_after(0, "run2"))

    assert await jobs(ground) == {}
    assert "is not run again" in again.message
    assert again.outputs["value"] == {}


async def test_other_content_is_another_job(ground: Ground) -> None:
    await ground.done("apply-job", {"value": a_job(), **HANGZHOU})
    await ground.done("apply-job", {"value": a_job("registry.shop.example/migrate:v2"), **HANGZHOU})

    assert len(await jobs(ground)) == 2


async def test_once_for_each_revision_is_once_for_each(ground: Ground) -> None:
    properties = {"value": a_job(), "once": "revision", **HANGZHOU}

    for based_on, run_id in ((0, "run1"), (0, "run2"), (1, "run3"), (1, "run4"), (2, "run5")):
        await ground.done("apply-job", properties, run=a_run_after(based_on, run_id))

    assert len(await jobs(ground)) == 3


async def test_once_for_an_environment_is_once_whatever_it_runs(ground: Ground) -> None:
    for image, run_id in (("migrate:v1", "run1"), ("migrate:v2", "run2")):
        value = a_job(f"registry.shop.example/{image}")
        await ground.done(
            "apply-job",
            {"value": value, "once": "environment", **HANGZHOU},
            run=a_run_after(3, run_id),
        )

    assert list(await jobs(ground)) == ["migrate-once"]
    there = await ground.there("batch/v1", "Job", "migrate-once")
    (container,) = there["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.shop.example/migrate:v1"


async def test_a_job_that_fails_fails_the_step_with_its_last_words(ground: Ground) -> None:
    name = named(a_job(), "content", 1)["metadata"]["name"]
    ground.sandbox.faults.add("cluster/east", "crash", None, name=name)

    failed = await ground.failed("apply-job", {"value": a_job(), **HANGZHOU})

    assert failed.message == f"{name}: Job has reached the specified backoff limit (in hangzhou)"
    assert not failed.retryable
    assert any("ended with exit code 1" in each for each in failed.details)
    assert await ground.store.inventory.done("shop", "prod") == frozenset()


async def test_a_job_that_failed_is_made_anew_by_another_round_and_by_no_restart(
    ground: Ground,
) -> None:
    properties = {"value": a_job(), **HANGZHOU}
    name = named(a_job(), "content", 1)["metadata"]["name"]
    ground.sandbox.faults.add("cluster/east", "crash", None, name=name)
    await ground.failed("apply-job", properties)
    first = await jobs(ground)
    ground.sandbox.faults.clear()

    # A process that died before it could say so comes back to the same round.
    await ground.failed("apply-job", properties)
    assert await jobs(ground) == first

    await ground.done("apply-job", properties, round=2)
    second = await jobs(ground)
    assert list(second) == [name]
    assert second != first


async def test_where_it_succeeded_it_is_not_run_again_because_it_failed_elsewhere(
    ground: Ground,
) -> None:
    name = named(a_job(), "content", 1)["metadata"]["name"]
    ground.sandbox.faults.add("cluster/west", "crash", None, name=name)
    failed = await ground.failed("apply-job", {"value": a_job()})
    assert failed.message.endswith("(in frankfurt)")
    east, west = await jobs(ground), await jobs(ground, "west")
    ground.sandbox.faults.clear()

    outcome = await ground.done("apply-job", {"value": a_job()}, round=2)

    assert await jobs(ground) == east
    assert await jobs(ground, "west") != west
    assert "had succeeded in hangzhou before" in outcome.message


async def test_a_step_that_was_cut_off_goes_on_with_the_job_that_it_made(ground: Ground) -> None:
    properties = {"value": a_job(), **HANGZHOU}

    await ground.cut_off("apply-job", properties, lambda: jobs(ground))
    made = await jobs(ground)
    outcome = await ground.done("apply-job", properties)

    assert await jobs(ground) == made
    assert any(each.startswith("migrate | ") for each in outcome.details)
