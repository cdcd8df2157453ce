"""The step `collect-service-endpoints`: where an application can be reached, in KubeVela's shape, as soon as it can."""

from typing import Any

import pytest

from bot.catalog.model import Output
from bot.run.values import outputs_of
from bot.steps.contract import Waiting
from bot.steps.reaching import of_ingress, of_service, url_of
from tests.builders import a_run, a_step
from tests.steps.ground import NAMESPACE, Ground

CORE = f"/api/v1/namespaces/{NAMESPACE}"
INGRESSES = f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/ingresses"
HANGZHOU = {"target": "hangzhou"}


def labels(component: str, application: str = "shop") -> dict[str, str]:
    return {"app.oam.dev/name": application, "app.oam.dev/component": component}


def a_service(name: str = "web", kind: str = "ClusterIP", **spec: Any) -> dict[str, Any]:
    port = {"name": "web", "port": 8080, "protocol": "TCP"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": labels(name)},
        "spec": {"type": kind, "ports": [port], **spec},
    }


def an_ingress(**spec: Any) -> dict[str, Any]:
    backend = {"service": {"name": "web", "port": {"number": 8080}}}
    paths = [{"path": each, "pathType": "Prefix", "backend": backend} for each in ("/", "/api")]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "web", "labels": labels("web")},
        "spec": {"rules": [{"host": "shop.example", "http": {"paths": paths}}], **spec},
    }


@pytest.fixture(autouse=True)
async def namespace(ground: Ground) -> None:
    for cluster in ("east", "west"):
        made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        await ground.somebody.applies("/api/v1/namespaces", made, cluster)


async def test_a_service_is_an_endpoint_inside_its_cluster(ground: Ground) -> None:
    waiting = await ground.work("collect-service-endpoints", {})
    assert waiting == Waiting(message="shop has no endpoint yet (hangzhou, frankfurt)", after=1.0)

    service = await ground.somebody.applies(f"{CORE}/services", a_service(), "west")
    outcome = await ground.done("collect-service-endpoints", {})

    assert outcome.outputs["outputs"]["endpoints"] == [
        {
            "endpoint": {
                "protocol": "TCP",
                "appProtocol": "http",
                "host": "web.shop-prod",
                "port": 8080,
                "portName": "web",
                "path": "",
                "inner": True,
            },
            "ref": {
                "apiVersion": "v1",
                "kind": "Service",
                "namespace": NAMESPACE,
                "name": "web",
                "uid": service["metadata"]["uid"],
                "resourceVersion": service["metadata"]["resourceVersion"],
            },
            "cluster": "west",
            "component": "web",
        }
    ]
    assert outcome.outputs["value"]["url"] == "http://web.shop-prod:8080"


async def test_an_ingress_is_an_endpoint_from_outside(ground: Ground) -> None:
    await ground.somebody.applies(f"{CORE}/services", a_service())
    tls = [{"hosts": ["shop.example"], "secretName": "tls"}]
    await ground.somebody.applies(INGRESSES, an_ingress(tls=tls))

    outcome = await ground.done(
        "collect-service-endpoints", {"outer": True, "protocal": "https", **HANGZHOU}
    )

    found = [each["endpoint"] for each in outcome.outputs["endpoints"]]
    assert [(each["host"], each["path"]) for each in found] == [
        ("shop.example", "/"),
        ("shop.example", "/api"),
    ]
    assert {(each["port"], each["appProtocol"], each["inner"]) for each in found} == {
        (443, "https", False)
    }
    assert outcome.outputs["value"]["url"] == "https://shop.example:443"


async def test_a_load_balancer_is_waited_for(ground: Ground) -> None:
    ground.sandbox.faults.add("cluster/east", "no-address", None, name="web")
    await ground.somebody.applies(f"{CORE}/services", a_service(kind="LoadBalancer"))

    waiting = await ground.work("collect-service-endpoints", HANGZHOU)
    assert isinstance(waiting, Waiting)
    assert waiting.message == "shop has no endpoint yet (hangzhou): Service web has no address"

    ground.sandbox.faults.clear()
    outcome = await ground.done("collect-service-endpoints", HANGZHOU)

    (found,) = outcome.outputs["endpoints"]
    assert found["endpoint"]["host"].startswith("203.0.113.")
    assert not found["endpoint"]["inner"]


def test_a_load_balancer_may_have_several_addresses() -> None:
    service = a_service(kind="LoadBalancer")
    addresses = [{"ip": "203.0.113.9"}, {"hostname": "lb.example"}]

    found = of_service({**service, "status": {"loadBalancer": {"ingress": addresses}}}, "east", [])

    assert [each["endpoint"]["host"] for each in found] == ["203.0.113.9", "lb.example"]


async def test_endpoints_are_chosen_by_component_port_and_name(ground: Ground) -> None:
    ports = [
        {"name": "web", "port": 80, "protocol": "TCP"},
        {"name": "metrics", "port": 9090, "protocol": "TCP"},
    ]
    for name in ("web", "api"):
        await ground.somebody.applies(f"{CORE}/services", a_service(name, ports=ports))
    other = a_service("blog")
    other["metadata"]["labels"] = labels("blog", "blog")
    await ground.somebody.applies(f"{CORE}/services", other)

    async def found(**properties: Any) -> list[tuple[str, int]]:
        outcome = await ground.done("collect-service-endpoints", {**HANGZHOU, **properties})
        return [
            (each["component"], each["endpoint"]["port"]) for each in outcome.outputs["endpoints"]
        ]

    assert await found() == [("api", 80), ("api", 9090), ("web", 80), ("web", 9090)]
    assert await found(components=["web"]) == [("web", 80), ("web", 9090)]
    assert await found(components=["web", "api"], port=9090) == [("api", 9090), ("web", 9090)]
    assert await found(portName="web") == [("api", 80), ("web", 80)]
    assert await found(name="blog") == [("blog", 8080)]
    assert isinstance(
        await ground.work("collect-service-endpoints", {**HANGZHOU, "outer": True}), Waiting
    )


async def test_what_it_leaves_is_read_by_kubevelas_paths(ground: Ground) -> None:
    await ground.somebody.applies(f"{CORE}/services", a_service())
    outcome = await ground.done("collect-service-endpoints", HANGZHOU)
    paths = ("outputs.endpoints[0].endpoint.host", "value.url", "value.endpoint.port")
    outputs = tuple(Output(name=each, value_from=each) for each in paths)
    step = a_step("work", "collect-service-endpoints", outputs=outputs)

    values, missing = outputs_of(a_run(step), step, outcome.outputs, HANGZHOU)

    assert list(values.values()) == ["web.shop-prod", "http://web.shop-prod:8080", 8080]
    assert missing == ""


def a_node(name: str, role: str = "", **addresses: str) -> dict[str, Any]:
    found = [{"type": kind, "address": each} for kind, each in addresses.items()]
    marks = {f"node-role.kubernetes.io/{role}": ""} if role else {}
    return {"metadata": {"name": name, "labels": marks}, "status": {"addresses": found}}


@pytest.mark.parametrize(
    ("nodes", "host"),
    [
        ([a_node("a", InternalIP="10.0.0.1")], "10.0.0.1"),
        ([a_node("a", InternalIP="10.0.0.1"), a_node("b", ExternalIP="1.2.3.4")], "1.2.3.4"),
        ([a_node("a", ExternalIP="1.1.1.1"), a_node("b", "worker", InternalIP="2.2.2.2")], "2.2.2.2"),
        ([a_node("b", "worker", InternalIP="2.2.2.2"), a_node("c", "gateway", InternalIP="3.3.3.3")], "3.3.3.3"),
    ],
)  # fmt: skip
def test_a_node_port_is_reached_at_a_node(nodes: list[dict[str, Any]], host: str) -> None:
    service = a_service(kind="NodePort", ports=[{"port": 80, "nodePort": 30080}])
    service["metadata"]["namespace"] = NAMESPACE

    (found,) = of_service(service, "east", nodes)

    assert (found["endpoint"]["host"], found["endpoint"]["port"]) == (host, 30080)
    assert not found["endpoint"]["inner"]
    assert list(of_service(service, "east", [])) == []


def test_an_ingress_says_where_its_controller_listens() -> None:
    ingress = an_ingress(rules=[{"http": {"paths": [{"path": "/"}]}}])
    ingress["metadata"]["annotations"] = {
        "ingress.controller/host": "203.0.113.9",
        "ingress.controller/http-port": "8000",
    }

    (found,) = of_ingress(ingress, "east")

    assert (found["endpoint"]["host"], found["endpoint"]["port"]) == ("203.0.113.9", 8000)


def test_an_address_of_version_six_is_written_in_brackets() -> None:
    assert url_of({"host": "2001:db8::1", "port": 80}, "http") == "http://[2001:db8::1]:80"
