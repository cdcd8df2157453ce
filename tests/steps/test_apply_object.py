"""The step `apply-object`: any object, in every place that is meant, accounted for, and waited for when its author says so."""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import Permanent
from bot.run.inventory import Key
from bot.steps.contract import Done
from tests.builders import a_run, a_step, an_application
from tests.steps.ground import NAMESPACE, Ground

SETTINGS: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "labels": {"tier": "front"}},
    "data": {"colour": "blue"},
}
CLAIM: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "my-claim"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "8Gi"}}},
}


def a_deployment(
    image: str = "registry.shop.example/cache:v1", replicas: int = 2
) -> dict[str, Any]:
    labels = {"app": "cache"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "cache"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "cache", "image": image}]},
            },
        },
    }


def a_job(image: str = "registry.shop.example/migrate:v1") -> dict[str, Any]:
    containers = [{"name": "migrate", "image": image, "command": ["migrate", "up"]}]
    template = {"spec": {"restartPolicy": "Never", "containers": containers}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migrate"},
        "spec": {"backoffLimit": 0, "template": template},
    }


async def test_an_object_goes_to_all_targets_and_is_left_for_other_steps(ground: Ground) -> None:
    outcome = await ground.done("apply-object", {"value": SETTINGS})

    for cluster in ("east", "west"):
        there = await ground.there("v1", "ConfigMap", "settings", cluster=cluster)
        assert there["data"] == {"colour": "blue"}
        labels = there["metadata"]["labels"]
        assert labels["app.oam.dev/name"] == "shop"
        assert labels["app.kubernetes.io/managed-by"] == "shipmate"
        assert labels["tier"] == "front"
    left = outcome.outputs
    assert left["apply"]["value"] == left["output"]["value"] == left["value"]
    assert left["value"]["data"] == {"colour": "blue"}
    assert left["value"]["metadata"]["uid"]
    assert sorted(left["outputs"]) == ["frankfurt", "hangzhou"]
    assert left["outputs"]["frankfurt"]["metadata"]["uid"] != left["value"]["metadata"]["uid"]
    assert set(await ground.accounted()) == {
        Key(cluster, "", "ConfigMap", NAMESPACE, "settings") for cluster in ("east", "west")
    }


@pytest.mark.parametrize("where", [{"cluster": "west"}, {"target": "frankfurt"}])
async def test_an_object_goes_only_where_its_author_says(
    ground: Ground, where: dict[str, str]
) -> None:
    await ground.done("apply-object", {"value": SETTINGS, **where})

    assert await ground.live("v1", "ConfigMap", "settings", cluster="east") is None
    await ground.there("v1", "ConfigMap", "settings", cluster="west")


async def test_its_own_namespace_is_made_where_it_is_missing(ground: Ground) -> None:
    meta = {"name": "settings", "namespace": "elsewhere"}

    await ground.done(
        "apply-object", {"value": {**SETTINGS, "metadata": meta}, "target": "hangzhou"}
    )

    await ground.there("v1", "ConfigMap", "settings", namespace="elsewhere")


async def test_nothing_is_waited_for_unless_its_author_says_so(ground: Ground) -> None:
    ground.sandbox.faults.add("cluster/east", "not-ready", None, name="cache")

    await ground.done("apply-object", {"value": a_deployment(), "target": "hangzhou"})
    assert ground.shown == []

    ground.sandbox.faults.clear()
    outcome = await ground.done(
        "apply-object", {"value": a_deployment(), "target": "hangzhou", "wait": True}
    )
    assert outcome.outputs["value"]["status"]["availableReplicas"] == 2
    assert ground.shown[-1][0][0][:3] == ("cache", 2, 2)


async def test_what_will_not_get_ready_fails_the_step_and_says_why(ground: Ground) -> None:
    ground.sandbox.faults.add("cluster/east", "crash", None, name="cache")

    failed = await ground.failed(
        "apply-object", {"value": a_deployment(), "target": "hangzhou", "wait": True}
    )

    assert not failed.retryable
    assert failed.message.startswith("cache: ")
    assert "(in hangzhou)" in failed.message
    assert any("cache | " in each for each in failed.details)


async def test_the_same_again_changes_nothing(ground: Ground) -> None:
    first = await ground.done("apply-object", {"value": SETTINGS, "target": "hangzhou"})
    again = await ground.done("apply-object", {"value": SETTINGS, "target": "hangzhou"})

    assert (
        first.outputs["value"]["metadata"]["resourceVersion"]
        == again.outputs["value"]["metadata"]["resourceVersion"]
    )


async def test_what_somebody_else_owns_is_refused_in_the_servers_words(ground: Ground) -> None:
    await ground.done("apply-object", {"value": SETTINGS, "target": "hangzhou"})
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    await ground.somebody.applies(path, {**SETTINGS, "data": {"colour": "red"}})

    with pytest.raises(Permanent, match=r'conflict with "kubectl"|\.data\.colour'):
        await ground.done("apply-object", {"value": SETTINGS, "target": "hangzhou"})


async def test_what_the_server_refuses_names_every_place_where_it_was_refused(
    ground: Ground,
) -> None:
    wrong = a_deployment(replicas=-1)

    with pytest.raises(
        Permanent, match=r"east refused Deployment cache: .*greater than.*; west refused "
    ) as raised:
        await ground.work("apply-object", {"value": wrong})
    assert str(raised.value).count("spec.replicas") == 2


async def test_a_cluster_that_is_refused_keeps_no_other_from_being_finished(ground: Ground) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    await ground.somebody.applies("/api/v1/namespaces", namespace)
    await ground.somebody.applies(path, {**SETTINGS, "data": {"colour": "red"}})

    with pytest.raises(Permanent):
        await ground.work("apply-object", {"value": SETTINGS})

    there = await ground.there("v1", "ConfigMap", "settings", cluster="west")
    assert there["data"] == {"colour": "blue"}


async def test_an_object_of_another_application_is_not_taken(ground: Ground) -> None:
    run = a_run(a_step("work", "apply-object"))
    blog = replace(run, plan=replace(run.plan, application=replace(an_application(), name="blog")))
    await ground.done("apply-object", {"value": SETTINGS})

    with pytest.raises(Permanent, match=r"ConfigMap settings .*shop"):
        await ground.work("apply-object", {"value": SETTINGS}, run=blog)

    there = await ground.there("v1", "ConfigMap", "settings")
    assert there["metadata"]["labels"]["app.oam.dev/name"] == "shop"


async def test_the_values_of_a_secret_are_sent_and_nowhere_else(ground: Ground) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db"},
        "stringData": {"password": "hunter2-of-the-db"},
    }

    outcome = await ground.done("apply-object", {"value": secret, "target": "hangzhou"})

    there = await ground.there("v1", "Secret", "db")
    assert "password" in {**there.get("data", {}), **there.get("stringData", {})}
    said = repr((outcome, await ground.accounted()))
    assert "hunter2" not in said
    assert outcome.outputs["value"]["metadata"]["name"] == "db"


async def test_a_job_that_is_there_is_left_alone_while_it_is_the_same(ground: Ground) -> None:
    first = await ground.done("apply-object", {"value": a_job(), "wait": True})
    again = await ground.done("apply-object", {"value": a_job(), "wait": True}, round=2)

    assert first.outputs["value"]["metadata"]["uid"] == again.outputs["value"]["metadata"]["uid"]
    with pytest.raises(Permanent, match=r"immutable.*apply-job makes a new one"):
        await ground.work("apply-object", {"value": a_job("registry.shop.example/migrate:v2")})


async def test_a_cluster_that_is_no_target_is_not_written_to(ground: Ground) -> None:
    with pytest.raises(Permanent, match=r"prod has no target on the cluster north \(it has: hang"):
        await ground.work("apply-object", {"value": SETTINGS, "cluster": "north"})


async def test_an_object_without_a_place_of_its_own_gets_there(ground: Ground) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "shop-reader"},
        "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}],
    }

    outcome = await ground.work("apply-object", {"value": role, "target": "hangzhou", "wait": True})

    assert isinstance(outcome, Done)
    assert "namespace" not in outcome.outputs["value"]["metadata"]
