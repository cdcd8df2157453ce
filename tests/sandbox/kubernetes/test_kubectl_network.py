"""Services, Ingresses and autoscalers, as kubectl shows them."""

import asyncio
import json
from typing import Any

import pytest

from tests.patience import PATIENCE
from tests.sandbox.kubernetes.conftest import Kubectl, a_deployment

pytestmark = pytest.mark.kubectl


def a_service(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}], **spec},
    }


def an_ingress(**spec: Any) -> dict[str, Any]:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"rules": [{"host": "shop.example", "http": {"paths": [path]}}], **spec},
    }


def an_autoscaler(least: int = 2, most: int = 4) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    goal = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "scaleTargetRef": target,
            "minReplicas": least,
            "maxReplicas": most,
            "metrics": [{"type": "Resource", "resource": goal}],
        },
    }


def a_measured_deployment(replicas: int) -> dict[str, Any]:
    made = a_deployment(replicas=replicas)
    (container,) = made["spec"]["template"]["spec"]["containers"]
    container["resources"] = {"requests": {"cpu": "100m"}}
    return made


async def rolled_out(kubectl: Kubectl) -> None:
    await kubectl.does("-n", "shop", "rollout", "status", "deployment/web", "--timeout=150s")


async def until(kubectl: Kubectl, what: str, path: str, value: str) -> None:
    await kubectl.does(
        "-n", "shop", "wait", what, f"--for=jsonpath={{{path}}}={value}", "--timeout=150s"
    )


async def test_a_load_balancer_gets_an_address_and_a_port_on_the_nodes(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "no-address", None, name="web")
    await kubectl.applies(a_service(type="LoadBalancer"))
    row = (await kubectl.does("-n", "shop", "get", "service", "web", "--no-headers")).split()
    assert row[3] == "<pending>"
    (port,) = (await kubectl.reads("-n", "shop", "get", "service", "web"))["spec"]["ports"]
    assert 30000 <= port["nodePort"] < 32768
    assert row[4] == f"80:{port['nodePort']}/TCP"

    kubectl.sandbox.faults.clear()
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "service/web",
        "--timeout=150s",
        "--for=jsonpath={.status.loadBalancer.ingress[0].ipMode}=VIP",
    )  # fmt: skip - reads as a line of shell
    await kubectl.applies(a_service(type="LoadBalancer"))
    (after,) = (await kubectl.reads("-n", "shop", "get", "service", "web"))["spec"]["ports"]
    assert after == port


async def test_an_ingress_gets_the_address_of_its_class(kubectl: Kubectl) -> None:
    await kubectl.applies(an_ingress())
    path = ".status.loadBalancer.ingress[0].ip"
    await until(kubectl, "ingress/web", path, "203.0.113.10")
    row = (await kubectl.does("-n", "shop", "get", "ingress", "--no-headers")).split()
    assert row[:5] == ["web", "nginx", "shop.example", "203.0.113.10", "80"]

    other = an_ingress(ingressClassName="other")
    other["metadata"]["name"] = "other"
    await kubectl.applies(other)
    await until(kubectl, "ingress/web", path, "203.0.113.10")
    found = await kubectl.reads("-n", "shop", "get", "ingress", "other")
    assert found["status"] == {"loadBalancer": {}}


async def test_endpoints_tell_the_ready_pods_from_the_others(kubectl: Kubectl) -> None:
    web = a_deployment(replicas=2)
    (container,) = web["spec"]["template"]["spec"]["containers"]
    container["ports"] = [{"containerPort": 9090, "name": "http"}]
    await kubectl.applies(web, a_service(ports=[{"port": 80, "targetPort": "http"}]))
    await rolled_out(kubectl)
    await until(kubectl, "endpoints/web", ".subsets[0].addresses[1].targetRef.kind", "Pod")
    (subset,) = (await kubectl.reads("-n", "shop", "get", "endpoints", "web"))["subsets"]
    assert subset["ports"] == [{"port": 9090, "protocol": "TCP"}]
    assert "notReadyAddresses" not in subset

    kubectl.sandbox.faults.add("cluster/east", "not-ready", None, name="web")
    await kubectl.does("-n", "shop", "delete", "pod", "-l", "app=web", "--wait=false")
    await until(kubectl, "endpoints/web", ".subsets[0].notReadyAddresses[1].targetRef.kind", "Pod")

    (subset,) = (await kubectl.reads("-n", "shop", "get", "endpoints", "web"))["subsets"]
    assert "addresses" not in subset
    (found,) = (await kubectl.reads("-n", "shop", "get", "endpointslices"))["items"]
    assert not any(each["conditions"]["ready"] for each in found["endpoints"])
    await kubectl.does("-n", "shop", "delete", "service", "web")
    assert (await kubectl("-n", "shop", "get", "endpoints", "web")).code == 1


async def test_an_autoscaler_owns_the_replicas(kubectl: Kubectl) -> None:
    await kubectl.applies(a_measured_deployment(1), manager="shipmate")
    await kubectl.applies(an_autoscaler())
    await until(kubectl, "deployment/web", ".spec.replicas", "2")

    given = json.dumps(a_measured_deployment(1))
    refused = await kubectl(
        "apply", "--server-side", "--field-manager=shipmate", "-f", "-", given=given
    )

    assert refused.code == 1
    by = 'conflict with "kube-controller-manager" with subresource "scale" using apps/v1'
    assert by in refused.err
    without = a_measured_deployment(1)
    del without["spec"]["replicas"]
    await kubectl.applies(without, manager="shipmate")
    found = await kubectl.reads("-n", "shop", "get", "deployment", "web")
    assert found["spec"]["replicas"] == 2


async def test_an_autoscaler_follows_the_load_within_its_bounds(kubectl: Kubectl) -> None:
    await kubectl.applies(a_measured_deployment(2), an_autoscaler(1, 3))
    await until(kubectl, "hpa/web", ".status.conditions[1].reason", "ValidMetricFound")
    row = (await kubectl.does("-n", "shop", "get", "hpa", "--no-headers")).split()
    assert row[:4] == ["web", "Deployment/web", "cpu:", "50%/50%"]

    kubectl.sandbox.faults.add("cluster/east", "load", None, name="web", percent=150)
    await until(kubectl, "deployment/web", ".spec.replicas", "3")

    await until(kubectl, "hpa/web", ".status.conditions[2].reason", "TooManyReplicas")
    assert "New size: 3" in await kubectl.does("-n", "shop", "get", "events")
    kubectl.sandbox.faults.clear()
    kubectl.sandbox.faults.add("cluster/east", "load", None, name="web", percent=10)
    await until(kubectl, "deployment/web", ".spec.replicas", "1")


async def test_of_pods_that_ask_for_nothing_no_load_is_known(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment(replicas=2), an_autoscaler(1, 3))
    await until(kubectl, "hpa/web", ".status.conditions[1].reason", "FailedGetResourceMetric")
    found = await kubectl.reads("-n", "shop", "get", "hpa", "web")
    assert "missing request for cpu in container web" in found["status"]["conditions"][1]["message"]


async def test_an_autoscaler_without_a_target_says_so(kubectl: Kubectl) -> None:
    await kubectl.applies(an_autoscaler())
    await until(kubectl, "hpa/web", ".status.conditions[0].reason", "FailedGetScale")
    async with asyncio.timeout(PATIENCE):
        while 'deployments.apps "web" not found' not in await kubectl.does(
            "-n", "shop", "get", "events"
        ):
            pass
