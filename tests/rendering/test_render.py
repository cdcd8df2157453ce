"""The objects of an application: the golden ones of the shop that ships, and what must hold for all."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.bootstrap.equipment import read_catalog
from bot.catalog.model import Application, Component, Target, Trait
from bot.errors import Permanent
from bot.rendering.versions import with_version
from tests.builders import an_environment
from tests.rendering.whole import render_all

SHIPPED = Path(bot.__file__).parent.parent / "workflows"
GOLDEN = Path(__file__).parent / "golden" / "shop-hangzhou.yaml"
TARGET = Target(name="hangzhou", cluster="east", namespace="shop-prod")


def rendered(
    properties: dict[str, Any],
    *,
    kind: str = "webservice",
    traits: tuple[Trait, ...] = (),
) -> list[dict[str, Any]]:
    component = Component(
        name="web", type=kind, properties={"image": "web:v1", **properties}, traits=traits
    )
    application = Application(name="shop", components=(component,))
    return render_all(application, an_environment(), TARGET)


def test_the_shop_that_ships_renders_to_the_golden_objects() -> None:
    catalog = read_catalog(SHIPPED)
    prod = catalog.environments["prod"]
    shop = with_version(catalog.applications["shop"], "v1.4.2", {})
    golden = list(yaml.safe_load_all(GOLDEN.read_text(encoding="utf-8")))
    assert render_all(shop, prod, prod.targets[0]) == golden


def test_every_object_says_whose_it_is_and_where() -> None:
    for each in rendered({"port": 8080, "labels": {"team": "shop"}}):
        assert each["metadata"] == {
            "name": "web",
            "namespace": "shop-prod",
            "labels": {
                "app.oam.dev/name": "shop",
                "app.oam.dev/component": "web",
                "app.kubernetes.io/managed-by": "shipmate",
                "workload.oam.dev/type": "webservice",
            },
        }


def test_the_selector_finds_the_pods() -> None:
    deployment, service = rendered({"port": 8080, "labels": {"team": "shop"}})
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert labels["team"] == "shop"
    assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert service["spec"]["selector"].items() <= labels.items()


def test_a_label_of_the_author_cannot_take_the_place_of_ours() -> None:
    (deployment,) = rendered({"labels": {"app.oam.dev/component": "other"}})
    template = deployment["spec"]["template"]["metadata"]["labels"]
    assert template["app.oam.dev/component"] == "web"


def test_a_single_port_is_exposed_and_of_several_those_that_say_so() -> None:
    ports = [
        {"port": 9000, "name": "grpc", "expose": True},
        {"port": 53, "protocol": "UDP", "expose": True},
        {"port": 9100},
    ]
    deployment, service = rendered({"port": 8080, "ports": ports, "exposeType": "NodePort"})
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    names = [each["name"] for each in container["ports"]]
    assert names == ["port-8080", "grpc", "port-53-udp", "port-9100"]
    assert [each["name"] for each in service["spec"]["ports"]] == names[:3]
    assert service["spec"]["type"] == "NodePort"


def test_without_an_exposed_port_there_is_no_service() -> None:
    assert [each["kind"] for each in rendered({"ports": [{"port": 9100}]})] == ["Deployment"]
    assert [each["kind"] for each in rendered({}, kind="worker")] == ["Deployment"]


@pytest.mark.parametrize(
    ("properties", "traits", "replicas"),
    [
        ({}, (), None),
        ({"replicas": 0}, (), 0),
        ({"replicas": 4}, (), 4),
        ({}, (Trait(type="scaler", properties={"replicas": 3}),), 3),
        ({}, (Trait(type="scaler"),), 1),
    ],
)
def test_replicas_come_from_the_property_or_the_scaler_or_are_left_to_the_cluster(
    properties: dict[str, Any], traits: tuple[Trait, ...], replicas: int | None
) -> None:
    (deployment,) = rendered(properties, traits=traits)
    assert deployment["spec"].get("replicas") == replicas


def test_all_parameters_arrive_in_the_container() -> None:
    probe = {"httpGet": {"path": "/", "port": 80}, "initialDelaySeconds": 0}
    source = {"secretKeyRef": {"name": "db", "key": "url"}}
    given_ = {
        "imagePullPolicy": "Always",
        "cmd": ["serve"],
        "args": ["-v"],
        "env": [{"name": "EMPTY", "value": ""}, {"name": "DB", "valueFrom": source}],
        "cpu": 0.5,
        "memory": "64Mi",
        "livenessProbe": probe,
        "readinessProbe": probe,
        "annotations": {"a": "b"},
        "progressDeadlineSeconds": 60,
    }
    (deployment,) = rendered(given_, kind="worker")
    amounts = {"cpu": "0.5", "memory": "64Mi"}
    assert deployment["spec"]["template"]["spec"]["containers"] == [
        {
            "name": "web",
            "image": "web:v1",
            "imagePullPolicy": "Always",
            "command": ["serve"],
            "args": ["-v"],
            "env": given_["env"],
            "resources": {"requests": amounts, "limits": amounts},
            "livenessProbe": probe,
            "readinessProbe": probe,
        }
    ]
    assert deployment["spec"]["template"]["metadata"]["annotations"] == {"a": "b"}
    assert deployment["spec"]["progressDeadlineSeconds"] == 60


def test_what_no_longer_fits_is_refused_instead_of_rendered() -> None:
    with pytest.raises(Permanent, match="web cannot be rendered"):
        rendered({"image": 5})


@given(st.integers(1, 65535), st.sampled_from(["webservice", "worker"]), st.booleans())
def test_the_same_application_always_renders_the_same(port: int, kind: str, scaled: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    properties = {"port": port} if kind == "webservice" else {}
    traits = (Trait(type="scaler", properties={"replicas": 2}),) if scaled else ()
    once = rendered(properties, kind=kind, traits=traits)
    assert once == rendered(properties, kind=kind, traits=traits)
    assert yaml.safe_load(yaml.safe_dump(once)) == once


def test_rendering_changes_nothing_that_it_was_given() -> None:
    component = Component(name="web", type="webservice", properties={"image": "web:v1", "port": 80})
    application = Application(name="shop", components=(component,))
    copy = replace(component, properties=dict(component.properties))
    render_all(application, an_environment(), TARGET)
    assert application.components == (copy,)
