"""The step `read-object`: what is there, that nothing is there, and of a Secret only what is no secret."""

from base64 import b64encode
from dataclasses import replace

import pytest

from bot.catalog.model import Output
from bot.errors import Permanent
from bot.run.values import outputs_of
from bot.steps.contract import Done
from tests.builders import a_run, a_step
from tests.steps.ground import NAMESPACE, Ground
from tests.steps.test_apply_object import SETTINGS

CORE = f"/api/v1/namespaces/{NAMESPACE}"
OF_SETTINGS = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings"}


async def a_namespace(ground: Ground, name: str = NAMESPACE) -> None:
    for cluster in ("east", "west"):
        made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        await ground.somebody.applies("/api/v1/namespaces", made, cluster)


async def test_an_object_is_left_as_it_is_and_of_each_target(ground: Ground) -> None:
    await a_namespace(ground)
    await ground.somebody.applies(f"{CORE}/configmaps", SETTINGS)
    red = {**SETTINGS, "data": {"colour": "red"}}
    await ground.somebody.applies(f"{CORE}/configmaps", red, "west")

    outcome = await ground.done("read-object", OF_SETTINGS)

    assert outcome.message == ""
    assert outcome.outputs["output"]["value"]["data"] == {"colour": "blue"}
    assert outcome.outputs["output"]["err"] == ""
    assert "managedFields" not in outcome.outputs["value"]["metadata"]
    assert outcome.outputs["outputs"]["frankfurt"]["data"] == {"colour": "red"}
    assert await ground.accounted() == {}


async def test_what_is_not_there_is_said_and_is_no_failure(ground: Ground) -> None:
    outcome = await ground.done("read-object", {**OF_SETTINGS, "target": "hangzhou"})

    assert outcome.outputs["output"] == {
        "value": {},
        "err": "ConfigMap settings is not there (hangzhou)",
    }
    assert outcome.message == "ConfigMap settings is not there (hangzhou)"


async def test_a_kind_that_is_not_served_is_not_there(ground: Ground) -> None:
    outcome = await ground.done("read-object", {"name": "shop", "target": "hangzhou"})

    assert outcome.outputs["output"]["err"] == "Application shop is not there (hangzhou)"


async def test_values_are_read_by_kubevelas_paths(ground: Ground) -> None:
    await a_namespace(ground)
    await ground.somebody.applies(f"{CORE}/configmaps", SETTINGS)
    outcome = await ground.done("read-object", {**OF_SETTINGS, "cluster": "east"})
    step = a_step(
        "work",
        "read-object",
        outputs=tuple(
            _output(each)
            for each in (
                "output.value.data.colour",
                "output.$returns.value.data.colour",
                "outputs.hangzhou.data.colour",
                'output.err == "" ? "there" : "gone"',
            )
        ),
    )

    values, missing = outputs_of(a_run(step), step, outcome.outputs, OF_SETTINGS)

    assert list(values.values()) == ["blue", "blue", "blue", "there"]
    assert missing == ""


def _output(value_from: str) -> Output:
    return Output(name=value_from, value_from=value_from)


async def test_of_a_secret_only_its_keys_are_left_in_the_clear(ground: Ground) -> None:
    await a_namespace(ground)
    value = b64encode(b"hunter2-of-the-db").decode()
    copy = "kubectl.kubernetes.io/last-applied-configuration"
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "annotations": {copy: value, "team": "shop"}},
        "data": {"password": value},
    }
    await ground.somebody.applies(f"{CORE}/secrets", secret)

    outcome = await ground.done(
        "read-object", {"apiVersion": "v1", "kind": "Secret", "name": "db", "target": "hangzhou"}
    )

    assert outcome.outputs["value"]["data"] == {"password": ""}
    assert outcome.outputs["value"]["metadata"]["annotations"] == {"team": "shop"}
    assert value not in repr(outcome)
    whole = outcome.secrets["value"]
    assert (whole["data"], whole["stringData"]) == (
        {"password": value},
        {"password": "hunter2-of-the-db"},
    )
    assert outcome.secrets["outputs"]["hangzhou"] == whole
    assert whole["metadata"] == outcome.outputs["value"]["metadata"]


async def test_another_namespace_is_read_when_it_is_named(ground: Ground) -> None:
    await a_namespace(ground, "elsewhere")
    await ground.somebody.applies("/api/v1/namespaces/elsewhere/configmaps", SETTINGS)

    outcome = await ground.done(
        "read-object", {**OF_SETTINGS, "namespace": "elsewhere", "target": "hangzhou"}
    )

    assert outcome.outputs["value"]["metadata"]["namespace"] == "elsewhere"


async def test_the_control_cluster_is_read_under_kubevelas_name(ground: Ground) -> None:
    await a_namespace(ground, "default")
    await ground.somebody.applies("/api/v1/namespaces/default/configmaps", SETTINGS, "west")
    run = a_run(a_step("work", "read-object"))
    environment = replace(run.plan.environment, control_cluster="west")
    run = replace(run, plan=replace(run.plan, environment=environment))

    local = await ground.work("read-object", {**OF_SETTINGS, "cluster": "local"}, run=run)
    application = await ground.work("read-object", {"name": "shop"}, run=run)

    assert isinstance(local, Done)
    assert local.outputs["value"]["metadata"]["namespace"] == "default"
    assert isinstance(application, Done)
    assert application.outputs["err"] == "Application shop is not there (west)"
    with pytest.raises(Permanent, match="no target on the cluster local"):
        await ground.work("read-object", {**OF_SETTINGS, "cluster": "local"})
