"""Jobs that are delivered again: one that succeeded is left alone, one that failed is made anew, once for each round."""

from typing import Any

from bot.cluster.kube.clusters import KubeClusters
from bot.rendering.objects import ROUND
from bot.run.inventory import ref_of
from bot.sandbox.server import Sandbox
from bot.steps.jobs import prepared
from tests.cluster.places import followed as rolled_out
from tests.cluster.test_explaining import a_job

JOB = a_job(backoffLimit=0)


async def delivered(clusters: KubeClusters, key: str) -> tuple[str, bool]:
    """Deliver the Job in a round; answer which object it is, and whether it has done its work."""
    ready = await prepared(clusters, "east", [JOB], key)
    applied = [*await clusters.apply("east", ready.fresh), *ready.standing]
    told = await rolled_out(clusters.follow("east", applied))
    live = await live_job(clusters)
    assert live is not None
    return str(live["metadata"]["uid"]), told[-1].done


async def live_job(clusters: KubeClusters) -> dict[str, Any] | None:
    (found,) = await clusters.live("east", [ref_of(JOB)])
    return found


async def test_a_job_that_succeeded_is_never_run_again(clusters: KubeClusters) -> None:
    first = await delivered(clusters, "run1/deploy/1")
    again = await delivered(clusters, "run2/deploy/1")

    assert first == again
    live = await live_job(clusters)
    assert live is not None
    assert live["metadata"]["annotations"] == {ROUND: "run1/deploy/1"}


async def test_a_job_that_failed_is_run_again_by_another_round_only(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    sandbox.faults.add("cluster/east", "crash", None, name="migrate")
    first, done = await delivered(clusters, "run1/deploy/1")
    assert not done
    sandbox.faults.clear()

    assert await delivered(clusters, "run1/deploy/1") == (first, False)
    anew, done = await delivered(clusters, "run1/deploy/2")

    assert done
    assert anew != first


async def test_a_job_that_somebody_else_made_keeps_what_it_says(clusters: KubeClusters) -> None:
    await rolled_out(clusters.follow("east", await clusters.apply("east", [JOB])))

    ready = await prepared(clusters, "east", [JOB], "run1/deploy/1")

    assert [each.name for each in ready.standing] == ["migrate"]
    assert not ready.fresh
    assert not ready.told


async def test_removing_what_is_not_there_is_fine(clusters: KubeClusters) -> None:
    await clusters.apply("east", [JOB])
    await clusters.remove("east", ref_of(JOB))
    await clusters.remove("east", ref_of(JOB))

    assert await live_job(clusters) is None
