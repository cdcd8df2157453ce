"""Who may refuse an object: quotas, webhooks, service accounts that are not there."""

import asyncio
import json
from typing import Any

import pytest

from tests.patience import PATIENCE
from tests.sandbox.kubernetes.conftest import Kubectl, a_deployment

pytestmark = pytest.mark.kubectl


def a_quota(**hard: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "all", "namespace": "shop"},
        "spec": {"hard": {key.replace("__", "/").replace("_", "."): hard[key] for key in hard}},
    }


def a_config_map(name: str = "app", **data: str) -> dict[str, Any]:
    meta = {"name": name, "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


async def condition(kubectl: Kubectl, kind: str) -> dict[str, Any]:
    """Wait for a condition of the Deployment `web`; answer it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await kubectl.reads("-n", "shop", "get", "deployment", "web")
            for each in found.get("status", {}).get("conditions", []):
                if each["type"] == kind:
                    return dict(each)


async def test_pods_beyond_a_quota_are_refused_and_the_deployment_says_so(
    kubectl: Kubectl,
) -> None:
    await kubectl.applies(a_quota(pods="1"))
    await kubectl.applies(a_deployment(replicas=2))

    failure = await condition(kubectl, "ReplicaFailure")

    assert failure["reason"] == "FailedCreate"
    said = "exceeded quota: all, requested: pods=1, used: pods=1, limited: pods=1"
    assert failure["message"].endswith(f"is forbidden: {said}")
    assert "Error creating: pods" in await kubectl.does("-n", "shop", "get", "events")
    await kubectl.does(
        "-n", "shop", "wait", "quota/all", "--for=jsonpath={.status.used.pods}=1", "--timeout=150s"
    )
    assert "pods: 1/1" in await kubectl.does("-n", "shop", "get", "quota")
    await kubectl.applies(a_quota(pods="5"))
    await kubectl.does("-n", "shop", "rollout", "status", "deploy/web", "--timeout=150s")
    found = await kubectl.reads("-n", "shop", "get", "deployment", "web")
    assert "ReplicaFailure" not in {each["type"] for each in found["status"]["conditions"]}


async def test_a_quota_of_cpu_wants_to_know_what_a_pod_asks_for(kubectl: Kubectl) -> None:
    await kubectl.applies(a_quota(requests_cpu="500m"))
    await kubectl.applies(a_deployment(replicas=1))
    failure = await condition(kubectl, "ReplicaFailure")
    assert "failed quota: all: must specify requests.cpu for: web" in failure["message"]

    greedy = a_deployment(replicas=1)
    (container,) = greedy["spec"]["template"]["spec"]["containers"]
    container["resources"] = {"requests": {"cpu": "0.6"}}
    await kubectl.applies(greedy)

    said = "requested: requests.cpu=600m, used: requests.cpu=0, limited: requests.cpu=500m"
    async with asyncio.timeout(PATIENCE):
        while said not in await kubectl.does("-n", "shop", "get", "events"):
            pass


async def test_a_quota_counts_objects(kubectl: Kubectl) -> None:
    await kubectl.applies(a_quota(count__configmaps="2"))
    await kubectl.applies(a_config_map())

    given = json.dumps(a_config_map("more"))
    refused = await kubectl("apply", "--server-side", "-f", "-", given=given)
    dry = await kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", given=given)

    said = "exceeded quota: all, requested: count/configmaps=1"
    assert said in refused.err
    assert said in dry.err
    await kubectl.applies(a_config_map(mode="fast"))  # what is there may be changed


async def test_a_webhook_denies_what_the_fault_names(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add(
        "cluster/east",
        "deny",
        None,
        kind="ConfigMap",
        name="app",
        webhook="check.shop.example",
        message="no configuration on Fridays",
    )
    given = json.dumps(a_config_map())
    refused = await kubectl("apply", "--server-side", "-f", "-", given=given)
    dry = await kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", given=given)

    said = 'admission webhook "check.shop.example" denied the request: no configuration on Fridays'
    assert refused.code == 1
    assert f"Error from server (Forbidden): {said}" in refused.err
    assert said in dry.err
    await kubectl.applies(a_config_map("other"))
    kubectl.sandbox.faults.clear()
    await kubectl.applies(a_config_map())


async def test_pods_that_a_webhook_denies_are_missing(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "deny", None, kind="Pod", message="no pods today")
    await kubectl.applies(a_deployment())
    failure = await condition(kubectl, "ReplicaFailure")
    assert failure["message"].endswith("denied the request: no pods today")


async def test_pods_of_a_service_account_that_is_not_there_are_refused(kubectl: Kubectl) -> None:
    wanting = a_deployment(replicas=1)
    wanting["spec"]["template"]["spec"]["serviceAccountName"] = "deployer"
    await kubectl.applies(wanting)
    failure = await condition(kubectl, "ReplicaFailure")
    said = 'error looking up service account shop/deployer: serviceaccount "deployer" not found'
    assert failure["message"].endswith(said)

    meta = {"name": "deployer", "namespace": "shop"}
    await kubectl.applies({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})
    await kubectl.does("-n", "shop", "rollout", "status", "deploy/web", "--timeout=150s")
