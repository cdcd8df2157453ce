"""How policies want objects to be treated, and which of them are never deleted."""

from dataclasses import replace
from typing import Any

import pytest

from bot.catalog.model import Application, Component, Policy, Target, Trait
from bot.placement.handling import disposal_of, handling_of, with_live_fields
from bot.placement.policies import check_policy
from bot.rendering.render import render
from tests.builders import an_environment

WEB = Component(
    name="web",
    type="webservice",
    properties={"image": "web:v1", "port": 80},
    traits=(Trait(type="hpa", properties={"cpu": {}}),),
)
SHOP = Application(name="shop", components=(WEB,))
TARGET = Target(name="hangzhou", cluster="east", namespace="shop")
OBJECTS = render(SHOP, WEB, an_environment(), TARGET)
CLAIM: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data", "namespace": "shop"},
}


def with_policy(kind: str, **properties: Any) -> Application:
    policy = Policy(name="p", type=kind, properties=properties)
    assert check_policy(policy) == []
    return replace(SHOP, policies=(policy,))


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ({"componentNames": ["web"]}, {"Deployment", "Service", "HorizontalPodAutoscaler"}),
        ({"componentNames": ["api"]}, set()),
        ({"componentTypes": ["webservice"]}, {"Deployment", "Service"}),
        ({"oamTypes": ["TRAIT"]}, {"HorizontalPodAutoscaler"}),
        ({"oamTypes": ["COMPONENT"], "resourceTypes": ["Service"]}, {"Service"}),
        ({"traitTypes": ["hpa"]}, {"HorizontalPodAutoscaler"}),
        ({"resourceNames": ["web"], "resourceTypes": ["Deployment"]}, {"Deployment"}),
    ],
)
def test_a_selector_chooses_objects_by_everything_that_it_names(
    selector: dict[str, Any], chosen: set[str]
) -> None:
    found = handling_of(with_policy("take-over", rules=[{"selector": selector}]), OBJECTS)
    assert {each.kind for each in found.force} == chosen


def test_what_is_applied_once_is_left_alone_as_a_whole_or_in_some_fields() -> None:
    selector = {"resourceTypes": ["Deployment"]}
    whole = with_policy(
        "apply-once", enable=True, rules=[{"selector": selector, "strategy": {"path": ["*"]}}]
    )
    assert {each.kind for each in handling_of(whole, OBJECTS).once} == {"Deployment"}

    some = with_policy(
        "apply-once",
        enable=True,
        rules=[{"selector": selector, "strategy": {"path": ["spec.replicas", "spec.paused"]}}],
    )
    handling = handling_of(some, OBJECTS)
    assert handling.once == frozenset()
    (paths,) = handling.kept_fields.values()
    live = {**OBJECTS[0], "spec": {**OBJECTS[0]["spec"], "replicas": 7}}
    kept = with_live_fields(OBJECTS[0], live, paths)
    assert kept["spec"]["replicas"] == 7
    assert "paused" not in kept["spec"]
    assert with_live_fields(OBJECTS[0], None, paths) == OBJECTS[0]

    off = with_policy("apply-once", rules=[{"selector": selector, "strategy": {"path": ["*"]}}])
    assert handling_of(off, OBJECTS).once == frozenset()


def test_garbage_is_deleted_unless_a_rule_keeps_it() -> None:
    deployment = OBJECTS[0]
    assert disposal_of(SHOP, deployment).kept == ""
    keeping = with_policy("garbage-collect", keepLegacyResource=True)
    assert "keeps what is old" in disposal_of(keeping, deployment).kept
    never = with_policy(
        "garbage-collect",
        rules=[{"selector": {"resourceTypes": ["Deployment"]}, "strategy": "never"}],
    )
    assert "says never" in disposal_of(never, deployment).kept
    assert disposal_of(never, OBJECTS[1]).kept == ""
    orphan = with_policy(
        "garbage-collect",
        rules=[{"selector": {"componentNames": ["web"]}, "propagation": "orphan"}],
    )
    assert disposal_of(orphan, deployment).orphan


def test_what_holds_data_is_deleted_only_when_a_rule_names_its_kind() -> None:
    assert "never deleted unless" in disposal_of(SHOP, CLAIM).kept
    by_name = with_policy("garbage-collect", rules=[{"selector": {"resourceNames": ["data"]}}])
    assert "never deleted unless" in disposal_of(by_name, CLAIM).kept
    by_kind = with_policy(
        "garbage-collect", rules=[{"selector": {"resourceTypes": ["PersistentVolumeClaim"]}}]
    )
    assert disposal_of(by_kind, CLAIM).kept == ""


@pytest.mark.parametrize(
    ("kind", "properties", "said"),
    [
        ("overide", {}, "there is no policy type overide; did you mean override?"),
        (
            "replication",
            {},
            "replication is a policy of KubeVela's that this Shipmate does not have",
        ),
        ("topology", {"clusters": "east"}, "expected a list, found"),
        (
            "override",
            {"components": [{"naem": "web"}]},
            "there is no property naem; did you mean name?",
        ),
        ("garbage-collect", {"continueOnFailure": True}, "expected False"),
        ("env-binding", {"envs": [{"name": "a"}, {"name": "a"}]}, "there are two envs a"),
    ],
)
def test_a_policy_that_means_nothing_is_told(
    kind: str, properties: dict[str, Any], said: str
) -> None:
    ((_, found),) = check_policy(Policy(name="p", type=kind, properties=properties))
    assert said in found
