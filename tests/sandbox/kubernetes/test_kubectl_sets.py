"""StatefulSets, DaemonSets and the claims of storage, as kubectl shows them."""

import json
from typing import Any

import pytest

from tests.sandbox.kubernetes.conftest import Kubectl
from tests.sandbox.kubernetes.test_kubectl_workloads import a_stateful_set

pytestmark = pytest.mark.kubectl


def a_claim(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "shop"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            **spec,
        },
    }


def with_claims() -> dict[str, Any]:
    made = a_stateful_set()
    template = a_claim()
    template["metadata"] = {"name": "data"}
    made["spec"]["volumeClaimTemplates"] = [template]
    return made


async def rolled_out(kubectl: Kubectl, what: str = "statefulset/db") -> None:
    await kubectl.does("-n", "shop", "rollout", "status", what, "--timeout=150s")


async def images(kubectl: Kubectl) -> dict[str, str]:
    pods = await kubectl.reads("-n", "shop", "get", "pods")
    return {
        each["metadata"]["name"]: each["spec"]["containers"][0]["image"] for each in pods["items"]
    }


async def bound(kubectl: Kubectl, name: str = "data") -> dict[str, Any]:
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        f"pvc/{name}",
        "--for=jsonpath={.status.phase}=Bound",
        "--timeout=150s",
    )
    found: dict[str, Any] = await kubectl.reads("-n", "shop", "get", "pvc", name)
    return found


async def test_a_claim_is_bound_to_a_volume_that_goes_with_it(kubectl: Kubectl) -> None:
    await kubectl.applies(a_claim())

    claim = await bound(kubectl)

    assert claim["spec"]["storageClassName"] == "standard"
    assert claim["status"]["capacity"] == {"storage": "1Gi"}
    volume = await kubectl.reads("get", "pv", claim["spec"]["volumeName"])
    assert volume["status"]["phase"] == "Bound"
    assert "standard (default)" in await kubectl.does("get", "storageclass")
    await kubectl.does("-n", "shop", "delete", "pvc", "data", "--timeout=150s")
    name = claim["spec"]["volumeName"]
    await kubectl.does("wait", f"pv/{name}", "--for=delete", "--timeout=150s")


async def test_a_claim_of_an_unknown_class_stays_pending_and_so_does_its_pod(
    kubectl: Kubectl,
) -> None:
    await kubectl.applies(a_claim(storageClassName="fast"))
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {
            "containers": [{"name": "db", "image": "postgres:17"}],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
        },
    }
    await kubectl.applies(pod)
    await kubectl.does(
        "-n", "shop", "wait", "pod/db", "--for=condition=PodScheduled=false", "--timeout=150s"
    )

    events = await kubectl.does("-n", "shop", "get", "events")
    assert 'storageclass.storage.k8s.io "fast" not found' in events
    assert "pod has unbound immediate PersistentVolumeClaims" in events
    row = (await kubectl.does("-n", "shop", "get", "pvc", "--no-headers")).split()
    assert row[:2] == ["data", "Pending"]


async def test_the_claims_of_a_stateful_set_outlive_it(kubectl: Kubectl) -> None:
    await kubectl.applies(with_claims())
    await rolled_out(kubectl)
    first = await bound(kubectl, "data-db-0")

    await kubectl.does("-n", "shop", "delete", "statefulset", "db", "--timeout=150s")
    await kubectl.does(
        "-n", "shop", "wait", "pod", "-l", "app=db", "--for=delete", "--timeout=150s"
    )
    kept = await kubectl.does("-n", "shop", "get", "pvc", "-o", "name")
    assert kept.split() == [
        "persistentvolumeclaim/data-db-0",
        "persistentvolumeclaim/data-db-1",
    ]

    await kubectl.applies(with_claims())
    await rolled_out(kubectl)
    again = await bound(kubectl, "data-db-0")
    assert again["metadata"]["uid"] == first["metadata"]["uid"]


async def test_a_partition_keeps_the_first_pods_as_they_are(kubectl: Kubectl) -> None:
    await kubectl.applies(a_stateful_set())
    await rolled_out(kubectl)

    newer = a_stateful_set("postgres:18")
    newer["spec"]["updateStrategy"] = {"rollingUpdate": {"partition": 1}}
    await kubectl.applies(newer)
    await rolled_out(kubectl)
    assert await images(kubectl) == {"db-0": "postgres:17", "db-1": "postgres:18"}

    await kubectl.does("-n", "shop", "delete", "pod", "db-0", "--wait=false")
    await rolled_out(kubectl)
    assert (await images(kubectl))["db-0"] == "postgres:17"


async def test_a_pod_that_never_gets_ready_holds_a_stateful_set_up(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "image", None, image="postgres:broken")
    await kubectl.applies(a_stateful_set("postgres:broken"))
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "pod/db-0",
        "--timeout=150s",
        "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff",
    )  # fmt: skip - reads as a line of shell

    await kubectl.applies(a_stateful_set("postgres:18"))
    waited = await kubectl("-n", "shop", "rollout", "status", "statefulset/db", "--timeout=2s")
    assert waited.code == 1
    assert await images(kubectl) == {"db-0": "postgres:broken"}

    await kubectl.does("-n", "shop", "delete", "pod", "db-0", "--wait=false")
    await rolled_out(kubectl)
    assert set((await images(kubectl)).values()) == {"postgres:18"}


async def test_a_stateful_set_is_scaled_down_from_its_end(kubectl: Kubectl) -> None:
    await kubectl.applies(a_stateful_set())
    await rolled_out(kubectl)
    await kubectl.does("-n", "shop", "scale", "statefulset/db", "--replicas=1")
    await kubectl.does("-n", "shop", "wait", "pod/db-1", "--for=delete", "--timeout=150s")
    assert list(await images(kubectl)) == ["db-0"]


async def test_a_stateful_set_keeps_most_of_what_it_is(kubectl: Kubectl) -> None:
    await kubectl.applies(a_stateful_set())
    patch = json.dumps({"spec": {"serviceName": "other"}})
    refused = await kubectl("-n", "shop", "patch", "statefulset", "db", "-p", patch)
    assert refused.code == 1
    assert "updates to statefulset spec for fields other than 'replicas'" in refused.err


async def test_a_stateful_set_can_be_rolled_back(kubectl: Kubectl) -> None:
    await kubectl.applies(a_stateful_set())
    await rolled_out(kubectl)
    await kubectl.applies(a_stateful_set("postgres:18"))
    await rolled_out(kubectl)
    history = await kubectl.does("-n", "shop", "rollout", "history", "statefulset/db")
    assert [each.split()[0] for each in history.split("\n") if each[:1].isdigit()] == ["1", "2"]

    await kubectl.does("-n", "shop", "rollout", "undo", "statefulset/db")
    await rolled_out(kubectl)

    assert set((await images(kubectl)).values()) == {"postgres:17"}


async def test_a_daemon_set_renews_its_pods_and_counts_its_templates(kubectl: Kubectl) -> None:
    daemon = a_stateful_set("agent:v1")
    daemon["kind"] = "DaemonSet"
    for field in ("replicas", "serviceName"):
        del daemon["spec"][field]
    await kubectl.applies(daemon)
    await rolled_out(kubectl, "daemonset/db")
    await kubectl.does("cordon", "east-node-1")

    daemon["spec"]["template"]["spec"]["containers"][0]["image"] = "agent:v2"
    await kubectl.applies(daemon)
    await rolled_out(kubectl, "daemonset/db")

    assert set((await images(kubectl)).values()) == {"agent:v2"}
    pods = await kubectl.reads("-n", "shop", "get", "pods")
    assert {each["spec"]["nodeName"] for each in pods["items"]} == {"east-node-1", "east-node-2"}
    assert {each["metadata"]["labels"]["pod-template-generation"] for each in pods["items"]} == {
        "2"
    }
    found = await kubectl.reads("-n", "shop", "get", "daemonset", "db")
    assert found["metadata"]["annotations"]["deprecated.daemonset.template.generation"] == "2"
