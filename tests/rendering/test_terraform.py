"""What cloud resources become: Configurations of KubeVela's Terraform controller, and what is wrong with one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.catalog.model import Component, Environment, Target, Trait
from bot.placement.checking import check_component
from bot.placement.placements import placements_of
from bot.rendering.objects import Manifest
from bot.rendering.render import render
from tests.builders import a_step
from tests.rendering.cloud import DEFINITION, REMOTE, a_database, a_place, a_shop

GOLDEN = Path(__file__).parent / "golden" / "configurations.yaml"
BOTH = {"hangzhou": {"region": "cn-hangzhou"}, "frankfurt": {"region": "cn-hangzhou"}}
NAMED = {each: {"providerName": "ali-prod", **BOTH[each]} for each in BOTH}


def of(component: Component, environment: Environment | None = None, env: str = "prod") -> Manifest:
    """Render what a `deploy-cloud-resource` makes of a component."""
    where = environment or a_place()
    step = a_step("db", "deploy-cloud-resource", properties={"env": env})
    application = a_shop(component)
    (placement,) = placements_of(step, application, where)
    (made,) = render(application, placement.components[0], where, placement.target)
    return made


def own(**properties: Any) -> Component:
    return Component(name="orders-db", type="terraform", properties=properties, terraform={})


def spec(component: Component, environment: Environment | None = None) -> dict[str, Any]:
    found: dict[str, Any] = of(component, environment)["spec"]
    return found


def test_configurations_are_the_golden_ones() -> None:
    everything = own(
        remote="https://git.shop.example/modules.git",
        path="rds",
        variable={"size": "large", "nothing": None, "tags": {"team": "shop"}},
        providerRef={"name": "aws", "namespace": "terraform"},
        customRegion="eu-central-1",
        writeConnectionSecretToRef={"name": "db-conn", "namespace": "secrets"},
        deleteResource=False,
        forceDelete=True,
        inlineCredentials=False,
        gitRef={"tag": "v1"},
        gitCredentialsSecretReference={"name": "git", "namespace": "terraform"},
        terraformCredentialsSecretReference={"name": "tf", "namespace": "terraform"},
        terraformRCConfigMapReference={"name": "rc", "namespace": "terraform"},
        terraformCredentialsHelperConfigMapReference={"name": "help", "namespace": "terraform"},
        jobEnv={"TF_LOG": "info"},
        backend={"backendType": "kubernetes", "kubernetes": {"secret_suffix": "orders"}},
    )
    made = [
        of(a_database(), a_place(NAMED)),
        of(replace(a_database(), terraform=REMOTE, properties={"instance_name": "orders"})),
        of(everything, env="hangzhou"),
    ]
    assert list(yaml.safe_load_all(GOLDEN.read_text(encoding="utf-8"))) == made


def test_a_provider_is_the_components_then_the_targets_then_the_types() -> None:
    mine = a_database(providerRef={"name": "mine"})
    assert spec(mine, a_place(NAMED))["providerRef"]["name"] == "mine"
    assert spec(a_database(), a_place(NAMED))["providerRef"]["name"] == "ali-prod"
    assert spec(a_database())["providerRef"] == {"name": "alibaba", "namespace": "default"}
    assert "providerRef" not in spec(own(hcl="#", inlineCredentials=True), a_place(NAMED))


def test_a_region_is_the_components_then_the_targets_then_the_types() -> None:
    typed = replace(a_database(), terraform={**DEFINITION, "customRegion": "cn-beijing"})
    both = replace(typed, properties={**typed.properties, "customRegion": "a", "region": "b"})
    assert spec(both, a_place(BOTH))["customRegion"] == "a"
    older = own(hcl="#", region="b")
    assert spec(older, a_place(BOTH))["customRegion"] == "b"
    assert spec(typed, a_place(BOTH))["customRegion"] == "cn-hangzhou"
    assert spec(typed)["customRegion"] == "cn-beijing"
    assert "customRegion" not in spec(a_database())


def test_a_module_with_a_variable_region_gets_it_too() -> None:
    module = {"type": "hcl", "configuration": 'variable "region" { type = string }'}
    given = Component(name="db", type="mine", terraform=module, properties={"region": "cn-beijing"})
    assert spec(given)["variable"] == {"region": "cn-beijing"}
    assert spec(given)["customRegion"] == "cn-beijing"
    silent = replace(given, properties={})
    assert spec(silent, a_place(BOTH))["variable"] == {"region": "cn-hangzhou"}
    git = replace(silent, terraform=REMOTE)
    assert spec(git, a_place(BOTH))["variable"] == {"region": "cn-hangzhou"}


def test_whether_the_resource_goes_with_its_object_is_said_by_the_component_or_its_type() -> None:
    kept = replace(a_database(), terraform={**DEFINITION, "deleteResource": False})
    assert spec(kept)["deleteResource"] is False
    said = replace(kept, properties={**kept.properties, "deleteResource": True})
    assert spec(said)["deleteResource"] is True
    assert "deleteResource" not in spec(a_database())


def test_delivered_with_the_other_components_it_has_the_targets_place_and_its_own_name() -> None:
    application, environment = a_shop(a_database()), a_place()
    (made,) = render(application, a_database(), environment, environment.targets[0])
    assert made["metadata"]["name"] == "orders-db"
    assert made["metadata"]["namespace"] == "shop-prod"
    assert made["spec"]["writeConnectionSecretToRef"] == {
        "name": "db-conn",
        "namespace": "shop-prod",
    }


def test_labels_and_annotations_can_be_added() -> None:
    traits = (
        Trait(type="labels", properties={"team": "shop"}),
        Trait(type="annotations", properties={"owner": "sre"}),
    )
    made = of(replace(a_database(), traits=traits))
    assert made["metadata"]["labels"]["team"] == "shop"
    assert made["metadata"]["annotations"] == {"owner": "sre"}


def test_values_of_the_target_can_be_used() -> None:
    component = a_database(instance_name="orders-${{ target.variables.region }}")
    assert spec(component, a_place(BOTH))["variable"] == {"instance_name": "orders-cn-hangzhou"}


@pytest.mark.parametrize(
    ("component", "said"),
    [
        (
            a_database(instance_nam="x"),
            "there is no property instance_nam; did you mean instance_name? (known: instance_name, size, password,",
        ),
        (a_database(instance_name=None), "it is required"),
        (a_database(size=["a"]), "expected a text, found ['a']"),
        (a_database(password=["s3cret"]), "expected a text"),
        (a_database(providerRef="x"), "expected a map, found 'x'"),
        (a_database(deleteResource="no"), "expected true or false, found 'no'"),
        (own(), "expected hcl (the module itself) or remote (a git repository)"),
        (own(hcl="a", remote="b"), "expected hcl (the module itself) or remote (a git repository)"),
        (own(hcl="#", path="b"), "a path is one in the git repository of remote"),
        (own(hcl='variable "a" {'), "it is no Terraform module: line 1: a { is not closed"),
        (
            own(hcl='variable "size" {}', variable={"siez": 1, "size": 1}),
            "there is no variable siez; did you mean size? (known: size)",
        ),
        (
            replace(a_database(), traits=(Trait(type="scaler"),)),
            "a cloud resource takes no scaler (it takes: labels, annotations, json-patch, json-merge-patch)",
        ),
    ],
)
def test_a_mistake_is_told(component: Component, said: str) -> None:
    faults = check_component(component)
    assert any(text.startswith(said) for _, text in faults), faults
    assert "s3cret" not in str([text for _, text in faults])


def test_of_a_module_in_a_git_repository_everything_is_taken() -> None:
    given = replace(a_database(whatever=[1]), terraform=REMOTE)
    assert check_component(given) == []
    assert spec(given)["variable"]["whatever"] == [1]


def test_a_region_that_a_target_may_say_is_not_missed() -> None:
    module = {"type": "hcl", "configuration": 'variable "region" {}'}
    assert check_component(Component(name="db", type="mine", terraform=module)) == []


def test_an_object_is_the_same_however_often_it_is_rendered() -> None:
    target = Target(name="", cluster="east", namespace="default")
    component = replace(a_database(), env="prod")
    made = [render(a_shop(component), component, a_place(), target, revision=n) for n in (1, 2)]
    assert made[0] == made[1]
