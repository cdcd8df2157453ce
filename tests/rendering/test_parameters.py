"""What a component and its traits may say: everything else is told with its path, and nothing makes the check fail itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog.model import Application, Component, Trait
from bot.placement.checking import check_component
from bot.rendering.types import COMPONENTS, TRAITS
from tests.builders import an_environment
from tests.rendering.kinds import COMPLETE, CONFIG_MAP, IMAGE, TRAIT
from tests.rendering.whole import render_all

Path = tuple[str | int, ...]


def component(kind: str, properties: dict[str, Any], *traits: Trait) -> Component:
    return Component(name="web", type=kind, properties=properties, traits=traits)


def paths(kind: str = "webservice", **properties: Any) -> list[Path]:
    found = check_component(component(kind, {"image": IMAGE, **properties}))
    return [path[1:] for path, _ in found]


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        ({"image": "Web"}, ("image",)),
        ({"image": "a b"}, ("image",)),
        ({"imagePullPolicy": "Sometimes"}, ("imagePullPolicy",)),
        ({"imagePullPolicy": []}, ("imagePullPolicy",)),
        ({"imagePullSecrets": [5]}, ("imagePullSecrets", 0)),
        ({"cmd": "serve"}, ("cmd",)),
        ({"cmd": [5]}, ("cmd", 0)),
        ({"cpu": "much"}, ("cpu",)),
        ({"cpu": True}, ("cpu",)),
        ({"memory": "512m"}, ("memory",)),
        ({"replicas": -1}, ("replicas",)),
        ({"replicas": True}, ("replicas",)),
        ({"replicas": "3"}, ("replicas",)),
        ({"progressDeadlineSeconds": True}, ("progressDeadlineSeconds",)),
        ({"labels": {"a": 5}}, ("labels", "a")),
        ({"env": {}}, ("env",)),
        ({"env": [{"value": "x"}]}, ("env", 0, "name")),
        ({"env": [{"name": 5, "value": "x"}]}, ("env", 0, "name")),
        ({"env": [{"name": "A", "value": 5}]}, ("env", 0, "value")),
        ({"env": [{"name": "A", "valueFrom": {}}]}, ("env", 0, "valueFrom")),
        ({"env": [{"name": "A"}, {"name": "A"}]}, ("env",)),
        ({"port": 0}, ("port",)),
        ({"port": True}, ("port",)),
        ({"port": "8080"}, ("port",)),
        ({"ports": [{"port": 80, "name": "much-too-long-a-name"}]}, ("ports", 0, "name")),
        ({"ports": [{"port": 80}, {"port": 80}]}, ()),
        ({"ports": [{"port": 80, "protocol": "HTTP"}]}, ("ports", 0, "protocol")),
        ({"ports": [{"port": 80, "protocol": []}]}, ("ports", 0, "protocol")),
        ({"exposeType": "Public"}, ("exposeType",)),
        ({"readinessProbe": {}}, ("readinessProbe",)),
        ({"readinessProbe": {"httpGet": {"path": "/"}}}, ("readinessProbe", "httpGet", "port")),
        ({"readinessProbe": {"httpGet": 5}}, ("readinessProbe", "httpGet")),
        ({"readinessProbe": {"exec": {"command": "x"}}}, ("readinessProbe", "exec", "command")),
        ({"readinessProbe": {"tcpSocket": {"port": 0}}}, ("readinessProbe", "tcpSocket", "port")),
        ({"args": ["${{ context.version }}"]}, ("args", 0)),
        ({"volume": []}, ("volume",)),
        ({"volumes": [{"name": "a", "mountPath": "/a", "type": "pvc"}]}, ("volumes", 0)),
        (
            {"volumeMounts": {"pvc": [{"name": "a", "mountPath": "/a"}]}},
            ("volumeMounts", "pvc", 0, "claimName"),
        ),
        ({"addRevisionLabel": True}, ("addRevisionLabel",)),
    ],
)
def test_a_wrong_property_is_told_at_its_place(properties: dict[str, Any], path: Path) -> None:
    assert path in paths(**properties)


@pytest.mark.parametrize(
    ("kind", "properties", "path", "said"),
    [
        ("worker", {"image": IMAGE, "port": 8080}, ("port",), "there is no property port"),
        ("task", {"image": IMAGE, "restart": "Always"}, ("restart",), "'Never' or 'OnFailure'"),
        ("task", {"image": IMAGE, "count": 0}, ("count",), "greater than or equal to 1"),
        ("cron-task", {"image": IMAGE}, ("schedule",), "it is required"),
        ("cron-task", {"image": IMAGE, "schedule": "daily"}, ("schedule",), "expected"),
        ("daemon", {"image": IMAGE, "replicas": 2}, ("replicas",), "there is no property replicas"),
        ("k8s-objects", {}, ("objects",), "it is required"),
        ("k8s-objects", {"objects": []}, ("objects",), "expected at least one"),
        ("k8s-objects", {"objects": [{"kind": "Job"}]}, ("objects", 0), "needs apiVersion"),
        ("raw", {"apiVersion": "v1", "kind": "Pod"}, (), "an object needs metadata.name"),
        (
            "raw",
            {**CONFIG_MAP, "metadata": {"name": "a", "labels": {"a": 5}}},
            (),
            "metadata.labels needs to be a map of texts",
        ),
    ],
)
def test_a_wrong_property_of_other_types_is_told(
    kind: str, properties: dict[str, Any], path: Path, said: str
) -> None:
    ((found, text), *_) = check_component(component(kind, properties))
    assert found == ("properties", *path)
    assert said in text


@pytest.mark.parametrize(
    ("kind", "trait", "properties", "path", "said"),
    [
        ("worker", "scaler", {"replicas": "3"}, ("properties", "replicas"), "a whole number"),
        ("worker", "scaler", {"replica": 3}, ("properties", "replica"), "did you mean replicas?"),
        ("daemon", "scaler", {}, ("type",), "a component of type daemon has no replicas"),
        ("raw", "env", {"env": {"A": "b"}}, ("type",), "a component of type raw has no pods"),
        ("worker", "hpa", {"min": 5, "max": 2}, ("properties", "min"), "min 5 is more than max 2"),
        ("worker", "env", {"containerName": "x"}, ("properties", "containerName"), "no container x"),
        (
            "worker",
            "command",
            {"containers": [{"containerName": "nginx"}]},
            ("properties", "containers", 0, "containerName"),
            "there is no container nginx (there is: web)",
        ),
        ("worker", "command", {"args": ["a"], "addArgs": ["b"]}, ("properties",), "expected args, or"),
        ("worker", "sidecar", {"name": "web", "image": IMAGE}, ("properties", "name"), "another"),
        ("worker", "gateway", {"http": {}}, ("properties", "http"), "expected at least one"),
        ("worker", "gateway", {"http": {"/": "80"}}, ("properties", "http", "/"), "a whole number"),
        (
            "worker",
            "gateway",
            {"http": {"/": 80}, "secretName": "tls"},
            ("properties",),
            "secretName is the certificate of a domain",
        ),
        ("worker", "expose", {}, ("properties",), "expected ports"),
        ("worker", "labels", {"a": 5}, ("properties", "a"), "a text"),
        ("worker", "resource", {"cpu": "lots"}, ("properties", "cpu"), "a quantity such as 250m"),
        (
            "worker",
            "json-patch",
            {"operations": [{"op": "remove", "path": "/spec/nothing"}]},
            ("properties", "operations", 0),
            "does not fit",
        ),
        (
            "worker",
            "json-patch",
            {"operations": [{"op": "replace", "path": "/metadata/name", "value": "x"}]},
            ("type",),
            "cannot change the kind, the name or the namespace",
        ),
        ("worker", "json-merge-patch", {"kind": "Job"}, ("type",), "cannot change the kind"),
        ("worker", "affinity", {}, ("type",), "does not have; json-merge-patch says the same (known: "),
        ("worker", "cpuscaler", {}, ("type",), "does not have; hpa says the same (known: "),
        ("worker", "nocalhost", {}, ("type",), "that this Shipmate does not have (known: "),
    ],
)  # fmt: skip
def test_a_wrong_trait_is_told_at_its_place(
    kind: str, trait: str, properties: dict[str, Any], path: Path, said: str
) -> None:
    made = component(kind, COMPLETE[kind], Trait(type=trait, properties=properties))
    ((found, text), *_) = check_component(made)
    assert found == ("traits", 0, *path)
    assert said in text


def test_an_unknown_type_names_the_nearest() -> None:
    ((path, said),) = check_component(component("workr", {"image": IMAGE}))
    assert path == ("type",)
    assert "there is no component type workr; did you mean worker? (known: webservice," in said
    ((_, said),) = check_component(component("helm", {}))
    assert "helm is a component type of KubeVela's that this Shipmate does not have" in said


def test_nulls_are_as_good_as_absent_where_a_map_may_stand() -> None:
    assert paths(labels=None, annotations=None, cmd=None, env=None) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
NEAR = st.sampled_from(
    [
        [{"name": "A", "value": "x"}],
        [{"port": 80, "expose": True}],
        {"httpGet": {"path": "/", "port": 80}},
        [{"name": "a", "mountPath": "/a"}],
        [{"op": "add", "path": "/spec/replicas", "value": 2}],
        [CONFIG_MAP],
        {"/": 80},
        {"a": "b"},
        ["x"],
        "1",
        80,
        IMAGE,
    ]
)


def some_of(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names or ["a"]), JSON | NEAR, max_size=5)


def names_of(kind: Any) -> list[str]:
    return [each.alias or name for name, each in kind.parameters.model_fields.items()]


@given(st.data())
def test_what_passes_the_check_can_be_rendered_and_what_does_not_is_only_told(
    data: st.DataObject,
) -> None:
    kind = data.draw(st.sampled_from(list(COMPONENTS)))
    trait = data.draw(st.sampled_from(list(TRAITS)))
    changed = data.draw(some_of(names_of(COMPONENTS[kind])))
    given_ = data.draw(st.just(TRAIT[trait]) | some_of(names_of(TRAITS[trait])))
    made = component(kind, {**COMPLETE[kind], **changed}, Trait(type=trait, properties=given_))
    if check_component(made) == []:
        application = Application(name="shop", components=(made,))
        target = an_environment().targets[0]
        assert render_all(application, an_environment(), target)
