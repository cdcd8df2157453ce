"""The steps `check-resource-ready` and `wait`: what somebody else makes, looked at until it is as it should be."""

import asyncio

import pytest

from bot.errors import Permanent
from bot.steps.contract import Waiting
from tests.steps.ground import NAMESPACE, Ground
from tests.steps.test_apply_object import CLAIM, SETTINGS, a_deployment, a_job

CORE = f"/api/v1/namespaces/{NAMESPACE}"
APPS = f"/apis/apps/v1/namespaces/{NAMESPACE}"
HANGZHOU = {"target": "hangzhou"}
CACHE = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cache", **HANGZHOU}
CLAIMED = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": "my-claim", **HANGZHOU}


@pytest.fixture(autouse=True)
async def namespace(ground: Ground) -> None:
    """Somebody has made the namespace on both clusters."""
    for cluster in ("east", "west"):
        made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        await ground.somebody.applies("/api/v1/namespaces", made, cluster)


@pytest.mark.parametrize("name", ["check-resource-ready", "wait"])
async def test_it_waits_until_what_somebody_makes_is_rolled_out(ground: Ground, name: str) -> None:
    first = await ground.work(name, CACHE)
    assert first == Waiting(message="Deployment cache is not there yet (hangzhou)", after=1.0)

    waiting = asyncio.create_task(ground.done(name, CACHE))
    await ground.somebody.applies(f"{APPS}/deployments", a_deployment())
    outcome = await waiting

    assert outcome.outputs["output"]["value"]["status"]["availableReplicas"] == 2
    assert ground.shown[-1][0][0][:3] == ("cache", 2, 2)
    assert await ground.accounted() == {}


async def test_what_will_not_get_ready_fails_the_step_with_why(ground: Ground) -> None:
    ground.sandbox.faults.add("cluster/east", "crash", None, name="cache")
    await ground.somebody.applies(f"{APPS}/deployments", a_deployment())

    failed = await ground.failed("wait", CACHE)

    assert "(in hangzhou)" in failed.message
    assert failed.details


async def test_a_job_that_failed_is_told(ground: Ground) -> None:
    ground.sandbox.faults.add("cluster/east", "crash", None, name="migrate")
    await ground.somebody.applies(f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs", a_job())
    properties = {"apiVersion": "batch/v1", "kind": "Job", "name": "migrate", **HANGZHOU}

    failed = await ground.failed("wait", properties)

    assert "backoff limit" in failed.message


async def test_what_is_ready_as_soon_as_it_is_there_is_only_looked_for(ground: Ground) -> None:
    properties = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings", **HANGZHOU}
    assert isinstance(await ground.work("wait", properties), Waiting)

    await ground.somebody.applies(f"{CORE}/configmaps", SETTINGS)

    outcome = await ground.done("wait", properties)
    assert outcome.outputs["value"]["data"] == {"colour": "blue"}


async def test_a_field_is_waited_for_and_what_it_is_meanwhile_is_said(ground: Ground) -> None:
    properties = {**CLAIMED, "for": "jsonpath={.metadata.labels.state}=tested"}
    await ground.somebody.applies(f"{CORE}/persistentvolumeclaims", CLAIM)

    waiting = await ground.work("wait", properties, looks=20)
    assert waiting == Waiting(
        message="PersistentVolumeClaim my-claim has no .metadata.labels.state yet (hangzhou)",
        after=10.0,
    )

    patch = {"metadata": {"labels": {"state": "tested"}}}
    await ground.somebody.changes(f"{CORE}/persistentvolumeclaims/my-claim", patch)
    outcome = await ground.done("wait", properties)
    assert outcome.outputs["value"]["metadata"]["labels"] == {"state": "tested"}


async def test_a_condition_is_waited_for(ground: Ground) -> None:
    await ground.somebody.applies(f"{APPS}/deployments", a_deployment())

    await ground.done("wait", {**CACHE, "for": "condition=Available"})

    there = await ground.there("apps/v1", "Deployment", "cache")
    kinds = {each["type"]: each["status"] for each in there["status"]["conditions"]}
    assert kinds["Available"] == "True"


async def test_it_waits_until_something_is_gone(ground: Ground) -> None:
    properties = {**CLAIMED, "for": "delete"}
    await ground.somebody.applies(f"{CORE}/persistentvolumeclaims", CLAIM)
    assert isinstance(await ground.work("wait", properties), Waiting)

    await ground.somebody.deletes(f"{CORE}/persistentvolumeclaims/my-claim")

    outcome = await ground.done("wait", properties)
    assert outcome.outputs["value"] == {}


async def test_it_waits_in_all_places_that_are_meant(ground: Ground) -> None:
    properties = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings", "for": "create"}
    await ground.somebody.applies(f"{CORE}/configmaps", SETTINGS)

    waiting = await ground.work("wait", properties)
    assert isinstance(waiting, Waiting)
    assert waiting.message == "ConfigMap settings is not there yet (frankfurt)"

    await ground.somebody.applies(f"{CORE}/configmaps", SETTINGS, "west")
    outcome = await ground.done("wait", properties)
    assert sorted(outcome.outputs["outputs"]) == ["frankfurt", "hangzhou"]


async def test_a_kind_that_is_not_served_yet_is_waited_for(ground: Ground) -> None:
    properties = {"apiVersion": "example.com/v1", "kind": "Widget", "name": "w", **HANGZHOU}

    waiting = await ground.work("wait", properties)

    assert isinstance(waiting, Waiting)
    assert waiting.message == "Widget w is not there yet (hangzhou)"


async def test_a_cluster_without_a_target_is_named(ground: Ground) -> None:
    properties = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings", "cluster": "north"}

    with pytest.raises(Permanent, match="prod has no target on the cluster north"):
        await ground.work("wait", properties)
