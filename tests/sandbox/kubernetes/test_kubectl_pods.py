"""What keeps a pod from running, as kubectl shows it."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.patience import PATIENCE
from tests.sandbox.kubernetes.conftest import Kubectl, a_deployment

pytestmark = pytest.mark.kubectl


def with_spec(name: str = "web", *, container: dict[str, Any] | None = None, **spec: Any) -> Any:
    """Make a Deployment of one replica with more in its pod's spec."""
    made = a_deployment(name, replicas=1)
    pod = made["spec"]["template"]["spec"]
    pod.update(spec)
    pod["containers"][0].update(container or {})
    return made


async def pod(kubectl: Kubectl, name: str = "web") -> dict[str, Any]:
    found = await kubectl.reads("-n", "shop", "get", "pods", "-l", f"app={name}")
    first: dict[str, Any] = found["items"][0]
    return first


async def shows(kubectl: Kubectl, *wanted: str, name: str = "web") -> str:
    """Wait until the row of a pod shows one of some texts; answer the row."""
    async with asyncio.timeout(PATIENCE):
        while True:
            row = await kubectl.does(
                "-n", "shop", "get", "pods", "-l", f"app={name}", "--no-headers"
            )
            if any(each in row for each in wanted):
                return row


async def events(kubectl: Kubectl) -> str:
    return await kubectl.does("-n", "shop", "get", "events")


async def rolled_out(kubectl: Kubectl, name: str = "web") -> None:
    await kubectl.does("-n", "shop", "rollout", "status", f"deployment/{name}", "--timeout=150s")


async def test_a_secret_that_is_not_there_is_named_until_it_comes(kubectl: Kubectl) -> None:
    reference = {"secretKeyRef": {"name": "db", "key": "password"}}
    environment = [{"name": "PASSWORD", "valueFrom": reference}]
    await kubectl.applies(with_spec(container={"env": environment}))

    await shows(kubectl, "CreateContainerConfigError")

    waiting = (await pod(kubectl))["status"]["containerStatuses"][0]["state"]["waiting"]
    assert waiting["message"] == 'secret "db" not found'
    assert 'Error: secret "db" not found' in await events(kubectl)
    meta = {"name": "db", "namespace": "shop"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": {"user": "me"}}
    await kubectl.applies(secret)
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "pod",
        "-l",
        "app=web",
        "--timeout=150s",
        "--for=jsonpath={.status.containerStatuses[0].state.waiting.message}"
        "=couldn't find key password in Secret shop/db",
    )  # fmt: skip - reads as a line of shell
    await kubectl.applies({**secret, "stringData": {"password": "pretended"}})
    await rolled_out(kubectl)


@pytest.mark.parametrize(
    ("container", "said"),
    [
        ({"envFrom": [{"configMapRef": {"name": "settings"}}]}, 'configmap "settings" not found'),
        ({"envFrom": [{"secretRef": {"name": "db"}}]}, 'secret "db" not found'),
    ],
)
async def test_an_environment_from_what_is_not_there_is_none(
    kubectl: Kubectl, container: dict[str, Any], said: str
) -> None:
    await kubectl.applies(with_spec(container=container))
    await shows(kubectl, "CreateContainerConfigError")
    assert f"Error: {said}" in await events(kubectl)


async def test_what_is_optional_is_not_missed(kubectl: Kubectl) -> None:
    reference = {"secretKeyRef": {"name": "db", "key": "password", "optional": True}}
    volume = {"name": "config", "configMap": {"name": "settings", "optional": True}}
    await kubectl.applies(
        with_spec(container={"env": [{"name": "P", "valueFrom": reference}]}, volumes=[volume])
    )
    await rolled_out(kubectl)


async def test_a_volume_of_what_is_not_there_is_not_mounted(kubectl: Kubectl) -> None:
    volume = {"name": "config", "configMap": {"name": "settings"}}
    await kubectl.applies(with_spec(volumes=[volume]))

    said = 'MountVolume.SetUp failed for volume "config" : configmap "settings" not found'
    async with asyncio.timeout(PATIENCE):
        while said not in await events(kubectl):
            pass
    await shows(kubectl, "ContainerCreating")
    meta = {"name": "settings", "namespace": "shop"}
    await kubectl.applies({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
    await rolled_out(kubectl)


async def test_init_containers_run_in_order_before_the_others(kubectl: Kubectl) -> None:
    inits = [{"name": "first", "image": "busybox"}, {"name": "second", "image": "busybox"}]
    await kubectl.applies(with_spec(initContainers=inits))
    await rolled_out(kubectl)

    found = (await pod(kubectl))["status"]["initContainerStatuses"]

    ends = [each["state"]["terminated"] for each in found]
    assert [each["reason"] for each in ends] == ["Completed", "Completed"]
    assert ends[0]["finishedAt"] <= ends[1]["startedAt"]
    assert "first" in await kubectl.does("-n", "shop", "logs", "deploy/web", "-c", "first")


async def test_an_init_container_that_fails_holds_the_others_up(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "crash", None, name="web", container="prepare")
    await kubectl.applies(with_spec(initContainers=[{"name": "prepare", "image": "busybox"}]))

    await shows(kubectl, "Init:Error")
    await shows(kubectl, "Init:CrashLoopBackOff")

    status = (await pod(kubectl))["status"]
    assert status["phase"] == "Pending"
    assert status["containerStatuses"][0]["state"]["waiting"]["reason"] == "PodInitializing"
    kubectl.sandbox.faults.clear()
    await rolled_out(kubectl)


async def test_a_sidecar_among_the_init_containers_goes_on_running(kubectl: Kubectl) -> None:
    sidecar = {"name": "proxy", "image": "envoy:1", "restartPolicy": "Always"}
    await kubectl.applies(with_spec(initContainers=[sidecar]))
    await rolled_out(kubectl)
    assert (await shows(kubectl, "Running")).split()[1] == "2/2"


async def test_the_fault_unschedulable_keeps_pods_from_the_nodes(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "unschedulable", None, name="web")
    await kubectl.applies(a_deployment(replicas=1))
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "pod",
        "-l",
        "app=web",
        "--timeout=150s",
        "--for=condition=PodScheduled=false",
    )  # fmt: skip - reads as a line of shell

    assert "Pending" in await shows(kubectl, "Pending")
    said = "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available"
    assert said in await events(kubectl)
    kubectl.sandbox.faults.clear()
    await rolled_out(kubectl)


async def test_a_pod_that_asks_for_more_than_a_node_has_stays_pending(kubectl: Kubectl) -> None:
    await kubectl.applies(
        with_spec(container={"resources": {"requests": {"cpu": "9", "memory": "1Gi"}}})
    )
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "pod",
        "-l",
        "app=web",
        "--timeout=150s",
        "--for=condition=PodScheduled=false",
    )  # fmt: skip - reads as a line of shell
    (condition,) = (await pod(kubectl))["status"]["conditions"]
    assert condition["message"] == (
        "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: "
        "2 Preemption is not helpful for scheduling."
    )


async def test_the_nodes_fill_up(kubectl: Kubectl) -> None:
    big = with_spec(container={"resources": {"requests": {"memory": "9Gi"}}})
    big["spec"]["replicas"] = 3
    await kubectl.applies(big)

    async with asyncio.timeout(PATIENCE):
        while (await kubectl.reads("-n", "shop", "get", "deploy", "web"))["status"].get(
            "readyReplicas"
        ) != 2:
            pass

    row = await shows(kubectl, "Pending")
    assert row.count("Running") == 2
    said = "2 Insufficient memory. preemption: 0/2 nodes are available: 2 No preemption victims"
    assert said in await events(kubectl)
    assert "cpu" in await kubectl.does("describe", "node", "east-node-1")


async def test_a_crash_leaves_a_trace_and_what_should_not_be_logged(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "crash", None, name="web")
    two = with_spec()
    two["spec"]["template"]["spec"]["containers"].append({"name": "proxy", "image": "envoy:1"})
    await kubectl.applies(two)

    row = await shows(kubectl, "CrashLoopBackOff")

    assert row.split()[1] in {"0/2", "1/2"}
    log = await kubectl.does("-n", "shop", "logs", "deploy/web", "-c", "web", "--previous")
    assert log.splitlines()[-1] == "ConnectionRefusedError: [Errno 111] Connection refused"
    assert "Traceback (most recent call last):" in log
    assert "DB_PASSWORD=pretended-" in log
    assert "Back-off restarting failed container web in pod web-" in await events(kubectl)


async def test_a_container_out_of_memory_is_killed(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "oom", None, name="web")
    await kubectl.applies(with_spec())

    await shows(kubectl, "CrashLoopBackOff")

    last = (await pod(kubectl))["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert (last["reason"], last["exitCode"]) == ("OOMKilled", 137)


async def test_a_liveness_probe_that_fails_restarts_what_runs(kubectl: Kubectl) -> None:
    await kubectl.applies(with_spec())
    await rolled_out(kubectl)

    kubectl.sandbox.faults.add("cluster/east", "probe", None, name="web")
    await shows(kubectl, "CrashLoopBackOff")

    told = await events(kubectl)
    assert "Liveness probe failed: HTTP probe failed with statuscode: 500" in told
    assert "Container web failed liveness probe, will be restarted" in told
    kubectl.sandbox.faults.clear()
    await kubectl.does(
        "-n", "shop", "wait", "pod", "-l", "app=web", "--for=condition=Ready", "--timeout=150s"
    )
    assert (await pod(kubectl))["status"]["containerStatuses"][0]["restartCount"] >= 2


async def test_an_image_has_a_digest_that_a_moved_tag_changes(kubectl: Kubectl) -> None:
    async def image_id() -> str:
        await rolled_out(kubectl)
        found = await kubectl.reads(
            "-n", "shop", "get", "pods", "-l", "app=web", "--sort-by=.metadata.creationTimestamp"
        )
        return str(found["items"][-1]["status"]["containerStatuses"][0]["imageID"])

    await kubectl.applies(a_deployment(image="registry.shop.example/web:v1", replicas=1))
    first = await image_id()
    assert first.startswith("registry.shop.example/web@sha256:")
    assert len(first.rpartition(":")[2]) == 64

    async with httpx.AsyncClient(base_url=f"{kubectl.sandbox.url}/control") as control:
        answer = await control.post(
            "/clusters/move-tag", json={"image": "registry.shop.example/web:v1"}
        )
    await kubectl.does("-n", "shop", "delete", "pod", "-l", "app=web")

    assert await image_id() == f"registry.shop.example/web@{answer.json()['digest']}"
    assert await image_id() != first


async def test_nodes_are_described_and_can_be_cordoned(kubectl: Kubectl) -> None:
    rows = (await kubectl.does("get", "nodes", "-o", "wide", "--no-headers")).splitlines()
    assert [each.split()[:2] for each in rows] == [
        ["east-node-1", "Ready"],
        ["east-node-2", "Ready"],
    ]
    await kubectl.does("cordon", "east-node-1")
    await kubectl.applies(a_deployment(replicas=2))
    await rolled_out(kubectl)
    pods = await kubectl.reads("-n", "shop", "get", "pods")
    assert {each["spec"]["nodeName"] for each in pods["items"]} == {"east-node-2"}
    told = await kubectl.does("describe", "node", "east-node-2")
    assert "KubeletReady" in told
    assert "shop" in told


async def test_a_taint_keeps_pods_off_that_do_not_tolerate_it(kubectl: Kubectl) -> None:
    await kubectl.does("taint", "nodes", "--all", "gpu=yes:NoSchedule")
    await kubectl.applies(with_spec())
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "pod",
        "-l",
        "app=web",
        "--timeout=150s",
        "--for=condition=PodScheduled=false",
    )  # fmt: skip - reads as a line of shell
    said = "0/2 nodes are available: 2 node(s) had untolerated taint {gpu: yes}"
    assert said in await events(kubectl)

    await kubectl.applies(with_spec(tolerations=[{"key": "gpu", "operator": "Exists"}]))
    await rolled_out(kubectl)


async def test_kubectl_may_do_anything(kubectl: Kubectl) -> None:
    assert await kubectl.does("auth", "can-i", "create", "pods") == "yes\n"


async def test_a_node_is_drained(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment(replicas=2))
    await rolled_out(kubectl)
    await kubectl.does("drain", "east-node-1", "--timeout=150s")
    await rolled_out(kubectl)
    pods = await kubectl.reads("-n", "shop", "get", "pods")
    assert {each["spec"]["nodeName"] for each in pods["items"]} == {"east-node-2"}


async def test_what_is_edited_by_hand_belongs_to_the_hand(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment(), manager="shipmate")
    patch = {"spec": {"replicas": 3}}
    asked = {"cluster": "east", "kind": "Deployment", "namespace": "shop", "name": "web"}
    async with httpx.AsyncClient(base_url=f"{kubectl.sandbox.url}/control") as control:
        answer = await control.post("/clusters/edit", json={**asked, "patch": patch})
        missing = await control.post("/clusters/edit", json={**asked, "name": "no", "patch": patch})
    assert answer.json()["object"]["spec"]["replicas"] == 3
    assert missing.status_code == 400
    assert 'deployments.apps "no" not found' in missing.json()["error"]

    refused = await kubectl(
        "apply",
        "--server-side",
        "--field-manager=shipmate",
        "-f",
        "-",
        given=json.dumps(a_deployment()),
    )  # fmt: skip - reads as a line of shell
    assert refused.code == 1
    assert 'conflict with "kubectl-edit" using apps/v1' in refused.err
