"""Why it failed, for a person: on the sandbox, where the world can be made to fail, and in words of the real API server."""

import asyncio
from typing import Any

import pytest

from bot.cluster.kube.clusters import KubeClusters
from bot.cluster.port import Applied, Explanation, Manifest
from bot.errors import Temporary
from bot.sandbox.server import Sandbox
from tests.cluster.places import MERGE, Place, followed
from tests.patience import PATIENCE
from tests.sandbox.kubernetes.conftest import a_deployment


async def acted(place: Place, manifest: Manifest, status: dict[str, Any]) -> str:
    """Act the kubelet of a Deployment's pods, which no scheduler gives to another one, until it has failed.

    Answer the verdict. `status` is what the kubelet says of each pod.
    """
    manifest["spec"]["template"]["spec"]["schedulerName"] = "nobody"
    said: set[str] = set()

    async def act() -> None:
        while True:
            for pod in await place.clusters.find("east", "v1", "Pod", place.namespace):
                name = pod["metadata"]["name"]
                if name not in said:
                    await place.by_another("kubelet", pod, {"status": status}, MERGE, "/status")
                    said.add(name)
            await asyncio.sleep(0.2)

    acting = asyncio.create_task(act())
    try:
        verdict, _ = await failed(place, manifest)
    finally:
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)
    return verdict


def container(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Answer what a kubelet says of a container."""
    image = {"name": "web", "image": "nginx:1.27", "imageID": ""}
    return {**image, "ready": False, "restartCount": 4, "state": state, **more}


async def failed(place: Place, manifest: Manifest, deadline: int = 4) -> tuple[str, Explanation]:
    """Follow a workload until it has failed; answer the verdict and what is said of it."""
    manifest["spec"]["progressDeadlineSeconds"] = deadline
    applied = await place.apply(manifest)
    told = await followed(place.clusters.follow("east", applied))
    assert told[-1].failed, told
    return told[-1].failed, await place.clusters.explain("east", applied)


async def test_an_image_that_cannot_be_pulled_is_explained(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    sandbox.faults.add("cluster/east", "image", None, image="nginx:1.27")
    applied = await clusters.apply("east", [a_deployment()])

    told = await followed(clusters.follow("east", applied))
    lines = (await clusters.explain("east", applied)).lines

    assert told[-1].failed == "the image nginx:1.27 cannot be pulled"
    assert "ImagePull" in lines[0]
    assert lines[0].endswith("the image nginx:1.27 cannot be pulled")
    assert any(each.startswith("Failed: ") for each in lines[1:])


async def test_a_crash_is_explained_by_its_last_words(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    sandbox.faults.add("cluster/east", "crash", None, name="web")
    applied = await clusters.apply("east", [a_deployment()])

    told = await followed(clusters.follow("east", applied))
    said = await clusters.explain("east", applied)

    assert "crashes again and again (exit code 1)" in told[-1].failed
    last = next(line for line in reversed(said.log.splitlines()) if line)
    assert said.lines[-1] == f"web | {last}"
    assert "Traceback" in said.log
    assert not any("Traceback" in each for each in said.lines)  # there is more than fits
    assert len(said.lines) <= 20


def a_job(**spec: object) -> Manifest:
    template = a_deployment()["spec"]["template"]
    template["spec"]["restartPolicy"] = "Never"
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migrate", "namespace": "shop"},
        "spec": {"template": template, **spec},
    }


async def test_a_job_that_fails_is_explained_by_its_last_words(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    sandbox.faults.add("cluster/east", "crash", None, name="migrate")
    applied = await clusters.apply("east", [a_job(backoffLimit=1)])

    told = await followed(clusters.follow("east", applied))
    lines = (await clusters.explain("east", applied)).lines

    assert "backoff limit" in told[-1].failed
    assert "ended with exit code 1" in lines[0]
    assert any(each.startswith("web | ") for each in lines[1:])


async def test_what_jobs_said_is_answered_also_when_they_succeeded(place: Place) -> None:
    await place.needs_nodes()
    jobs = await place.apply(place.job("migrate"), place.job("seed"))
    for each in jobs:
        await followed(place.clusters.follow("east", [each]))

    said = await place.clusters.words("east", jobs)

    assert {each.partition(" | ")[0] for each in said.lines} == {"migrate", "seed"}
    assert await place.clusters.words("east", []) == Explanation()


@pytest.mark.only("real")
async def test_a_crash_tells_how_it_ended(place: Place) -> None:
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting"}}
    ended = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "startedAt": None}}
    crashing = container(waiting, lastState=ended)

    verdict = await acted(
        place,
        place.deployment(replicas=1),
        {"phase": "Running", "containerStatuses": [crashing]},
    )

    assert "web crashes again and again (exit code 137, OOMKilled:" in verdict


@pytest.mark.only("real")
async def test_a_missing_secret_is_named(place: Place) -> None:
    missing = {"reason": "CreateContainerConfigError", "message": 'secret "missing" not found'}

    verdict = await acted(
        place,
        place.deployment(replicas=1),
        {"phase": "Pending", "containerStatuses": [container({"waiting": missing})]},
    )

    assert verdict.endswith('web: secret "missing" not found')


@pytest.mark.parametrize(
    ("pod", "said"),
    [
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "a"}}}]},
            'web: secret "db" not found',
        ),
        (
            {"envFrom": [{"configMapRef": {"name": "flags"}}]},
            'web: configmap "flags" not found',
        ),
    ],
)
@pytest.mark.only("sandbox")
async def test_what_a_container_needs_and_is_not_there_is_named(
    place: Place, pod: dict[str, object], said: str
) -> None:
    wrong = place.deployment(replicas=1)
    wrong["spec"]["template"]["spec"]["containers"][0].update(pod)

    verdict, told = await failed(place, wrong)

    assert verdict.endswith(said)
    assert told.lines[0].endswith(said)


@pytest.mark.only("sandbox")
async def test_a_volume_that_cannot_be_mounted_is_told_by_its_event(place: Place) -> None:
    wrong = place.deployment(replicas=1)
    volume = {"name": "tls", "secret": {"secretName": "web-tls"}}
    wrong["spec"]["template"]["spec"]["volumes"] = [volume]

    _, told = await failed(place, wrong)

    assert told.lines[0].endswith("its containers have not started")
    (event,) = [each for each in told.lines if each.startswith("FailedMount: ")]
    assert 'secret "web-tls" not found' in event


@pytest.mark.only("real")
async def test_a_probe_that_fails_is_told(place: Place) -> None:
    running = container({"running": {"startedAt": "2026-11-26T08:00:00Z"}}, restartCount=0)

    verdict = await acted(
        place,
        place.deployment(replicas=1),
        {"phase": "Running", "containerStatuses": [running]},
    )

    assert verdict.endswith("web runs, but is not ready")


@pytest.mark.only("real")
async def test_an_init_container_is_named(place: Place) -> None:
    wrong = place.deployment(replicas=1)
    wrong["spec"]["template"]["spec"]["initContainers"] = [{"name": "wait", "image": "busybox"}]
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting"}}
    crashing = container(waiting, name="wait", lastState={"terminated": {"exitCode": 1}})

    verdict = await acted(place, wrong, {"phase": "Pending", "initContainerStatuses": [crashing]})

    assert "the init container wait crashes again and again" in verdict


async def test_a_pod_that_no_node_takes_is_told_in_the_schedulers_words(place: Place) -> None:
    await place.needs_nodes()
    wrong = place.deployment(replicas=1)
    wrong["spec"]["template"]["spec"]["nodeSelector"] = {"made": "of-gold"}

    verdict, said = await failed(place, wrong)

    assert "node affinity/selector" in verdict
    assert "nodes are available" in said.lines[0]
    assert not any(each.startswith("FailedScheduling") for each in said.lines)  # said already


async def test_a_quota_is_told_although_there_is_no_pod(place: Place) -> None:
    quota = place.of(
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "small"},
            "spec": {"hard": {"pods": "0"}},
        }
    )
    wrong = place.deployment(replicas=1)
    await place.apply(quota)

    verdict, said = await failed(place, wrong)

    assert "exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0" in verdict
    assert said.lines[0].startswith("web: pods cannot be made: exceeded quota: small")


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "Job"])
async def test_a_quota_is_told_for_every_kind_that_makes_pods(place: Place, kind: str) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small"},
        "spec": {"hard": {"pods": "0"}},
    }
    made = {
        "StatefulSet": place.workload("StatefulSet", replicas=1, serviceName="web"),
        "DaemonSet": place.workload("DaemonSet"),
        "Job": place.job(),
    }
    if kind == "DaemonSet":
        await place.needs_nodes()
    await place.apply(place.of(quota))
    applied = await place.apply(made[kind])

    told = await followed(place.clusters.follow("east", applied, patience=2))
    lines = (await place.clusters.explain("east", applied)).lines

    assert told[-1].failed.startswith("no progress for 2 s")
    assert any("exceeded quota: small" in each for each in lines), lines


@pytest.mark.only("real")
async def test_a_namespace_that_admits_no_such_pod_is_told(place: Place) -> None:
    wrong = place.deployment(replicas=1)
    wrong["spec"]["template"]["spec"]["hostNetwork"] = True
    label = "pod-security.kubernetes.io/enforce"
    await place.apply(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": place.namespace, "labels": {label: "restricted"}},
        }
    )

    verdict, said = await failed(place, wrong)

    assert 'violates PodSecurity "restricted:latest"' in verdict
    assert "hostNetwork" in said.lines[0]


@pytest.mark.parametrize(
    ("fault", "verdict", "said"),
    [
        ("oom", "exit code 137, OOMKilled: it took more memory than its limit", "OOMKilled"),
        ("not-ready", "web runs, but is not ready", "web runs, but is not ready"),
        ("unschedulable", "nodes are available", "nodes are available"),
    ],
)
async def test_what_the_sandbox_does_to_pods_is_explained_as_on_a_real_cluster(
    clusters: KubeClusters, sandbox: Sandbox, fault: str, verdict: str, said: str
) -> None:
    sandbox.faults.add("cluster/east", fault, None, name="web")
    manifest = a_deployment(replicas=1)
    manifest["spec"]["progressDeadlineSeconds"] = 5
    applied = await clusters.apply("east", [manifest])

    told = await followed(clusters.follow("east", applied))
    lines = (await clusters.explain("east", applied)).lines

    assert verdict in told[-1].failed
    assert any(said in each for each in lines), lines


async def test_the_contents_of_images_are_known_of_what_runs(clusters: KubeClusters) -> None:
    applied = await clusters.apply("east", [a_deployment(), a_job()])
    async with asyncio.timeout(PATIENCE):
        async for health in clusters.follow("east", applied):
            if all(each.done for each in health.values()):
                break

    found = await clusters.digests("east", applied)

    assert set(found) == {"nginx:1.27"}
    assert found["nginx:1.27"].startswith("sha256:")


async def test_a_server_that_is_down_is_a_matter_of_time_and_explains_nothing(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    sandbox.faults.add("cluster/east", "down", None)
    web = Applied(
        api_version="apps/v1",
        kind="Deployment",
        namespace="shop",
        name="web",
        generation=1,
        component="web",
    )

    with pytest.raises(Temporary, match="east answered 503"):
        await clusters.apply("east", [a_deployment()])
    assert await clusters.explain("east", [web]) == Explanation()
    assert await clusters.words("east", [web]) == Explanation()
    assert await clusters.digests("east", [web]) == {}
