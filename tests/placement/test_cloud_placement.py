"""Where cloud resources go: which env they are for, what its targets say, and what belongs to them."""

from dataclasses import replace
from typing import Any

import pytest

from bot.catalog.model import Application, Component, Environment, Policy
from bot.placement.handling import disposal_of
from bot.placement.placements import (
    PlacementError,
    cloud_resources,
    intended,
    placements_of,
)
from bot.placement.places import CloudPlacement
from bot.workflow.generated import generated_workflow
from tests.builders import a_step
from tests.rendering.cloud import DEFINITION, a_database, a_place, a_shop

UNLIKE = {"hangzhou": {"region": "cn"}, "frankfurt": {"region": "eu"}}
BINDING = Policy(
    name="envs",
    type="env-binding",
    properties={
        "envs": [
            {
                "name": "europe",
                "placement": {"clusterSelector": {"name": "west"}},
                "patch": {
                    "components": [{"name": "orders-db", "properties": {"size": "large"}}],
                },
            },
            {"name": "none", "selector": {"components": ["web"]}},
        ]
    },
)


def of(
    application: Application, env: str, environment: Environment | None = None, **given: Any
) -> CloudPlacement:
    return cloud_resources(application, environment or a_place(), {"env": env, **given})


def cloud_step(env: str = "prod", **given: Any) -> Any:
    return a_step("db", "deploy-cloud-resource", properties={"env": env, **given})


@pytest.mark.parametrize(
    ("env", "targets"),
    [("prod", ["hangzhou", "frankfurt"]), ("frankfurt", ["frankfurt"]), ("europe", ["frankfurt"])],
)
def test_an_env_is_the_environment_or_a_target_or_one_of_a_binding(
    env: str, targets: list[str]
) -> None:
    found = of(a_shop(a_database(), policies=(BINDING,)), env)
    assert [each.name for each in found.targets] == targets
    assert [(each.name, each.env) for each in found.control.components] == [("orders-db", env)]
    assert (found.control.target.cluster, found.control.target.namespace) == ("east", "default")


def test_an_env_of_a_binding_changes_and_chooses_components() -> None:
    application = a_shop(a_database(), policies=(BINDING,))
    (component,) = of(application, "europe").control.components
    assert component.properties["size"] == "large"
    assert of(application, "none", policy="envs").control.components == ()


def test_overrides_change_cloud_resources_and_make_some() -> None:
    small = Policy(
        name="small",
        type="override",
        properties={"components": [{"name": "orders-db", "properties": {"size": "tiny"}}]},
    )
    bound = Policy(
        name="more",
        type="override",
        environment="prod",
        properties={
            "components": [
                {"name": "cache", "type": "alibaba-redis", "properties": {"size": "1"}},
                {"name": "web", "type": "terraform", "properties": {"hcl": "#"}},
            ]
        },
    )
    application = replace(
        a_shop(a_database(), policies=(small, bound)), cloud_types={"alibaba-redis": DEFINITION}
    )
    found = of(application, "prod", policies=["small"]).control.components
    assert {each.name: each.type for each in found} == {
        "orders-db": "alibaba-rds",
        "web": "terraform",
        "cache": "alibaba-redis",
    }
    assert found[0].properties["size"] == "tiny"
    back = replace(bound, properties={"components": [{"name": "orders-db", "type": "worker"}]})
    assert of(replace(application, policies=(back,)), "prod").control.components == ()


@pytest.mark.parametrize(
    ("given", "environment", "said"),
    [
        ({"env": "prd"}, a_place(), "there is no env prd; did you mean prod?"),
        ({"env": "prod"}, a_place(control=""), "prod has no control cluster"),
        ({"env": "prod", "policies": ["x"]}, a_place(), "there is no policy x"),
        (
            {"env": "prod"},
            a_place(UNLIKE),
            "orders-db is one for several targets, which do not agree on region (hangzhou: cn, frankfurt: eu)",
        ),
        (
            {"env": "prod"},
            a_place({"hangzhou": {"providerName": "ali"}}),
            "which do not agree on providerName (hangzhou: ali, frankfurt: none)",
        ),
    ],
)
def test_what_cannot_be_placed_says_why(
    given: dict[str, Any], environment: Environment, said: str
) -> None:
    with pytest.raises(PlacementError) as error:
        cloud_resources(a_shop(a_database()), environment, given)
    assert said in str(error.value)


def test_targets_need_not_agree_on_what_the_component_says_itself_or_alone() -> None:
    unlike = a_place(UNLIKE)
    said = a_database(region="cn")
    assert of(a_shop(said), "prod", unlike).control.target.variables == {}
    alone = of(a_shop(a_database()), "frankfurt", unlike)
    assert alone.control.target.variables == {"region": "eu"}


def test_two_cloud_resources_do_not_write_one_secret() -> None:
    with pytest.raises(PlacementError, match="orders-db and cache both write the Secret db-conn"):
        of(a_shop(a_database(), a_database("cache")), "prod")


def test_what_belongs_to_cloud_resources_is_wanted_on_the_control_cluster_and_at_the_targets() -> (
    None
):
    application = a_shop(a_database())
    steps = [cloud_step(), a_step("all", "deploy")]
    assert intended(steps, application, a_place()) == {
        ("", "orders-db"),
        ("hangzhou", "orders-db"),
        ("frankfurt", "orders-db"),
        ("hangzhou", "web"),
        ("frankfurt", "web"),
    }


def test_a_step_without_cloud_resources_delivers_nothing_and_needs_no_control_cluster() -> None:
    assert placements_of(cloud_step(), a_shop(), a_place(control="")) == ()


def test_a_generated_workflow_makes_them_first() -> None:
    names = [each.name for each in generated_workflow(a_shop(a_database()), a_place()).steps]
    assert names == ["cloud-resources", "hangzhou", "frankfurt"]
    assert [each.name for each in generated_workflow(a_shop(), a_place()).steps] == names[1:]


def test_a_generated_workflow_makes_those_of_overrides_with_these() -> None:
    override = Policy(
        name="db",
        type="override",
        properties={"components": [{"name": "db", "type": "alibaba-rds"}]},
    )
    application = a_shop(policies=(override,), cloud_types={"alibaba-rds": DEFINITION})
    first, *others = generated_workflow(application, a_place()).steps
    assert (first.type, first.properties) == (
        "deploy-cloud-resource",
        {"env": "prod", "policies": ["db"]},
    )
    assert [each.type for each in others] == ["deploy", "deploy"]
    elsewhere = replace(application, policies=(replace(override, environment="dev"),))
    assert len(generated_workflow(elsewhere, a_place()).steps) == 2


@pytest.mark.parametrize("kind", ["Configuration", "Provider"])
def test_a_cloud_resource_is_kept_as_garbage_unless_a_rule_names_its_kind(kind: str) -> None:
    version = "v1beta2" if kind == "Configuration" else "v1beta1"
    manifest = {
        "apiVersion": f"terraform.core.oam.dev/{version}",
        "kind": kind,
        "metadata": {"name": "orders-db-prod", "labels": {"app.oam.dev/component": "orders-db"}},
    }

    def disposal(*selectors: dict[str, Any]) -> str:
        rules = [{"selector": each} for each in selectors]
        policy = Policy(name="gc", type="garbage-collect", properties={"rules": rules})
        return disposal_of(a_shop(policies=(policy,)), manifest).kept

    assert "never destroyed unless" in disposal()
    assert "never destroyed unless" in disposal({"componentNames": ["orders-db"]})
    assert disposal({"resourceTypes": [kind]}) == ""


def test_another_kind_called_configuration_is_nothing_special() -> None:
    manifest = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Configuration",
        "metadata": {"name": "web"},
    }
    assert disposal_of(a_shop(), manifest).kept == ""


def test_an_image_of_a_module_is_a_variable() -> None:
    component = Component(
        name="vm", type="ecs", properties={"image": "ubuntu"}, terraform=DEFINITION
    )
    assert not component.has_image
