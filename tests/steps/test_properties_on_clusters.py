"""What a file may say about the steps that act on clusters: every mistake with the path to it, before anything runs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.bootstrap.equipment import step_types
from bot.catalog.model import Policy
from bot.steps.registry import StepTypes
from tests.builders import an_application, an_environment
from tests.steps.test_apply_object import SETTINGS, a_job

TYPES: StepTypes = step_types({})
PROD = an_environment()
SHOP = replace(
    an_application(),
    policies=(
        Policy(name="west", type="topology", properties={"clusters": ["west"]}),
        Policy(name="moon", type="topology", properties={"clusters": ["moon"]}),
        Policy(name="small", type="override", properties={}),
    ),
)
WEB = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
SERVICE = {"ip": "10.0.0.9", "port": 80, "targetPort": 8080}
LOGIN = {"username": "robot", "password": {"fromSetting": "REGISTRY"}}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("apply-object", {"value": SETTINGS}),
        ("apply-object", {"value": SETTINGS, "cluster": "west", "wait": True}),
        ("apply-object", {"value": "${{ outputs.manifest }}"}),
        ("apply-object", {"value": SETTINGS, "target": "${{ inputs.where }}"}),
        ("apply-job", {"value": a_job(), "once": "environment"}),
        ("apply-job", {"value": {key: a_job()[key] for key in ("metadata", "spec")}}),
        ("apply-deployment", {"image": "registry.shop.example/web:v1", "replicas": 0}),
        ("apply-deployment", {"image": "${{ context.images.web }}"}),
        ("check-resource-ready", {**WEB, "for": "condition=Available"}),
        ("wait", {**WEB, "for": "jsonpath={.status.replicas}=3"}),
        ("wait", {**WEB, "for": "condition=${{ inputs.condition }}"}),
        ("read-object", {"name": "shop"}),
        ("delete-object", {**WEB, "propagation": "orphan"}),
        ("clean-jobs", {}),
        ("clean-jobs", {"labelselector": {"a": "b"}, "force": True}),
        ("export2config", {"configName": "db", "data": {"port": 5432, "a.b": ["x"]}}),
        ("export2secret", {"secretName": "db", "data": {"a": {"fromSetting": "A"}}}),
        ("export2secret", {"secretName": "db", "data": "${{ outputs.all }}"}),
        ("export2secret", {"secretName": "r", "kind": "docker-registry", "dockerRegistry": LOGIN}),
        ("export-data", {"data": {}, "kind": "Secret", "topology": "west"}),
        ("export-service", {**SERVICE, "topology": "west"}),
        ("export-service", {**SERVICE, "ip": "2001:db8::1"}),
        ("export-service", {**SERVICE, "ip": "${{ inputs.ip }}"}),
        ("collect-service-endpoints", {"components": ["web"], "outer": True, "port": 80}),
        ("collect-service-endpoints", {"name": "users", "components": ["db"]}),
        ("depends-on-app", {"name": "users", "namespace": "default"}),
        ("generate-jdbc-connection", {"name": "db-conn"}),
        ("apply-application", {}),
        ("apply-application-in-parallel", {}),
        ("apply-remaining", {"exceptions": ["web"]}),
        ("deploy2runtime", {"clusters": ["west"]}),
    ],
)
def test_what_can_be_meant_is_taken(kind: str, properties: Mapping[str, Any]) -> None:
    assert list(TYPES.check(kind, properties, PROD.targets)) == []
    assert list(TYPES.check_in(kind, properties, SHOP, PROD)) == []


def without(manifest: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in manifest.items() if name != key}


@pytest.mark.parametrize(
    ("kind", "properties", "path", "said"),
    [
        ("apply-object", {}, ("value",), "it is required"),
        ("apply-object", {"value": "text"}, ("value",), "expected a map"),
        ("apply-object", {"value": without(SETTINGS, "kind")}, ("value",), "needs kind"),
        ("apply-object", {"value": without(SETTINGS, "apiVersion")}, ("value",), "apiVersion"),
        ("apply-object", {"value": without(SETTINGS, "metadata")}, ("value",), "metadata.name"),
        ("apply-object", {"value": SETTINGS, "wait": "yes"}, ("wait",), "true or false"),
        ("apply-object", {"value": SETTINGS, "target": "tokyo"}, ("target",), "no target tokyo"),
        ("apply-object", {"value": SETTINGS, "clutser": "a"}, ("clutser",), "did you mean cluster"),
        ("apply-job", {"value": SETTINGS}, ("value",), "expected a Job (batch/v1), found Config"),
        ("apply-job", {"value": without(a_job(), "spec")}, ("value",), "needs spec.template"),
        ("apply-job", {"value": a_job(), "once": "daily"}, ("once",), "'content', 'revision' or"),
        ("apply-deployment", {}, ("image",), "it is required"),
        ("apply-deployment", {"image": "a b"}, ("image",), "an image reference"),
        ("apply-deployment", {"image": "a", "replicas": -1}, ("replicas",), "equal to 0"),
        ("apply-deployment", {"image": "a", "cmd": "run"}, ("cmd",), "list"),
        ("wait", without(WEB, "name"), ("name",), "it is required"),
        ("wait", {**WEB, "for": "ready"}, ("for",), "expected create, delete, condition=NAME"),
        ("wait", {**WEB, "for": "jsonpath={.a"}, ("for",), "expected create, delete"),
        ("read-object", {}, ("name",), "it is required"),
        ("delete-object", {**WEB, "propagation": "slow"}, ("propagation",), "'cascading' or"),
        ("delete-object", {"kind": "Pod", "name": "a"}, ("apiVersion",), "it is required"),
        ("clean-jobs", {"force": True}, ("labelselector",), "it says which Jobs"),
        ("export2config", {"configName": "db"}, ("data",), "it is required"),
        ("export2config", {"configName": "Db", "data": {}}, ("configName",), "lower-case letters"),
        ("export2config", {"configName": "db", "data": ["a"]}, ("data",), "a map of keys"),
        ("export2config", {"configName": "db", "data": {"a b": "x"}}, ("data",), "a key has letters"),
        ("export2config", {"configName": "db", "data": {"a": None}}, ("data", "a"), "a value"),
        (
            "export2config",
            {"configName": "db", "data": {"a": {"fromSetting": "A"}}},
            ("data", "a"),
            "no place for a secret",
        ),
        ("export2secret", {"data": {}}, ("secretName",), "it is required"),
        ("export2secret", {"secretName": "db"}, ("data",), "it is required"),
        ("export2secret", {"secretName": "db", "data": {"a": None}}, ("data", "a"), "a value"),
        (
            "export2secret",
            {"secretName": "db", "kind": "docker-registry"},
            ("dockerRegistry",),
            "it is required",
        ),
        (
            "export2secret",
            {"secretName": "db", "dockerRegistry": LOGIN},
            ("dockerRegistry",),
            "only for kind: docker-registry",
        ),
        (
            "export2secret",
            {"secretName": "db", "kind": "docker-registry", "dockerRegistry": {"username": "a"}},
            ("dockerRegistry", "password"),
            "it is required",
        ),
        ("export-data", {"data": {}, "kind": "Pod"}, ("kind",), "'ConfigMap' or 'Secret'"),
        ("export-service", {**SERVICE, "ip": "db.example"}, ("ip",), "expected an IP address"),
        ("export-service", {**SERVICE, "port": 0}, ("port",), "greater than or equal to 1"),
        ("export-service", without(SERVICE, "targetPort"), ("targetPort",), "it is required"),
        ("collect-service-endpoints", {"protocal": "ftp"}, ("protocal",), "'http' or 'https'"),
        ("collect-service-endpoints", {"protocol": "http"}, ("protocol",), "mean protocal"),
        ("depends-on-app", {"namespace": "default"}, ("name",), "it is required"),
        ("generate-jdbc-connection", {}, ("name",), "it is required"),
        ("apply-application", {"auto": True}, ("auto",), "there is no property auto"),
        ("apply-remaining", {"exceptions": "web"}, ("exceptions",), "list"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_path(
    kind: str, properties: Mapping[str, Any], path: tuple[str, ...], said: str
) -> None:
    ((found, text),) = TYPES.check(kind, properties, PROD.targets)

    assert found == path
    assert said in text


@pytest.mark.parametrize(
    ("kind", "properties", "path", "said"),
    [
        ("apply-object", {"value": SETTINGS, "cluster": "north"}, ("cluster",), "no target on the"),
        ("apply-job", {"value": a_job(), "cluster": "local"}, ("cluster",), "the cluster local"),
        ("wait", {**WEB, "cluster": "north"}, ("cluster",), "it has: hangzhou, frankfurt"),
        (
            "read-object",
            {"name": "a", "cluster": "west", "target": "hangzhou"},
            ("cluster",),
            "no target hangzhou on the cluster west",
        ),
        ("export-data", {"data": {}, "topology": "wst"}, ("topology",), "did you mean west?"),
        ("export-data", {"data": {}, "topology": "moon"}, ("topology",), "no target on moon"),
        ("export-service", {**SERVICE, "topology": "small"}, ("topology",), "type override"),
        (
            "collect-service-endpoints",
            {"components": ["web", "wbe"]},
            ("components", 1),
            "no component wbe; did you mean web?",
        ),
    ],
)
def test_a_mistake_that_only_the_environment_shows_is_told_with_its_path(
    kind: str, properties: Mapping[str, Any], path: tuple[str, ...], said: str
) -> None:
    assert list(TYPES.check(kind, properties, PROD.targets)) == []

    ((found, text),) = TYPES.check_in(kind, properties, SHOP, PROD)

    assert found == path
    assert said in text


def test_the_control_cluster_can_be_named_where_there_is_one() -> None:
    properties = {"value": SETTINGS, "cluster": "local"}

    assert TYPES.check_in("apply-object", properties, SHOP, PROD)
    controlled = replace(PROD, control_cluster="hub")
    assert not TYPES.check_in("apply-object", properties, SHOP, controlled)
    assert not TYPES.check_in("apply-object", {**properties, "cluster": "hub"}, SHOP, controlled)


def test_a_type_that_is_not_here_has_nothing_to_say_of_places() -> None:
    assert not TYPES.check_in("canary-deploy", {"cluster": "north"}, SHOP, PROD)
