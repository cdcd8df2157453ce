"""The steps that write data: as texts, where their author says, and the values of Secrets on the cluster alone."""

import json
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest

from bot.catalog.model import Policy
from bot.errors import Permanent, Temporary
from bot.rendering.secrets import kept_secret, without_values
from bot.run.model import Run
from bot.steps.contract import PropertyError
from tests.builders import a_run, a_step
from tests.steps.ground import Ground

SECRET = "hunter2-of-the-database"


def values_of(secret: dict[str, Any]) -> dict[str, str]:
    return {key: b64decode(value).decode() for key, value in secret["data"].items()}


async def test_data_becomes_texts_in_a_config_map(ground: Ground) -> None:
    data = {
        "host": "db.example",
        "port": 5432,
        "tls": True,
        "hosts": ["b", "a"],
        "map": {"b": "ü", "a": 1},
        "file.yaml": "a: 1",
    }

    outcome = await ground.done("export2config", {"configName": "db", "data": data})

    for cluster in ("east", "west"):
        there = await ground.there("v1", "ConfigMap", "db", cluster=cluster)
        assert there["data"] == {
            "host": "db.example",
            "port": "5432",
            "tls": "true",
            "hosts": '["b", "a"]',
            "map": '{"a": 1, "b": "ü"}',
            "file.yaml": "a: 1",
        }
        assert there["metadata"]["labels"]["app.oam.dev/name"] == "shop"
    assert outcome.outputs["apply"]["value"]["data"]["port"] == "5432"


async def test_a_key_that_is_no_longer_exported_goes_away(ground: Ground) -> None:
    for kind, name in (("export2config", "configName"), ("export2secret", "secretName")):
        await ground.done(kind, {name: "db", "data": {"a": "1", "b": "2"}})
        await ground.done(kind, {name: "db", "data": {"b": "2"}})

    assert set((await ground.there("v1", "ConfigMap", "db"))["data"]) == {"b"}
    assert set((await ground.there("v1", "Secret", "db"))["data"]) == {"b"}


@pytest.mark.parametrize(
    ("kind", "name"), [("export2config", "configName"), ("export2secret", "secretName")]
)
async def test_data_goes_where_its_author_says(ground: Ground, kind: str, name: str) -> None:
    where = {"cluster": "west", "namespace": "elsewhere"}

    await ground.done(kind, {name: "db", "data": {"a": "1"}, **where})

    made = "ConfigMap" if kind == "export2config" else "Secret"
    await ground.there("v1", made, "db", cluster="west", namespace="elsewhere")
    assert await ground.live("v1", made, "db", cluster="east", namespace="elsewhere") is None
    assert await ground.live("v1", made, "db", cluster="west") is None


async def test_the_values_of_a_secret_are_on_the_cluster_and_nowhere_else(ground: Ground) -> None:
    properties = {
        "secretName": "db",
        "type": "example.com/db",
        "data": {"password": SECRET, "setting": {"fromSetting": "DB_PASSWORD"}},
    }

    outcome = await ground.done("export2secret", properties)

    there = await ground.there("v1", "Secret", "db")
    assert there["type"] == "example.com/db"
    assert values_of(there) == {"password": SECRET, "setting": "s3cr3t-of-a-setting"}
    assert outcome.outputs["value"]["data"] == {"password": "", "setting": ""}
    said = repr((outcome, await ground.accounted(), ground.shown))
    for each in (SECRET, there["data"]["password"], "s3cr3t-of-a-setting"):
        assert each not in said


async def test_the_credentials_of_a_registry_are_what_kubelets_read(ground: Ground) -> None:
    properties = {
        "secretName": "registry",
        "kind": "docker-registry",
        "dockerRegistry": {
            "server": "https://registry.shop.example",
            "username": "robot",
            "password": {"fromSetting": "DB_PASSWORD"},
        },
    }

    outcome = await ground.done("export2secret", properties)

    there = await ground.there("v1", "Secret", "registry")
    assert there["type"] == "kubernetes.io/dockerconfigjson"
    (entry,) = json.loads(values_of(there)[".dockerconfigjson"])["auths"].values()
    assert (entry["username"], entry["password"]) == ("robot", "s3cr3t-of-a-setting")
    assert b64decode(entry["auth"]).decode() == "robot:s3cr3t-of-a-setting"
    assert "s3cr3t" not in repr(outcome)


async def test_a_setting_that_is_missing_is_named(ground: Ground) -> None:
    properties = {"secretName": "db", "data": {"password": {"fromSetting": "GONE"}}}

    with pytest.raises(Permanent, match="the setting SHIPMATE_SECRET_GONE is not set"):
        await ground.work("export2secret", properties)
    assert await ground.live("v1", "Secret", "db") is None


@pytest.mark.parametrize("kind", ["export2config", "export2secret", "export-data"])
async def test_a_value_that_nobody_has_left_is_a_mistake_and_nothing_is_written(
    ground: Ground, kind: str
) -> None:
    name = {"export2config": "configName", "export2secret": "secretName"}.get(kind, "name")

    with pytest.raises(PropertyError, match="it is null: what was to leave it") as raised:
        await ground.work(kind, {name: "db", "data": {"password": None}})

    assert raised.value.path == ("data", "password")
    assert await ground.accounted() == {}


@pytest.mark.parametrize(
    "properties",
    [
        {"secretName": "db", "data": SECRET},
        {"secretName": "db", "data": [SECRET]},
        {"secretName": "db", "kind": "docker-registry", "dockerRegistry": SECRET},
        {
            "secretName": "db",
            "kind": "docker-registry",
            "dockerRegistry": {"username": "a", "password": [SECRET]},
        },
    ],
)
async def test_what_is_wrong_with_a_value_is_said_without_it(
    ground: Ground, properties: dict[str, Any]
) -> None:
    with pytest.raises(PropertyError) as raised:
        await ground.work("export2secret", properties)
    assert SECRET not in str(raised.value)


def a_run_with(*policies: Policy) -> Run:
    run = a_run(a_step("work", "export-data"))
    application = replace(run.plan.application, policies=policies)
    return replace(run, plan=replace(run.plan, application=application))


async def test_data_is_exported_where_a_topology_says(ground: Ground) -> None:
    west = Policy(name="west", type="topology", properties={"clusters": ["west"]})

    await ground.done("export-data", {"data": {"a": "1"}, "topology": "west"}, run=a_run_with(west))
    await ground.done(
        "export-data",
        {"name": "all", "kind": "Secret", "namespace": "elsewhere", "data": {"a": SECRET}},
    )

    assert (await ground.there("v1", "ConfigMap", "shop", cluster="west"))["data"] == {"a": "1"}
    assert await ground.live("v1", "ConfigMap", "shop", cluster="east") is None
    for cluster in ("east", "west"):
        made = await ground.there("v1", "Secret", "all", cluster=cluster, namespace="elsewhere")
        assert values_of(made) == {"a": SECRET}
    assert SECRET not in repr(await ground.accounted())


async def test_a_policy_that_is_no_topology_chooses_nothing(ground: Ground) -> None:
    policy = Policy(name="small", type="override", properties={})

    with pytest.raises(Permanent, match="small is a policy of type override, not topology"):
        await ground.work("export-data", {"data": {}, "topology": "small"}, run=a_run_with(policy))


@pytest.mark.parametrize("kind", [Permanent, Temporary])
def test_what_a_server_repeats_of_a_secret_is_not_said(kind: type[Exception]) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db"},
        "data": {"a": "aHVudGVyMg=="},
        "stringData": {"b": 'in "quotes"', "c": "no"},
    }
    said = 'aHVudGVyMg== is not hunter2, "in \\"quotes\\"" is bad, no'

    with pytest.raises(kind) as raised, kept_secret([secret]):
        raise kind(said)

    assert str(raised.value) == '••• is not •••, "•••" is bad, no'
    with pytest.raises(kind, match="hunter2"), kept_secret([{**secret, "kind": "ConfigMap"}]):
        raise kind(said)


def test_kubectls_copy_of_a_secret_is_left_out_with_its_values() -> None:
    notes = {"kubectl.kubernetes.io/last-applied-configuration": SECRET, "team": "shop"}
    secret = {
        "kind": "Secret",
        "metadata": {"name": "db", "annotations": notes},
        "data": {"password": SECRET},
    }

    assert without_values(secret) == {
        "kind": "Secret",
        "metadata": {"name": "db", "annotations": {"team": "shop"}},
        "data": {"password": ""},
    }
