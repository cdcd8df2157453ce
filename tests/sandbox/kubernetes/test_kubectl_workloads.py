"""The other workloads, and the other ways to change an object, as kubectl users know them."""

import json
from typing import Any

import pytest

from tests.sandbox.kubernetes.conftest import Kubectl, a_deployment

pytestmark = pytest.mark.kubectl

LABELS = {"app": "db"}
TEMPLATE = {
    "metadata": {"labels": LABELS},
    "spec": {"containers": [{"name": "db", "image": "postgres:17"}]},
}


def a_stateful_set(image: str = "postgres:17") -> dict[str, Any]:
    container = {"name": "db", "image": image}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {
            "replicas": 2,
            "serviceName": "db",
            "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}},
        },
    }


def a_job(name: str = "migrate", **spec: Any) -> dict[str, Any]:
    container = {"name": name, "image": "migrate:v1"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
            **spec,
        },
    }


async def test_a_stateful_set_numbers_its_pods_and_renews_them(kubectl: Kubectl) -> None:
    await kubectl.applies(a_stateful_set())
    await kubectl.does("-n", "shop", "rollout", "status", "statefulset/db", "--timeout=150s")
    names = await kubectl.does("-n", "shop", "get", "pods", "-o", "name")
    assert names.split() == ["pod/db-0", "pod/db-1"]

    await kubectl.applies(a_stateful_set("postgres:18"))
    said = await kubectl.does("-n", "shop", "rollout", "status", "statefulset/db", "--timeout=150s")

    assert "rolling update complete" in said or "roll out complete" in said
    pods = await kubectl.reads("-n", "shop", "get", "pods")
    images = [each["spec"]["containers"][0]["image"] for each in pods["items"]]
    assert images == ["postgres:18", "postgres:18"]
    table = await kubectl.does("-n", "shop", "get", "statefulset")
    assert table.splitlines()[1].split()[:2] == ["db", "2/2"]


async def test_a_daemon_set_has_a_pod_on_each_node(kubectl: Kubectl) -> None:
    await kubectl.applies(
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": "agent", "namespace": "shop"},
            "spec": {"selector": {"matchLabels": LABELS}, "template": TEMPLATE},
        }
    )

    said = await kubectl.does(
        "-n", "shop", "rollout", "status", "daemonset/agent", "--timeout=150s"
    )

    assert 'daemon set "agent" successfully rolled out' in said
    found = await kubectl.reads("-n", "shop", "get", "daemonset", "agent")
    assert found["status"]["numberReady"] == 2
    pods = await kubectl.reads("-n", "shop", "get", "pods")
    assert {each["spec"]["nodeName"] for each in pods["items"]} == {"east-node-1", "east-node-2"}


async def test_a_job_is_waited_for_until_it_is_complete(kubectl: Kubectl) -> None:
    await kubectl.applies(a_job(completions=2, parallelism=2))

    await kubectl.does(
        "-n", "shop", "wait", "--for=condition=complete", "job/migrate", "--timeout=150s"
    )

    found = await kubectl.reads("-n", "shop", "get", "job", "migrate")
    assert found["status"]["succeeded"] == 2
    row = (await kubectl.does("-n", "shop", "get", "jobs")).splitlines()[1].split()
    assert row[:3] == ["migrate", "Complete", "2/2"]


async def test_a_job_that_always_fails_ends(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "crash", None, name="migrate")
    await kubectl.applies(a_job(backoffLimit=1))

    await kubectl.does(
        "-n", "shop", "wait", "--for=condition=failed", "job/migrate", "--timeout=150s"
    )

    found = await kubectl.reads("-n", "shop", "get", "job", "migrate")
    assert found["status"]["conditions"][0]["reason"] == "BackoffLimitExceeded"


async def test_a_service_leads_to_the_ready_pods(kubectl: Kubectl) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    await kubectl.applies(a_deployment(), service)
    await kubectl.does("-n", "shop", "rollout", "status", "deployment/web", "--timeout=150s")

    slices = await kubectl.reads("-n", "shop", "get", "endpointslices")

    (found,) = slices["items"]
    assert len(found["endpoints"]) == 2
    assert all(each["conditions"]["ready"] for each in found["endpoints"])
    assert found["ports"][0]["port"] == 8080
    assert "ClusterIP" in await kubectl.does("-n", "shop", "get", "service", "web")


@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        (
            "strategic",
            {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:2"}]}}}},
        ),
        (
            "json",
            [
                {
                    "op": "replace",
                    "path": "/spec/template/spec/containers/0/image",
                    "value": "nginx:2",
                }
            ],
        ),
        (
            "merge",
            {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:2"}]}}}},
        ),
    ],
)
async def test_patch_changes_the_image_in_each_form(
    kubectl: Kubectl, kind: str, patch: Any
) -> None:
    await kubectl.applies(a_deployment())

    await kubectl.does(
        "-n", "shop", "patch", "deployment", "web", f"--type={kind}", "-p", json.dumps(patch)
    )

    found = await kubectl.reads("-n", "shop", "get", "deployment", "web")
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:2"
    assert found["metadata"]["generation"] == 2


async def test_a_strategic_patch_adds_to_a_list_and_takes_from_it(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())

    async def patched(containers: list[dict[str, Any]]) -> list[str]:
        patch = {"spec": {"template": {"spec": {"containers": containers}}}}
        await kubectl.does("-n", "shop", "patch", "deployment", "web", "-p", json.dumps(patch))
        found = await kubectl.reads("-n", "shop", "get", "deployment", "web")
        return [each["name"] for each in found["spec"]["template"]["spec"]["containers"]]

    assert set(await patched([{"name": "proxy", "image": "envoy:1"}])) == {"proxy", "web"}
    assert await patched([{"name": "proxy", "$patch": "delete"}]) == ["web"]


async def test_a_json_patch_whose_test_fails_changes_nothing(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())
    patch = [
        {"op": "test", "path": "/spec/replicas", "value": 7},
        {"op": "replace", "path": "/spec/replicas", "value": 8},
    ]

    said = await kubectl(
        "-n", "shop", "patch", "deployment", "web", "--type=json", "-p", json.dumps(patch)
    )

    assert said.code == 1
    found = await kubectl.reads("-n", "shop", "get", "deployment", "web")
    assert found["spec"]["replicas"] == 2


async def test_label_and_annotate(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())

    await kubectl.does("-n", "shop", "label", "deployment", "web", "team=shop", "app-")
    await kubectl.does("-n", "shop", "annotate", "deployment", "web", "note=by hand")

    meta = (await kubectl.reads("-n", "shop", "get", "deployment", "web"))["metadata"]
    assert meta["labels"] == {"team": "shop"}
    assert meta["annotations"]["note"] == "by hand"


async def test_config_maps_and_secrets_are_made_and_read(kubectl: Kubectl) -> None:
    meta = {"name": "app", "namespace": "shop"}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"mode": "fast"}}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {**meta, "name": "db"}}
    await kubectl.applies(config, {**secret, "stringData": {"url": "postgres://"}})

    found = await kubectl.reads("-n", "shop", "get", "configmap", "app")
    assert found["data"] == {"mode": "fast"}
    row = (await kubectl.does("-n", "shop", "get", "secrets")).splitlines()[1].split()
    assert row[:3] == ["db", "Opaque", "1"]
    kept = await kubectl.reads("-n", "shop", "get", "secret", "db")
    assert kept["data"] == {"url": "cG9zdGdyZXM6Ly8="}
    assert "stringData" not in kept
    again = await kubectl("create", "-f", "-", given=json.dumps(config))
    assert again.code == 1
    assert 'configmaps "app" already exists' in again.err


async def test_what_kubectl_creates_by_itself_comes_as_protobuf(kubectl: Kubectl) -> None:
    await kubectl.does("create", "namespace", "other")
    await kubectl.does("-n", "shop", "create", "configmap", "app", "--from-literal=mode=fast")
    await kubectl.does("-n", "shop", "create", "secret", "generic", "db", "--from-literal=a=b")
    await kubectl.does(
        "-n",
        "shop",
        "create",
        "deployment",
        "web",
        "--image=nginx:1.27",
        "--port=80",
        "--replicas=0",
    )
    await kubectl.does("-n", "shop", "create", "service", "clusterip", "web", "--tcp=80:8080")
    await kubectl.does("-n", "shop", "create", "quota", "all", "--hard=pods=7,requests.cpu=1500m")

    assert (await kubectl.reads("get", "namespace", "other"))["status"]["phase"] == "Active"
    assert (await kubectl.reads("-n", "shop", "get", "cm", "app"))["data"] == {"mode": "fast"}
    assert (await kubectl.reads("-n", "shop", "get", "secret", "db"))["data"] == {"a": "Yg=="}
    spec = (await kubectl.reads("-n", "shop", "get", "deploy", "web"))["spec"]
    assert spec["replicas"] == 0
    assert "paused" not in spec
    (container,) = spec["template"]["spec"]["containers"]
    assert (container["name"], container["image"]) == ("nginx", "nginx:1.27")
    assert container["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    (port,) = (await kubectl.reads("-n", "shop", "get", "service", "web"))["spec"]["ports"]
    assert port == {"name": "80-8080", "port": 80, "protocol": "TCP", "targetPort": 8080}
    quota = await kubectl.reads("-n", "shop", "get", "quota", "all")
    assert quota["spec"]["hard"] == {"pods": "7", "requests.cpu": "1500m"}


async def test_a_job_is_made_from_a_cron_job(kubectl: Kubectl) -> None:
    await kubectl.applies(
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"name": "report", "namespace": "shop"},
            "spec": {"schedule": "0 3 1 1 *", "jobTemplate": {"spec": a_job()["spec"]}},
        }
    )

    await kubectl.does("-n", "shop", "create", "job", "now", "--from=cronjob/report")

    await kubectl.does(
        "-n", "shop", "wait", "--for=condition=complete", "job/now", "--timeout=150s"
    )
    meta = (await kubectl.reads("-n", "shop", "get", "job", "now"))["metadata"]
    assert meta["annotations"]["cronjob.kubernetes.io/instantiate"] == "manual"
    assert meta["ownerReferences"][0]["name"] == "report"


async def test_a_cron_job_is_kept_and_shown(kubectl: Kubectl) -> None:
    job = a_job()
    await kubectl.applies(
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"name": "report", "namespace": "shop"},
            "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": job["spec"]}},
        }
    )

    row = (await kubectl.does("-n", "shop", "get", "cronjobs")).splitlines()[1].split()

    assert row[0] == "report"
    assert "0 3 * * *" in " ".join(row)
