"""What a component may say: everything else is told with its path, and nothing makes the check fail itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog.model import Application, Component
from bot.rendering import parameters
from bot.rendering.render import check_component, render
from tests.builders import an_environment

IMAGE = "registry.shop.example/web"


def paths(kind: str = "webservice", **properties: Any) -> list[tuple[str | int, ...]]:
    return [path for path, _ in check_component(kind, {"image": IMAGE, **properties})]


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        ({"image": "Web"}, ("image",)),
        ({"image": "a b"}, ("image",)),
        ({"imagePullPolicy": "Sometimes"}, ("imagePullPolicy",)),
        ({"imagePullPolicy": []}, ("imagePullPolicy",)),
        ({"cmd": "serve"}, ("cmd",)),
        ({"cmd": [5]}, ("cmd",)),
        ({"cpu": "much"}, ("cpu",)),
        ({"cpu": True}, ("cpu",)),
        ({"memory": "512m"}, ("memory",)),
        ({"replicas": -1}, ("replicas",)),
        ({"replicas": True}, ("replicas",)),
        ({"replicas": "3"}, ("replicas",)),
        ({"progressDeadlineSeconds": True}, ("progressDeadlineSeconds",)),
        ({"labels": {"a": 5}}, ("labels",)),
        ({"env": {}}, ("env",)),
        ({"env": [{"value": "x"}]}, ("env", 0)),
        ({"env": [{"name": 5, "value": "x"}]}, ("env", 0, "name")),
        ({"env": [{"name": "A", "value": 5}]}, ("env", 0, "value")),
        ({"env": [{"name": "A", "value": "x", "valueFrom": {}}]}, ("env", 0, "valueFrom")),
        ({"env": [{"name": "A"}, {"name": "A"}]}, ("env", 1, "name")),
        ({"port": 0}, ("port",)),
        ({"port": True}, ("port",)),
        ({"port": "8080"}, ("port",)),
        ({"ports": [{"port": 80, "name": "much-too-long-a-name"}]}, ("ports", 0, "name")),
        ({"ports": [{"port": 80}, {"port": 80}]}, ("ports", 1)),
        ({"ports": [{"port": 80, "protocol": "HTTP"}]}, ("ports", 0, "protocol")),
        ({"ports": [{"port": 80, "protocol": []}]}, ("ports", 0, "protocol")),
        ({"exposeType": "Public"}, ("exposeType",)),
        ({"readinessProbe": {}}, ("readinessProbe",)),
        ({"readinessProbe": {"httpGet": {"path": "/"}}}, ("readinessProbe", "httpGet", "port")),
        ({"readinessProbe": {"httpGet": 5}}, ("readinessProbe", "httpGet")),
        ({"readinessProbe": {"exec": {"command": "x"}}}, ("readinessProbe", "exec", "command")),
        ({"readinessProbe": {"tcpSocket": {"port": 0}}}, ("readinessProbe", "tcpSocket", "port")),
        ({"args": ["${{ context.version }}"]}, ("args", 0)),
        ({"volumes": []}, ("volumes",)),
    ],
)
def test_a_wrong_property_is_told_at_its_place(
    properties: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    assert path in paths(**properties)


def test_a_worker_has_no_ports() -> None:
    assert paths("worker", port=8080) == [("port",)]


def test_an_unknown_type_names_the_nearest() -> None:
    assert check_component("workr", {"image": IMAGE}) == [
        ((), "there is no component type workr; did you mean worker? (known: webservice, worker)")
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
FIELDS = parameters.WEBSERVICE
NEAR = st.sampled_from(
    [
        [{"name": "A", "value": "x"}],
        [{"port": 80, "expose": True}],
        {"httpGet": {"path": "/", "port": 80}},
        {"a": "b"},
        ["x"],
        "1",
        80,
        IMAGE,
    ]
)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON | NEAR, max_size=5))
def test_what_passes_the_check_can_be_rendered_and_what_does_not_is_only_told(
    properties: dict[str, Any],
) -> None:
    if check_component("webservice", properties) == []:
        component = Component(name="web", type="webservice", properties=properties)
        application = Application(name="shop", components=(component,))
        target = an_environment().targets[0]
        assert render(application, an_environment(), target)
