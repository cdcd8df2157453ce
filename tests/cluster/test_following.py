"""Following: what was applied until it is there, by watches that all share, and by the API server's own account."""

import asyncio
from typing import Any

import pytest

from bot.cluster.port import Applied, Health
from tests.cluster.places import Place, followed, unused
from tests.patience import PATIENCE
from tests.sandbox.kubernetes.conftest import a_deployment


async def rolled_out(place: Place, *applied: Applied, patience: float = 600) -> list[Health]:
    return await followed(place.clusters.follow("east", applied, patience=patience))


async def test_a_rollout_is_followed_to_its_end(place: Place) -> None:
    await place.needs_nodes()
    (web,) = await place.apply(place.deployment(replicas=3))

    told = await rolled_out(place, web)

    assert [each.ready for each in told] == sorted(each.ready for each in told)
    assert (told[-1].ready, told[-1].wanted, told[-1].done) == (3, 3, True)
    assert not any(each.done for each in told[:-1])
    assert all(each.wanted == 3 for each in told)


async def test_a_second_rollout_is_not_taken_for_the_first(place: Place) -> None:
    await place.needs_nodes()
    (first,) = await place.apply(place.deployment())
    await rolled_out(place, first)

    (second,) = await place.apply(place.deployment(image="nginx:1.28"))
    told = await rolled_out(place, second)

    assert second.generation == first.generation + 1
    assert not told[0].done
    assert told[-1].done
    containers = (await place.live(place.deployment()))["spec"]["template"]["spec"]["containers"]
    assert containers[0]["image"] == "nginx:1.28"


async def test_what_is_there_already_is_done_at_once(place: Place) -> None:
    await place.needs_nodes()
    (web,) = await place.apply(place.deployment())
    await rolled_out(place, web)

    (again,) = await place.apply(place.deployment())
    (told,) = await rolled_out(place, again)

    assert told.done


async def test_ten_rollouts_cost_one_apply_each_and_three_watches(place: Place) -> None:
    await place.needs_nodes()
    manifests = [place.deployment(f"web{number}", replicas=1) for number in range(10)]
    await place.apply(place.settings())  # the namespace
    place.requests.clear()

    applied = await place.apply(*manifests)
    told = await asyncio.gather(*(rolled_out(place, each) for each in applied))

    assert all(each[-1].done for each in told)
    assert place.requests.count("PATCH") == 10
    assert place.requests.count("WATCH") == 3  # Deployments, ReplicaSets, Pods
    assert place.requests.count("GET", place.namespace) == 3  # a list before each watch
    assert place.requests.count("GET", f"/{manifests[0]['metadata']['name']}") == 0


def kinds(place: Place) -> list[dict[str, Any]]:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    return [
        place.workload("StatefulSet", replicas=2, serviceName="web"),
        place.workload("DaemonSet"),
        place.workload("ReplicaSet", replicas=2),
        place.job(completions=2),
        place.of(claim),
        place.service(),
        place.settings(),
    ]


@pytest.mark.parametrize("at", range(7))
async def test_every_kind_is_followed_to_its_end(place: Place, at: int) -> None:
    await place.needs_nodes()
    applied = await place.apply(kinds(place)[at])

    told = await rolled_out(place, *applied)

    assert told[-1].done, told
    assert told[-1].ready == told[-1].wanted


async def test_objects_of_several_namespaces_are_followed_together(place: Place) -> None:
    await place.needs_nodes()
    other = unused()
    elsewhere = {**a_deployment()}
    elsewhere["metadata"] = {**elsewhere["metadata"], "namespace": other}
    place.cleared_later({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": other}})
    applied = await place.apply(place.deployment(), elsewhere)

    async with asyncio.timeout(PATIENCE):
        async for health in place.clusters.follow("east", applied):
            if all(each.done for each in health.values()):
                break

    assert {each.namespace for each in health} == {place.namespace, other}


async def test_a_paused_deployment_says_so_and_is_not_waited_for(place: Place) -> None:
    manifest = place.deployment()
    manifest["spec"]["paused"] = True

    told = await rolled_out(place, *await place.apply(manifest))

    assert told[-1].failed.startswith("it is paused, so nothing new is rolled out")


async def test_a_suspended_job_says_so_and_patience_ends(place: Place) -> None:
    applied = await place.apply(place.job(suspend=True))

    told = await rolled_out(place, *applied, patience=1)

    assert told[0].note == "it is suspended"
    assert told[-1].failed == "no progress for 1 s: it is suspended"


async def test_what_does_not_come_is_waited_for_with_patience(place: Place) -> None:
    nobody = Applied(
        api_version="apps/v1",
        kind="Deployment",
        namespace=place.namespace,
        name="nobody",
        generation=1,
        component="nobody",
    )
    told = await rolled_out(place, nobody, patience=1)

    assert told[0] == Health(ready=0, wanted=1, done=False, note="not there yet")
    assert told[-1].failed == "no progress for 1 s: not there yet"


async def test_a_deployment_that_gets_no_further_fails_by_its_own_deadline(place: Place) -> None:
    await place.needs_nodes()
    manifest = place.deployment()
    manifest["spec"]["progressDeadlineSeconds"] = 2
    manifest["spec"]["template"]["spec"]["nodeSelector"] = {"made": "of-gold"}

    told = await rolled_out(place, *await place.apply(manifest))

    assert "nodes are available" in told[-2].note
    assert told[-1].failed.startswith("no progress for 2 s: web-")
    assert "node affinity/selector" in told[-1].failed


async def test_an_object_that_is_deleted_meanwhile_is_missed(place: Place) -> None:
    (job,) = await place.apply(place.job(suspend=True))
    told: list[str] = []
    async with asyncio.timeout(PATIENCE):
        async for health in place.clusters.follow("east", [job]):
            told.append(health[job].note)
            if told == ["it is suspended"]:
                await place.clusters.remove("east", job.ref)
            if told[-1] == "not there yet":
                break

    assert told[0] == "it is suspended"
