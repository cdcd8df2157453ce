"""The steps that delete: what is the application's and nothing else, once, until it is gone."""

from typing import Any

import pytest

from bot.errors import Permanent
from bot.steps.contract import Waiting
from bot.steps.kinds.apply_job import named
from tests.steps.ground import NAMESPACE, Ground, until
from tests.steps.test_apply_object import SETTINGS, a_deployment, a_job

CORE = f"/api/v1/namespaces/{NAMESPACE}"
JOBS = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"
OF_SETTINGS = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings"}


async def a_namespace(ground: Ground) -> None:
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    await ground.somebody.applies("/api/v1/namespaces", made)


async def test_an_object_of_the_application_is_deleted_in_all_targets(ground: Ground) -> None:
    await ground.done("apply-object", {"value": SETTINGS})

    await ground.done("delete-object", OF_SETTINGS)

    for cluster in ("east", "west"):
        assert await ground.live("v1", "ConfigMap", "settings", cluster=cluster) is None
    assert await ground.accounted() == {}


async def test_what_is_not_there_is_deleted_already(ground: Ground) -> None:
    await ground.done("delete-object", OF_SETTINGS)
    await ground.done("delete-object", {**OF_SETTINGS, "apiVersion": "example.com/v1"})


async def test_what_is_not_the_applications_stays_unless_its_author_forces_it(
    ground: Ground,
) -> None:
    await a_namespace(ground)
    await ground.somebody.applies(f"{CORE}/configmaps", SETTINGS)
    properties = {**OF_SETTINGS, "target": "hangzhou"}

    with pytest.raises(Permanent, match=r"settings \(hangzhou\) is not deleted: it has no label"):
        await ground.work("delete-object", properties)
    assert await ground.live("v1", "ConfigMap", "settings") is not None

    await ground.done("delete-object", {**properties, "force": True})
    assert await ground.live("v1", "ConfigMap", "settings") is None


async def test_what_is_kept_from_going_is_waited_for(ground: Ground) -> None:
    properties = {**OF_SETTINGS, "target": "hangzhou"}
    held = {**SETTINGS, "metadata": {**SETTINGS["metadata"], "finalizers": ["example.com/hold"]}}
    await ground.done("apply-object", {"value": held, "target": "hangzhou"})

    for looks in (0, 1, 2):
        outcome = await ground.work("delete-object", properties, looks=looks)
        assert isinstance(outcome, Waiting)
        assert outcome.message == "ConfigMap settings is on its way out (hangzhou)"

    patch = {"metadata": {"finalizers": None}}
    await ground.somebody.changes(f"{CORE}/configmaps/settings", patch)
    await ground.done("delete-object", properties)
    assert await ground.live("v1", "ConfigMap", "settings") is None


async def test_what_is_made_anew_meanwhile_is_left(ground: Ground) -> None:
    properties = {**OF_SETTINGS, "target": "hangzhou"}
    await ground.done("apply-object", {"value": SETTINGS, "target": "hangzhou"})
    before = await ground.there("v1", "ConfigMap", "settings")

    # It has been deleted at the first look; this is the second.
    outcome = await ground.work("delete-object", properties, looks=1)

    assert not isinstance(outcome, Waiting)
    after = await ground.there("v1", "ConfigMap", "settings")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]


@pytest.mark.parametrize(("propagation", "left"), [("cascading", 0), ("orphan", 1)])
async def test_what_it_owns_goes_with_it_or_stays(
    ground: Ground, propagation: str, left: int
) -> None:
    await ground.done("apply-object", {"value": a_deployment(), "target": "hangzhou", "wait": True})
    properties = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cache"}

    await ground.done(
        "delete-object", {**properties, "target": "hangzhou", "propagation": propagation}
    )

    assert await ground.live("apps/v1", "Deployment", "cache") is None
    await until(lambda: _are(ground, left))


async def _are(ground: Ground, count: int) -> bool:
    """Say whether there are so many ReplicaSets."""
    found = await ground.clusters.find("east", "apps/v1", "ReplicaSet", NAMESPACE)
    return len(found) == count


async def jobs(ground: Ground) -> list[str]:
    found = await ground.clusters.find("east", "batch/v1", "Job", NAMESPACE)
    return [each["metadata"]["name"] for each in found]


async def test_the_jobs_of_steps_are_cleaned_away_and_stay_done(ground: Ground) -> None:
    await ground.done("apply-job", {"value": a_job(), "target": "hangzhou"})
    name = named(a_job(), "content", 1)["metadata"]["name"]
    of_component = _labelled("of-component", {"app.oam.dev/component": "migrate"})
    of_others = _labelled("of-others", {"app.oam.dev/name": "blog"})
    for each in (of_component, of_others):
        await ground.somebody.applies(JOBS, each)

    outcome = await ground.done("clean-jobs", {"target": "hangzhou"})

    assert await jobs(ground) == ["of-component", "of-others"]
    assert outcome.message == f"removed Job {name} (hangzhou)"
    again = await ground.done("apply-job", {"value": a_job(), "target": "hangzhou"}, round=2)
    assert "is not run again" in again.message
    assert await jobs(ground) == ["of-component", "of-others"]


async def test_jobs_are_selected_by_labels_and_others_only_by_force(ground: Ground) -> None:
    await a_namespace(ground)
    for name, application in (("a", "shop"), ("b", "shop"), ("c", "blog")):
        labels = {"app.oam.dev/name": application, "batch": "x" if name != "b" else "y"}
        await ground.somebody.applies(JOBS, _labelled(name, labels))
    properties: dict[str, Any] = {"labelselector": {"batch": "x"}, "target": "hangzhou"}

    await ground.done("clean-jobs", properties)
    assert await jobs(ground) == ["b", "c"]

    await ground.done("clean-jobs", {**properties, "force": True})
    assert await jobs(ground) == ["b"]


async def test_there_may_be_nothing_to_clean(ground: Ground) -> None:
    outcome = await ground.done("clean-jobs", {})

    assert outcome.message == ""
    assert outcome.outputs["removed"] == []


def _labelled(name: str, labels: dict[str, str]) -> dict[str, Any]:
    mine = {"app.oam.dev/name": "shop", **labels}
    return {**a_job(), "metadata": {"name": name, "labels": mine}}
