"""get, describe, logs: what a person sees of a cluster."""

import asyncio

import pytest

from tests.patience import PATIENCE
from tests.sandbox.kubernetes.conftest import Kubectl, a_deployment

pytestmark = pytest.mark.kubectl


async def rolled_out(kubectl: Kubectl, name: str = "web") -> None:
    await kubectl.does("-n", "shop", "rollout", "status", f"deployment/{name}", "--timeout=150s")


async def test_get_prints_tables(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())
    await rolled_out(kubectl)

    head, row = (await kubectl.does("-n", "shop", "get", "deployments")).splitlines()
    assert head.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert row.split()[:4] == ["web", "2/2", "2", "2"]
    wide = await kubectl.does("-n", "shop", "get", "deploy", "-o", "wide")
    assert "nginx:1.27" in wide
    assert "app=web" in wide
    pods = (await kubectl.does("-n", "shop", "get", "pods", "--no-headers")).splitlines()
    assert [each.split()[1:4] for each in pods] == [["1/1", "Running", "0"]] * 2
    everywhere = await kubectl.does("get", "pods", "-A")
    assert everywhere.splitlines()[0].split()[0] == "NAMESPACE"


async def test_get_prints_names_yaml_and_what_a_path_leads_to(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())

    assert await kubectl.does("-n", "shop", "get", "deploy", "-o", "name") == (
        "deployment.apps/web\n"
    )
    shown = await kubectl.does("-n", "shop", "get", "deploy", "web", "-o", "yaml")
    assert "apiVersion: apps/v1\nkind: Deployment\n" in shown
    assert "image: nginx:1.27" in shown
    assert "managedFields" not in shown
    path = "jsonpath={.spec.template.spec.containers[0].image}"
    assert await kubectl.does("-n", "shop", "get", "deploy", "web", "-o", path) == "nginx:1.27"


async def test_get_selects_by_label_and_by_field(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment(), a_deployment("api"))
    await rolled_out(kubectl)
    await rolled_out(kubectl, "api")

    found = await kubectl.does(
        "-n", "shop", "get", "deploy", "-l", "app in (api,other)", "-o", "name"
    )
    assert found == "deployment.apps/api\n"
    assert await kubectl.does(
        "-n", "shop", "get", "deploy", "-l", "app!=api,app", "-o", "name"
    ) == ("deployment.apps/web\n")
    running = await kubectl.reads(
        "-n", "shop", "get", "pods", "--field-selector=status.phase=Running"
    )
    assert len(running["items"]) == 4
    named = await kubectl.reads("-n", "shop", "get", "deploy", "--field-selector=metadata.name=api")
    assert [each["metadata"]["name"] for each in named["items"]] == ["api"]


async def test_describe_tells_what_happened(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())
    await rolled_out(kubectl)

    deployment = await kubectl.does("-n", "shop", "describe", "deployment", "web")
    assert "2 desired | 2 updated | 2 total | 2 available | 0 unavailable" in deployment
    assert "ScalingReplicaSet" in deployment
    pod = await kubectl.does("-n", "shop", "describe", "pod", "-l", "app=web")
    assert "Successfully assigned shop/web-" in pod
    assert "Started container web" in pod


async def test_logs_are_there_and_those_of_a_crash_too(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment(replicas=1))
    await rolled_out(kubectl)
    assert (await kubectl.does("-n", "shop", "logs", "deployment/web")).strip()
    assert (
        len((await kubectl.does("-n", "shop", "logs", "deploy/web", "--tail=1")).splitlines()) == 1
    )

    kubectl.sandbox.faults.add("cluster/east", "crash", None, name="api")
    await kubectl.applies(a_deployment("api", replicas=1))
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "pod",
        "-l",
        "app=api",
        "--timeout=150s",
        "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff",
    )  # fmt: skip - reads as a line of shell

    assert (await kubectl.does("-n", "shop", "logs", "-l", "app=api", "--previous")).strip()
    rows = await kubectl.start("-n", "shop", "get", "pods", "-l", "app=api", "--watch")
    assert rows.stdout is not None
    async with asyncio.timeout(
        PATIENCE
    ):  # it comes and goes: a container that crashes is started again
        while b"CrashLoopBackOff" not in await rows.stdout.readline():
            pass
    rows.kill()
    await rows.communicate()


async def test_get_watch_tells_each_change_in_order(kubectl: Kubectl) -> None:
    process = await kubectl.start("-n", "shop", "get", "deploy", "--watch", "--no-headers")
    assert process.stdout is not None
    await kubectl.applies(a_deployment())

    seen = []
    while "2/2" not in seen:
        line = (await process.stdout.readline()).decode()
        seen.append(line.split()[1])
    process.terminate()
    await process.communicate()

    assert seen[0] == "0/2"
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-n", "shop", "get", "deploy", "nope"), 'deployments.apps "nope" not found'),
        (("get", "things"), "the server doesn't have a resource type"),
        (("-n", "shop", "get", "pods", "-l", "a=(b"), "unable to parse requirement"),
        (("-n", "shop", "logs", "nope"), 'pods "nope" not found'),
    ],
    ids=["object", "kind", "selector", "logs"],
)
async def test_what_is_not_there_is_told_as_kubectl_users_know_it(
    kubectl: Kubectl, arguments: tuple[str, ...], said: str
) -> None:
    answer = await kubectl(*arguments)

    assert answer.code == 1
    assert said in answer.err
