"""A plan shows what a deployment would change in the clusters, and changes nothing."""

import asyncio
import json
from dataclasses import replace

import pytest

from bot.catalog.model import Cluster
from bot.cluster.port import Preview
from bot.operations import previews
from bot.operations.forecasts import Forecast, PlanShown
from bot.operations.looking import reason_of
from bot.operations.plans import TENTATIVE
from bot.operations.results import Started
from bot.policy.refusals import Code
from bot.rendering.forecast import Why
from bot.run.inventory import Ref
from bot.run.model import RunPhase
from tests.operations.office import Office
from tests.operations.yard import DEPLOYMENTS, EAST, SHOP, TASK, WEST, Yard, fates, objects

ALL = {"Deployment web", "Service web", "ConfigMap settings", "Secret db"}


async def test_before_the_first_delivery_everything_is_new_and_nothing_is_made(yard: Yard) -> None:
    plan = await yard.plan("deploy shop prod v1 --plan")
    assert fates(plan.forecast) == fates(plan.forecast, "frankfurt") == dict.fromkeys(ALL, "new")
    assert objects(plan.forecast)["Deployment web"].summary == (
        "registry.shop.example/web:v1, 3 replicas"
    )
    assert (plan.base, plan.under_way, plan.may_deploy) == (None, None, True)
    assert await yard.office.runs.recent("shop", "prod") == []
    assert await yard.store.inventory.items("shop", "prod") == []


async def test_a_revision_is_told_field_by_field_and_the_rest_is_counted(yard: Yard) -> None:
    await yard.delivered("v1")
    yard.files(SHOP.replace("value: info", "value: warn").replace("slow", "fast"), EAST, WEST)
    plan = await yard.plan()
    assert fates(plan.forecast) == {
        "Deployment web": "changed",
        "Service web": "same",
        "ConfigMap settings": "changed",
        "Secret db": "same",
    }
    changes = objects(plan.forecast)["Deployment web"].changes
    assert {(each.field, each.before, each.after) for each in changes} == {
        ("image", "v1", "v2"),
        ("env LOG_LEVEL", "info", "warn"),
    }
    assert {each.why for each in changes} == {Why.REVISION}
    assert plan.forecast.targets[0].objects == plan.forecast.targets[1].objects
    assert plan.base is not None
    assert plan.base.name == "v1"


async def test_what_others_have_changed_is_told_apart(yard: Yard) -> None:
    await yard.delivered("v1")
    await yard.scale(5)
    env = [{"name": "LOG_LEVEL", "value": "info"}, {"name": "DEBUG", "value": "1"}]
    await yard.edit(env=env)
    plan = await yard.plan()
    web = objects(plan.forecast)["Deployment web"]
    image, replicas = sorted(web.changes, key=lambda each: each.field)
    assert (image.why, image.by) == (Why.REVISION, "")
    assert (replicas.before, replicas.after, replicas.why) == ("5", "3", Why.DRIFT)
    assert (replicas.by, replicas.contested) == ("kubectl", True)
    assert web.fails
    (stays,) = web.stays
    assert (stays.field, stays.value, stays.by) == ("env DEBUG", "1", "kubectl-edit")
    assert not objects(plan.forecast, "frankfurt")["Deployment web"].drifted


async def test_a_plan_that_says_it_would_fail_is_right(yard: Yard) -> None:
    await yard.delivered("v1")
    await yard.scale(5)
    assert objects((await yard.plan()).forecast)["Deployment web"].fails
    await yard.office.say("dev", "deploy shop prod v2")
    run = await yard.ended(RunPhase.FAILED)
    assert "kubectl" in run.message


async def test_a_take_over_policy_puts_drift_back_and_nothing_fails(yard: Yard) -> None:
    policy = """\
  policies:
    - name: ours
      type: take-over
      properties: {rules: [{selector: {resourceTypes: [Deployment]}}]}
"""
    yard.files(SHOP + policy, EAST, WEST)
    await yard.delivered("v1")
    await yard.scale(5)
    web = objects((await yard.plan()).forecast)["Deployment web"]
    assert not web.fails
    assert ("replicas", Why.DRIFT, False) in {
        (each.field, each.why, each.contested) for each in web.changes
    }


async def test_what_someone_has_deleted_comes_back(yard: Yard) -> None:
    await yard.delivered("v1")
    await yard.api("DELETE", f"{DEPLOYMENTS}/web")
    web = objects((await yard.plan()).forecast)["Deployment web"]
    assert (web.fate.value, web.missing) == ("new", True)


async def test_what_the_application_no_longer_contains_goes_away(yard: Yard) -> None:
    cache = """\
    - name: cache
      type: webservice
      properties: {image: "docker.io/library/redis:7.4", port: 6379}
      traits: [{type: storage, properties: {pvc: [{name: cache, mountPath: /data}]}}]
"""
    yard.files(SHOP + cache, EAST, WEST)
    await yard.delivered("v1")
    yard.files(SHOP, EAST, WEST)
    plan = await yard.plan()
    found = fates(plan.forecast)
    assert {each: found[each] for each in found if "cache" in each} == {
        "Service cache": "gone",
        "Deployment cache": "gone",
        "PersistentVolumeClaim cache": "left",
    }
    # What a run does is what the plan of it said.
    await yard.delivered("v2")
    items = await yard.store.inventory.items("shop", "prod")
    assert not [each for each in items if "cache" in each.ref.name]


async def test_a_job_is_new_once_and_then_stands(yard: Yard) -> None:
    yard.files(SHOP + TASK, EAST)
    (job,) = [each for each in fates((await yard.plan()).forecast) if each.startswith("Job")]
    assert fates((await yard.plan()).forecast)[job] == "new"
    await yard.delivered("v2")
    plan = await yard.plan()
    assert fates(plan.forecast)[job] == "stands"
    assert objects(plan.forecast)[job].said == "it has succeeded and is not run again"
    again = fates((await yard.plan("deploy shop prod v3 --plan")).forecast)
    assert sorted(again[each] for each in again if each.startswith("Job")) == ["gone", "new"]


async def test_what_the_server_refuses_is_told_with_its_reason_and_without_secrets(
    yard: Yard,
) -> None:
    await yard.delivered("v1")
    refused = SHOP.replace("data: {mode: slow}", "dta: {mode: slow}")
    yard.files(refused.replace("stringData:", "strngData:"), EAST)
    found = objects((await yard.plan()).forecast)
    assert found["ConfigMap settings"].fate.value == "refused"
    assert found["ConfigMap settings"].said.startswith("failed to create typed patch object")
    assert ".dta" in found["ConfigMap settings"].said
    assert found["Secret db"].fate.value == "refused"
    assert found["Secret db"].said
    assert "hunter2" not in found["Secret db"].said


async def test_what_another_application_delivers_is_refused_before_it_is_tried(yard: Yard) -> None:
    await yard.delivered("v1")
    items = await yard.store.inventory.items("shop", "prod")
    theirs = [each for each in items if each.ref.kind == "ConfigMap" and each.cluster == "east"]
    await yard.store.inventory.forget("shop", "prod", [each.key for each in theirs])
    await yard.store.inventory.note("pay", "prod", theirs)
    settings = objects((await yard.plan()).forecast)["ConfigMap settings"]
    assert settings.fate.value == "refused"
    assert settings.said.startswith("in shop-prod on east belongs to pay in prod")
    await yard.office.say("dev", "deploy shop prod v2")
    assert settings.said in (await yard.ended(RunPhase.FAILED)).message


@pytest.mark.parametrize(
    "said",
    [
        "failed to create typed patch object (shop/db; /v1, Kind=Secret): .stringData.password: "
        "expected string, got &value.valueUnstructured{Value:90210}",
        "failed to create typed patch object (shop/db; /v1, Kind=Secret): .data: expected map, got &{90210}",
        'Secret "db" is invalid: data[90210]: Invalid value: "90210": a valid config key must …',
    ],
)
def test_what_a_server_quotes_of_a_secret_is_not_told(said: str) -> None:
    ref = Ref("v1", "Secret", "shop", "db")
    preview = Preview(ref=ref, live=None, becomes=None, refused=f"east refused Secret db: {said}")
    secret = {"kind": "Secret", "metadata": {"name": "db"}}
    told = reason_of(preview, "east", secret)
    assert "90210" not in told.replace("data[90210]", "")
    assert told.partition(":")[0] == said.partition(":")[0]
    other = replace(preview, ref=ref._replace(kind="ConfigMap"), refused=said)
    assert "90210" in reason_of(other, "east", secret)


async def test_a_cluster_that_is_away_keeps_no_other_from_being_shown(yard: Yard) -> None:
    await yard.delivered("v1")
    yard.sandbox.faults.add("cluster/west", "down", None)
    plan = await yard.plan()
    assert fates(plan.forecast)["Deployment web"] == "changed"
    assert plan.forecast.targets[1].name == "frankfurt"
    assert "west" in plan.forecast.targets[1].unknown


async def test_a_cluster_that_says_nothing_is_not_waited_for(yard: Yard) -> None:
    await yard.delivered("v1")
    heard = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        heard.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    west = yard.sandbox.kubeconfig()
    for each in west["clusters"]:
        each["cluster"]["server"] = f"http://127.0.0.1:{port}"
    path = yard.workflows.parent / "silent.json"
    path.write_text(json.dumps(west), encoding="utf-8")
    cluster = Cluster(name="west", context="west", kubeconfig=str(path))
    clusters = {**yard.office.catalog.clusters, "west": cluster}
    yard.office.catalog = replace(yard.office.catalog, clusters=clusters)
    try:
        forecast = await foreseen(yard, patience=6.0)
    finally:
        server.close()
    assert heard.is_set()
    assert fates(forecast)["Deployment web"] == "same"
    assert forecast.targets[1].unknown == "west did not answer within 6 s"


async def foreseen(yard: Yard, *, patience: float) -> Forecast:
    """Look ahead at what the newest run would do again, with less patience than a person has."""
    run = (await yard.office.runs.recent("shop", "prod", limit=1))[0]
    return await previews.foresee(yard.office.desk, replace(run, id=TENTATIVE), patience=patience)


async def test_whoever_may_look_may_plan_and_only_who_may_deploy_is_offered_it(
    yard: Yard,
) -> None:
    plan = await yard.plan("deploy shop prod v1 --plan", by="guest")
    assert fates(plan.forecast)["Deployment web"] == "new"
    assert not plan.may_deploy
    assert (await yard.office.refused("guest", "deploy shop prod v1")).code is Code.NOT_ALLOWED
    assert [each.outcome for each in yard.office.audit] == ["allowed", "not_allowed"]


async def test_a_plan_of_something_senseless_is_refused_as_the_deployment_is(yard: Yard) -> None:
    for text in ("deploy shop prod", "deploy shop prod wbe=x:1 v1", "deploy shpo prod v1"):
        planned = await yard.office.refused("dev", f"{text} --plan")
        assert planned == await yard.office.refused("dev", text)


async def test_while_a_run_is_under_way_the_plan_says_so(yard: Yard) -> None:
    yard.files(SHOP, EAST, "{name: look, type: suspend}", WEST)
    await yard.office.say("dev", "deploy shop prod v1")
    await yard.office.until("shop/prod#1", RunPhase.SUSPENDING)
    plan = await yard.plan()
    assert plan.under_way is not None
    assert plan.under_way.name == "shop/prod#1"
    assert fates(plan.forecast)["Deployment web"] == "changed"
    assert fates(plan.forecast, "frankfurt")["Deployment web"] == "new"


async def test_what_is_known_only_later_is_named_and_not_guessed(yard: Yard) -> None:
    yard.files(
        SHOP,
        "{name: hangzhou, type: deploy2env, if: context.version == 'v2', properties: {env: hangzhou}}",
        "{name: handler, type: deploy2env, if: status.hangzhou.failed, properties: {env: frankfurt}}",
        "{name: never, type: deploy2env, if: context.version == 'v1', properties: {env: frankfurt}}",
    )
    plan = await yard.plan()
    assert [each.name for each in plan.forecast.targets] == ["hangzhou"]
    (unseen,) = plan.forecast.unseen
    assert (unseen.what, unseen.why) == ("handler", "it runs only if status.hangzhou.failed")


async def test_the_plan_is_what_the_deployment_then_does(office: Office) -> None:
    planned = await office.say("dev", "deploy shop dev v1 --note hotfix --plan")
    started = await office.say("dev", "deploy shop dev v1 --note hotfix")
    assert isinstance(planned, PlanShown)
    assert isinstance(started, Started)
    assert planned.plan == started.run.plan
