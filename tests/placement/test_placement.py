"""What is delivered where: topologies choose targets, overrides change components, bindings do both."""

from dataclasses import replace
from typing import Any

import pytest

from bot.catalog.model import (
    Application,
    Component,
    Environment,
    Input,
    Policy,
    Step,
    Target,
    Trait,
)
from bot.placement.overriding import merged
from bot.placement.placements import PlacementError, intended, placements_of
from bot.workflow.generated import generated_workflow
from tests.builders import a_step

PROD = Environment(
    name="prod",
    targets=(
        Target(name="hangzhou", cluster="east", namespace="shop", labels={"region": "cn"}),
        Target(name="shanghai", cluster="east", namespace="shop-two", labels={"region": "cn"}),
        Target(name="frankfurt", cluster="west", namespace="shop", labels={"region": "eu"}),
    ),
)
SHOP = Application(
    name="shop",
    components=(
        Component(
            name="web",
            type="webservice",
            properties={"image": "web:v1", "env": [{"name": "A", "value": "1"}], "cpu": "1"},
            traits=(Trait(type="scaler", properties={"replicas": 3}), Trait(type="gateway")),
        ),
        Component(name="jobs", type="worker", properties={"image": "jobs:v1"}),
    ),
)


def shop(*policies: Policy) -> Application:
    return replace(SHOP, policies=policies)


def topology(name: str = "where", **properties: Any) -> Policy:
    return Policy(name=name, type="topology", properties=properties)


def override(name: str = "small", **properties: Any) -> Policy:
    return Policy(name=name, type="override", properties=properties)


def deployed(application: Application, *policies: str, **properties: Any) -> dict[str, Any]:
    """Answer what a `deploy` step delivers: the components by their names, by target."""
    step = a_step("deploy", "deploy", properties={"policies": list(policies), **properties})
    return {
        each.target.name: {one.name: one for one in each.components}
        for each in placements_of(step, application, PROD)
    }


@pytest.mark.parametrize(
    ("properties", "targets"),
    [
        ({"clusters": ["west"]}, ["frankfurt"]),
        ({"clusters": ["east"]}, ["hangzhou", "shanghai"]),
        ({"clusters": ["east", "west"], "namespace": "shop"}, ["hangzhou", "frankfurt"]),
        ({"clusterLabelSelector": {"region": "cn"}}, ["hangzhou", "shanghai"]),
        ({"clusterSelector": {"region": "eu"}}, ["frankfurt"]),
        ({"clusterLabelSelector": {"region": "us"}, "allowEmpty": True}, []),
        ({}, ["hangzhou", "shanghai", "frankfurt"]),
    ],
)
def test_a_topology_chooses_among_the_targets_of_the_environment(
    properties: dict[str, Any], targets: list[str]
) -> None:
    assert list(deployed(shop(topology(**properties)), "where")) == targets


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"clusters": ["moon"]}, "finds no target on moon"),
        ({"clusters": ["east", "moon"]}, "finds no target on moon"),
        ({"namespace": "kube-system"}, "finds no target that it fits"),
        ({"clusterLabelSelector": {"region": "us"}}, "finds no target that it fits"),
    ],
)
def test_a_place_that_is_no_target_of_the_environment_is_never_delivered_to(
    properties: dict[str, Any], said: str
) -> None:
    with pytest.raises(PlacementError, match=said):
        deployed(shop(topology(**properties)), "where")


def test_without_a_topology_a_deploy_goes_to_the_targets_that_it_names_or_to_all() -> None:
    assert list(deployed(shop())) == ["hangzhou", "shanghai", "frankfurt"]
    assert list(deployed(shop(), targets=["frankfurt"])) == ["frankfurt"]
    with pytest.raises(PlacementError, match="no target frankfort; did you mean frankfurt"):
        deployed(shop(), targets=["frankfort"])


def test_several_topologies_together_are_one_delivery() -> None:
    application = shop(topology("one", clusters=["west"]), topology("two", namespace="shop"))
    assert list(deployed(application, "one", "two")) == ["hangzhou", "frankfurt"]


def test_local_is_the_control_cluster_as_in_kubevela() -> None:
    """KubeVela's files name the cluster that it runs on so, whatever it is called here."""
    place = replace(PROD, control_cluster="west")
    application = shop(topology(clusters=["local"]))
    envs = [{"name": "far", "placement": {"clusterSelector": {"name": "local"}}}]
    bound = shop(Policy(name="envs", type="env-binding", properties={"envs": envs}))
    rows: list[tuple[Application, str, dict[str, Any]]] = [
        (application, "deploy", {"policies": ["where"]}),
        (bound, "deploy2env", {"env": "far"}),
        (application, "apply-component", {"component": "web", "cluster": "local"}),
        (application, "deploy2runtime", {"clusters": ["local"]}),
    ]
    for given, kind, properties in rows:
        step = a_step("one", kind, properties=properties)
        found = placements_of(step, given, place)
        assert [each.target.name for each in found] == ["frankfurt"], kind
        with pytest.raises(PlacementError):
            placements_of(step, given, PROD)  # without a control cluster it is nowhere
    assert [each.name for each in generated_workflow(application, place).steps] == ["frankfurt"]
    # A cluster that is called so is meant first.
    near = replace(PROD.targets[0], name="near", cluster="local")
    called = replace(place, targets=(*PROD.targets, near))
    assert list(deployed_to(application, called)) == ["near"]


def deployed_to(application: Application, place: Environment) -> list[str]:
    step = a_step("one", "deploy", properties={"policies": ["where"]})
    return [each.target.name for each in placements_of(step, application, place)]


def test_a_workflow_that_nobody_wrote_goes_where_the_topologies_say() -> None:
    """Not everywhere: in KubeVela each of them is a step of its own."""
    eu, cn = (
        topology("eu", clusterLabelSelector={"region": "eu"}),
        topology("two", namespace="shop-two"),
    )

    def steps(*policies: Policy) -> list[str]:
        return [each.name for each in generated_workflow(shop(*policies), PROD).steps]

    assert steps() == steps(override()) == ["hangzhou", "shanghai", "frankfurt"]
    assert steps(eu) == ["frankfurt"]
    assert steps(eu, cn, override()) == ["shanghai", "frankfurt"]
    # In an environment where none of them finds a target the run says so, and delivers nothing.
    nowhere = shop(topology("mars", clusters=["mars"]))
    (step,) = generated_workflow(nowhere, PROD).steps
    with pytest.raises(PlacementError, match="the topology mars finds no target on mars"):
        placements_of(step, nowhere, PROD)


def test_a_policy_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(PlacementError, match="no policy smal; did you mean small"):
        deployed(shop(override()), "smal")


def test_an_override_merges_properties_and_traits_and_takes_away_by_null() -> None:
    patch = {
        "name": "web",
        "properties": {"image": "web:v2", "cpu": None, "limit": {"cpu": "2"}},
        "traits": [
            {"type": "scaler", "properties": {"replicas": 1}},
            {"type": "gateway", "disable": True},
            {"type": "hpa", "properties": {"max": 5}},
        ],
    }
    web = deployed(shop(override(components=[patch])), "small")["hangzhou"]["web"]

    assert web.properties == {
        "image": "web:v2",
        "env": [{"name": "A", "value": "1"}],
        "limit": {"cpu": "2"},
    }
    assert [(each.type, each.properties) for each in web.traits] == [
        ("scaler", {"replicas": 1}),
        ("hpa", {"max": 5}),
    ]


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        ({"properties": {"x": 1}}, {"web", "jobs"}),
        ({"type": "worker", "properties": {"x": 1}}, {"jobs"}),
        ({"name": "w*", "properties": {"x": 1}}, {"web"}),
        ({"name": "web", "type": "webservice", "properties": {"x": 1}}, {"web"}),
        ({"name": "nobody", "properties": {"x": 1}}, set()),
    ],
)
def test_an_override_finds_components_by_name_pattern_and_type(
    patch: dict[str, Any], changed: set[str]
) -> None:
    found = deployed(shop(override(components=[patch])), "small")["hangzhou"]
    assert {name for name, each in found.items() if "x" in each.properties} == changed


def test_an_override_adds_a_component_and_replaces_one_of_another_type() -> None:
    patches = [
        {"name": "cache", "type": "worker", "properties": {"image": "redis:7"}},
        {"name": "jobs", "type": "cron-task", "properties": {"image": "jobs:v2"}},
    ]
    found = deployed(shop(override(components=patches)), "small")["frankfurt"]
    assert list(found) == ["web", "jobs", "cache"]
    assert (found["jobs"].type, found["jobs"].properties) == ("cron-task", {"image": "jobs:v2"})


def test_a_selector_leaves_the_other_components_out() -> None:
    assert list(deployed(shop(override(selector=["jobs"])), "small")["hangzhou"]) == ["jobs"]


def test_overrides_bound_to_an_environment_or_a_target_hold_in_every_delivery_there() -> None:
    def bound(name: str, replicas: int, **where: str) -> Policy:
        patch = {
            "name": "web",
            "traits": [{"type": "scaler", "properties": {"replicas": replicas}}],
        }
        return Policy(name=name, type="override", properties={"components": [patch]}, **where)

    application = shop(
        bound("prod", 5, environment="prod"),
        bound("far", 7, environment="prod", target="frankfurt"),
        bound("dev", 1, environment="dev"),
    )

    def replicas(step: Step) -> dict[str, int]:
        return {
            each.target.name: each.components[0].traits[0].properties["replicas"]
            for each in placements_of(step, application, PROD)
        }

    assert replicas(a_step("d", "deploy")) == {"hangzhou": 5, "shanghai": 5, "frankfurt": 7}
    env = a_step("d", "deploy2env", properties={"env": "frankfurt"})
    assert replicas(env) == {"frankfurt": 7}
    one = a_step("d", "apply-component", properties={"component": "web", "cluster": "east"})
    assert replicas(one) == {"hangzhou": 5, "shanghai": 5}


def test_an_env_binding_places_chooses_and_changes() -> None:
    envs = [
        {
            "name": "canary",
            "placement": {"clusterSelector": {"name": "west"}},
            "selector": {"components": ["web"]},
            "patch": {"components": [{"name": "web", "properties": {"image": "web:next"}}]},
        }
    ]
    application = shop(Policy(name="envs", type="env-binding", properties={"envs": envs}))
    step = a_step("d", "deploy2env", properties={"env": "canary", "policy": "envs"})

    (found,) = placements_of(step, application, PROD)

    assert found.target.name == "frankfurt"
    assert [(each.name, each.properties["image"]) for each in found.components] == [
        ("web", "web:next")
    ]
    with pytest.raises(PlacementError, match="the policy envs has no env canry"):
        placements_of(
            a_step("d", "deploy2env", properties={"env": "canry", "policy": "envs"}),
            application,
            PROD,
        )


def test_a_component_that_is_not_there_cannot_be_applied() -> None:
    with pytest.raises(PlacementError, match="no component wbe; did you mean web"):
        placements_of(a_step("d", "apply-component", properties={"component": "wbe"}), SHOP, PROD)


def everywhere(kind: str, **properties: Any) -> dict[str, list[str]]:
    """Answer the names of the components that a step delivers, by target."""
    found = placements_of(a_step("d", kind, properties=properties), SHOP, PROD)
    return {each.target.name: [one.name for one in each.components] for each in found}


def test_kubevelas_older_steps_deliver_to_all_targets_or_to_those_on_some_clusters() -> None:
    whole = {key: ["web", "jobs"] for key in ("hangzhou", "shanghai", "frankfurt")}

    assert everywhere("apply-application") == whole
    assert everywhere("apply-application-in-parallel") == whole
    assert everywhere("apply-remaining") == whole
    assert everywhere("apply-remaining", exceptions=["web"]) == {key: ["jobs"] for key in whole}
    assert everywhere("deploy2runtime") == whole
    assert everywhere("deploy2runtime", clusters=["west"]) == {"frankfurt": ["web", "jobs"]}


@pytest.mark.parametrize(
    ("kind", "properties", "path", "said"),
    [
        ("apply-remaining", {"exceptions": ["jobs", "wbe"]}, ("exceptions", 1), "no component wbe"),
        ("deploy2runtime", {"clusters": ["wets"]}, ("clusters", 0), "on wets; did you mean west?"),
    ],
)
def test_what_an_older_step_names_has_to_be_there(
    kind: str, properties: dict[str, Any], path: tuple[str | int, ...], said: str
) -> None:
    with pytest.raises(PlacementError, match=said.replace("?", "")) as raised:
        everywhere(kind, **properties)
    assert raised.value.path == path


def test_what_a_workflow_delivers_is_known_unless_a_value_decides_it_as_it_runs() -> None:
    east = a_step("east", "deploy", properties={"policies": ["where"]})
    group = a_step(
        "g", "step-group", sub_steps=(a_step("f", "deploy2env", properties={"env": "frankfurt"}),)
    )
    application = shop(topology(clusters=["east"]))

    assert intended([east, group], application, PROD) == {
        (target, component)
        for target in ("hangzhou", "shanghai", "frankfurt")
        for component in ("web", "jobs")
    }
    later = a_step("d", "deploy2env", properties={"env": "${{ inputs.where }}"})
    assert intended([east, later], application, PROD) is None
    taking = replace(east, inputs=(Input(from_="x", parameter_key="policies"),))
    assert intended([taking], application, PROD) is None


def test_merging_leaves_what_it_was_given_as_it_was() -> None:
    base = {"a": {"b": 1, "c": 2}, "d": [1]}
    assert merged(base, {"a": {"b": None, "e": 3}, "d": [2]}) == {"a": {"c": 2, "e": 3}, "d": [2]}
    assert base == {"a": {"b": 1, "c": 2}, "d": [1]}
