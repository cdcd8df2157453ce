"""What each trait makes of a component, and what all types become: read against KubeVela's definitions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.catalog.model import Application, Component, Target, Trait
from bot.errors import Permanent
from tests.builders import an_environment
from tests.rendering.kinds import COMPLETE, IMAGE, TRAIT
from tests.rendering.whole import render_all

GOLDEN = Path(__file__).parent / "golden" / "kinds.yaml"
TARGET = Target(name="hangzhou", cluster="east", namespace="shop-prod")
Manifest = dict[str, Any]


def rendered(kind: str, properties: Mapping[str, Any], *traits: Trait) -> list[Manifest]:
    component = Component(name="web", type=kind, properties=properties, traits=traits)
    application = Application(name="shop", components=(component,))
    return render_all(application, an_environment(), TARGET)


def with_trait(name: str, properties: Mapping[str, Any], **more: Any) -> list[Manifest]:
    """Render a worker with one trait."""
    worker = {"image": IMAGE, **more}
    return rendered("worker", worker, Trait(type=name, properties=properties))


def container(objects: list[Manifest], at: int = 0) -> Manifest:
    found: Manifest = objects[0]["spec"]["template"]["spec"]["containers"][at]
    return found


def of_kind(objects: list[Manifest], kind: str) -> Manifest:
    (found,) = [each for each in objects if each["kind"] == kind]
    return found


def all_kinds() -> list[Manifest]:
    return [each for kind, properties in COMPLETE.items() for each in rendered(kind, properties)]


def test_every_type_renders_to_the_golden_objects() -> None:
    assert list(yaml.safe_load_all(GOLDEN.read_text(encoding="utf-8"))) == all_kinds()


@pytest.mark.parametrize("trait", [each for each in TRAIT if each not in {"scaler", "hpa"}])
@pytest.mark.parametrize("kind", ["webservice", "task", "cron-task", "daemon", "statefulset"])
def test_every_trait_changes_every_type_that_runs_an_image(kind: str, trait: str) -> None:
    plain = rendered(kind, COMPLETE[kind])
    changed = rendered(kind, COMPLETE[kind], Trait(type=trait, properties=TRAIT[trait]))
    assert changed != plain
    assert changed == rendered(kind, COMPLETE[kind], Trait(type=trait, properties=TRAIT[trait]))
    assert yaml.safe_load(yaml.safe_dump(changed)) == changed


@pytest.mark.parametrize(
    ("properties", "env"),
    [
        ({"env": {"A": "2"}}, [{"name": "A", "value": "2"}, {"name": "B", "value": "1"}]),
        ({"env": {"C": "3"}, "unset": ["A", "B"]}, [{"name": "C", "value": "3"}]),
        ({"env": {"C": "3"}, "replace": True}, [{"name": "C", "value": "3"}]),
        ({"unset": ["A", "B"]}, None),
        (
            {"containers": [{"containerName": "web", "env": {"A": "2"}, "unset": ["B"]}]},
            [{"name": "A", "value": "2"}],
        ),
    ],
)
def test_env(properties: dict[str, Any], env: list[dict[str, str]] | None) -> None:
    given = [{"name": "A", "value": "1"}, {"name": "B", "value": "1"}]
    assert container(with_trait("env", properties, env=given)).get("env") == env


def test_variables_come_from_the_secrets_of_cloud_resources() -> None:
    given = [{"name": "A", "value": "1"}, {"name": "DB_USER", "value": "me"}]
    mappings = {"DB_HOST": {"secret": "db-conn"}, "DB_USER": {"secret": "db-conn", "key": "USER"}}
    bound = with_trait("service-binding", {"envMappings": mappings}, env=given)
    assert container(bound)["env"] == [
        {"name": "A", "value": "1"},
        {"name": "DB_USER", "valueFrom": {"secretKeyRef": {"name": "db-conn", "key": "USER"}}},
        {"name": "DB_HOST", "valueFrom": {"secretKeyRef": {"name": "db-conn", "key": "DB_HOST"}}},
    ]


@pytest.mark.parametrize(
    ("properties", "command", "args"),
    [
        ({"command": ["run"]}, ["run"], ["-a", "-b"]),
        ({"args": ["-c"]}, ["serve"], ["-c"]),
        ({"addArgs": ["-b", "-c"]}, ["serve"], ["-a", "-b", "-c"]),
        ({"addArgs": ["-c"], "delArgs": ["-a", "-c"]}, ["serve"], ["-b"]),
        ({"args": []}, ["serve"], None),
    ],
)
def test_command(properties: dict[str, Any], command: list[str], args: list[str] | None) -> None:
    found = container(with_trait("command", properties, cmd=["serve"], args=["-a", "-b"]))
    assert (found["command"], found.get("args")) == (command, args)


def test_resource_asks_for_what_is_also_the_limit_unless_both_are_given() -> None:
    both = {"cpu": "1", "memory": "64Mi"}
    assert container(with_trait("resource", {"memory": "64Mi"}))["resources"] == {
        "requests": both,
        "limits": both,
    }
    limited = container(with_trait("resource", {"limits": {"cpu": 2}}, cpu="100m"))
    assert limited["resources"] == {
        "requests": {"cpu": "100m"},
        "limits": {"cpu": "2", "memory": "2048Mi"},
    }


def test_a_gateway_leads_to_the_components_service_and_widens_it() -> None:
    trait = Trait(type="gateway", properties=TRAIT["gateway"])
    objects = rendered("webservice", {"image": IMAGE, "port": 8080}, trait)
    ingress, service = of_kind(objects, "Ingress"), of_kind(objects, "Service")
    assert [each["port"] for each in service["spec"]["ports"]] == [8080, 9090]
    assert ingress["spec"]["tls"] == [{"hosts": ["shop.example"], "secretName": "tls"}]
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == "shop.example"
    assert [
        (each["path"], each["pathType"], each["backend"]["service"])
        for each in rule["http"]["paths"]
    ] == [
        ("/", "ImplementationSpecific", {"name": "web", "port": {"number": 8080}}),
        ("/api", "ImplementationSpecific", {"name": "web", "port": {"number": 9090}}),
    ]
    assert ingress["metadata"]["annotations"] == {"kubernetes.io/ingress.class": "nginx", "a": "b"}


def test_a_gateway_with_a_name_stands_beside_and_can_lead_to_a_service_that_is_there() -> None:
    objects = with_trait("ingress", TRAIT["ingress"])
    assert [(each["kind"], each["metadata"]["name"]) for each in objects[1:]] == [
        ("Service", "web-public"),
        ("Ingress", "web-public"),
    ]
    assert objects[2]["spec"]["ingressClassName"] == "traefik"
    there = with_trait("gateway", {"http": {"/": 80}, "existingServiceName": "old"})
    assert [each["kind"] for each in there] == ["Deployment", "Ingress"]
    (path,) = there[1]["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"]["service"]["name"] == "old"


def test_expose_makes_a_service_by_either_of_kubevelas_forms() -> None:
    old = of_kind(with_trait("expose", {"port": [80, 81]}), "Service")["spec"]
    assert [(each["name"], each["port"]) for each in old["ports"]] == [
        ("port-80", 80),
        ("port-81", 81),
    ]
    ports = [{"port": 53, "protocol": "UDP", "nodePort": 30053}]
    new = of_kind(with_trait("expose", {"ports": ports, "type": "NodePort"}), "Service")["spec"]
    assert new["ports"][0] == {
        "name": "port-53-udp",
        "port": 53,
        "targetPort": 53,
        "protocol": "UDP",
        "nodePort": 30053,
    }


def test_an_autoscaler_measures_its_workload_and_leaves_the_replicas_to_itself() -> None:
    objects = rendered("statefulset", {"image": IMAGE}, Trait(type="hpa", properties=TRAIT["hpa"]))
    spec = of_kind(objects, "HorizontalPodAutoscaler")["spec"]
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web"}
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 5)
    cpu, memory, custom = spec["metrics"]
    assert cpu["resource"]["target"] == {"type": "Utilization", "averageUtilization": 60}
    assert memory["resource"]["target"] == {"type": "AverageValue", "averageValue": "100"}
    assert custom["pods"]["metric"] == {"name": "requests"}
    assert "replicas" not in objects[0]["spec"]


def test_storage_makes_what_is_not_there_and_mounts_it_all() -> None:
    objects = with_trait("storage", TRAIT["storage"])
    assert [each["kind"] for each in objects] == [
        "Deployment",
        "PersistentVolumeClaim",
        "ConfigMap",
    ]
    assert objects[1]["spec"] == {
        "volumeMode": "Filesystem",
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "8Gi"}},
    }
    pod, found = objects[0]["spec"]["template"]["spec"], container(objects)
    names = ["pvc-files", "configmap-more", "emptydir-scratch", "hostpath-node"]
    assert [each["name"] for each in pod["volumes"]] == names
    assert [each["name"] for each in found["volumeMounts"]] == names
    assert found["env"] == [
        {"name": "MORE", "valueFrom": {"configMapKeyRef": {"name": "more", "key": "a"}}},
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "k"}}},
    ]


def test_a_secret_of_storage_is_written_as_the_api_server_keeps_it() -> None:
    secret = {"name": "keys", "mountPath": "/keys", "stringData": {"a": "b"}, "data": {"c": "ZA=="}}
    made = of_kind(with_trait("storage", {"secret": [secret]}), "Secret")
    assert made["data"] == {"a": "Yg==", "c": "ZA=="}
    assert "stringData" not in made


def test_an_init_container_shares_a_folder_with_the_component() -> None:
    objects = with_trait("init-container", TRAIT["init-container"])
    pod = objects[0]["spec"]["template"]["spec"]
    (first,) = pod["initContainers"]
    assert first["volumeMounts"] == [{"name": "workdir", "mountPath": "/work"}]
    assert container(objects)["volumeMounts"] == [{"name": "workdir", "mountPath": "/app"}]
    assert pod["volumes"] == [{"name": "workdir", "emptyDir": {}}]


def test_an_account_gets_the_rights_that_are_asked_for_where_they_are_asked_for() -> None:
    objects = with_trait("service-account", TRAIT["service-account"])
    assert objects[0]["spec"]["template"]["spec"]["serviceAccountName"] == "shop"
    assert of_kind(objects, "Role")["rules"] == [
        {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
    ]
    everywhere = of_kind(objects, "ClusterRoleBinding")
    assert everywhere["metadata"]["name"] == "shop-prod:shop"
    assert "namespace" not in everywhere["metadata"]
    assert everywhere["subjects"] == [
        {"kind": "ServiceAccount", "name": "shop", "namespace": "shop-prod"}
    ]


def test_labels_and_annotations_reach_the_pods_and_ours_stay() -> None:
    taken = {"team": None, "tier": "front", "app.oam.dev/component": "other"}
    (labelled,) = with_trait("labels", taken, labels={"team": "shop"})
    for each in (labelled["metadata"], labelled["spec"]["template"]["metadata"]):
        assert each["labels"]["tier"] == "front"
        assert each["labels"]["app.oam.dev/component"] == "web"
        assert "team" not in each["labels"]
    cron = {"image": IMAGE, "schedule": "@daily"}
    (noted,) = rendered("cron-task", cron, Trait(type="annotations", properties={"a": "b"}))
    job = noted["spec"]["jobTemplate"]
    for each in (noted, job, job["spec"]["template"]):
        assert each["metadata"]["annotations"] == {"a": "b"}


def test_patches_change_the_workload_field_by_field() -> None:
    operations = [
        {"op": "test", "path": "/kind", "value": "Deployment"},
        {"op": "add", "path": "/spec/template/spec/containers/0/tty", "value": True},
    ]
    assert container(with_trait("json-patch", {"operations": operations}))["tty"] is True
    patch = {"spec": {"replicas": None, "paused": True}}
    (merged,) = with_trait("json-merge-patch", patch, replicas=3)
    assert merged["spec"]["paused"] is True
    assert "replicas" not in merged["spec"]
    (kept,) = with_trait("json-merge-patch", {"metadata": {"labels": None}})
    assert kept["metadata"]["labels"]["app.oam.dev/name"] == "shop"


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"op": "add", "path": "/spec/strategy/type", "value": "x"}, "member 'strategy' not found"),
        ({"op": "test", "path": "/spec/template/spec", "value": 1}, "not what the test expects"),
        ({"op": "replace", "path": "/spec/paused", "value": 1}, "non-existent object 'paused'"),
        ({"op": "ad", "path": "/spec/paused", "value": 1}, "Unknown operation 'ad'"),
    ],
)
def test_a_patch_that_does_not_fit_says_which_and_shows_no_value(
    operation: dict[str, Any], said: str
) -> None:
    fits = {"op": "add", "path": "/spec/paused", "value": True}
    first = [] if "paused" in operation["path"] else [fits]
    variable = [{"name": "PASSWORD", "value": "hunter2"}]
    with pytest.raises(Permanent, match=r"^web cannot be rendered: json-patch: ") as caught:
        with_trait("json-patch", {"operations": [*first, operation]}, env=variable)
    assert operation["path"] in str(caught.value)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_exposing_one_more_port_leaves_the_service_of_the_type_that_it_is_of() -> None:
    open_port = {"port": 80, "expose": True, "nodePort": 30080}
    given = {"image": IMAGE, "ports": [open_port], "exposeType": "NodePort"}
    rows: list[tuple[dict[str, str], str, list[int | None]]] = [
        ({}, "NodePort", [30080, None]),
        ({"type": "ClusterIP"}, "ClusterIP", [None, None]),
    ]
    for more, kind, node_ports in rows:
        trait = Trait(type="expose", properties={"ports": [{"port": 81}], **more})
        spec = of_kind(rendered("webservice", given, trait), "Service")["spec"]
        assert spec["type"] == kind
        assert [each.get("nodePort") for each in spec["ports"]] == node_ports


def test_a_limit_may_be_more_than_what_is_asked_for() -> None:
    """KubeVela 1.10's `limit`: without it what is asked for is the limit, too."""
    asked = {"cpu": "100m", "memory": "64Mi"}
    rows: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, asked),
        ({"memory": "1Gi"}, {"cpu": "100m", "memory": "1Gi"}),
        ({"cpu": "2", "memory": "1Gi"}, {"cpu": "2", "memory": "1Gi"}),
    ]
    for limit, limits in rows:
        resources = container(rendered("webservice", {"image": IMAGE, **asked, "limit": limit}))
        assert resources["resources"] == {"requests": asked, "limits": limits}


def test_a_task_is_another_job_when_what_it_runs_is_another() -> None:
    def name(image: str, *traits: Trait, **more: Any) -> str:
        (job,) = rendered("task", {"image": image, **more}, *traits)
        return str(job["metadata"]["name"])

    assert name("web:v1") == name("web:v1")
    assert name("web:v1").startswith("web-")
    variable = Trait(type="env", properties={"env": {"A": "b"}})
    names = {name("web:v1"), name("web:v2"), name("web:v1", variable), name("web:v1", count=2)}
    assert len(names) == 4
    assert name("web:v1", backoffLimit=2) == name("web:v1")
