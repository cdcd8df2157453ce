"""The steps that make cloud resources and share them: what stands where afterwards, and what is accounted for."""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.catalog.model import CLEAN_UP, Component, Environment, Input, Policy, Step
from bot.cluster.port import Manifest
from bot.errors import Permanent
from bot.rendering.garbage import garbage
from bot.run.inventory import Key
from bot.run.model import Run, StepPhase, StepRun
from bot.steps.contract import Waiting
from tests.builders import a_run, a_step
from tests.rendering.cloud import a_database, a_place, a_shop
from tests.steps.ground import Ground, until

TERRAFORM = "terraform.core.oam.dev"
VALUES = {"DB_HOST", "DB_PASSWORD"}
HCL = """
variable "instance_name" { type = string }
variable "size" { default = "small" }
variable "password" { default = "" }
output "DB_HOST" { value = "x.example" }
output "DB_PASSWORD" { value = var.password }
"""
MODULE = {"type": "hcl", "configuration": HCL}
DEPLOY, SHARE = "deploy-cloud-resource", "share-cloud-resource"


def database(name: str = "orders-db", **properties: Any) -> Component:
    return replace(a_database(name, password="s3cret-of-the-db", **properties), terraform=MODULE)


def running(
    *components: Component,
    environment: Environment | None = None,
    run_id: str = "run1",
    steps: tuple[Step, ...] = (),
) -> Run:
    """Make a run of shop in prod with these cloud resources."""
    run = a_run(*(steps or (a_step("work", DEPLOY),)), run_id=run_id)
    plan = replace(run.plan, application=a_shop(*components), environment=environment or a_place())
    return replace(run, plan=plan)


async def values(ground: Ground, name: str, cluster: str, namespace: str) -> dict[str, str]:
    found = await ground.there("v1", "Secret", name, cluster=cluster, namespace=namespace)
    return {key: b64decode(value).decode() for key, value in found["data"].items()}


async def configuration(ground: Ground, name: str) -> Manifest:
    version = f"{TERRAFORM}/v1beta2"
    return await ground.there(version, "Configuration", name, namespace="default")


async def cut_off(ground: Ground, run: Run, when: Callable[[], Awaitable[bool]]) -> None:
    """Begin an attempt, and end it as a process that dies would, as soon as something is so."""
    task = asyncio.create_task(ground.work(DEPLOY, {"env": "prod"}, run=run))
    await until(when)
    assert not task.done(), task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_stands_where_is_accounted_for_without_a_value(ground: Ground) -> None:
    outcome = await ground.done(DEPLOY, {"env": "prod"}, run=running(database()))

    assert outcome.outputs == {"resources": ["orders-db"], "secrets": ["db-conn"]}
    for cluster in ("east", "west"):
        copied = await values(ground, "db-conn", cluster, "shop-prod")
        assert copied == {"DB_HOST": "x.example", "DB_PASSWORD": "s3cret-of-the-db"}
    made = await configuration(ground, "orders-db-prod")
    assert made["status"]["apply"]["outputs"]["DB_PASSWORD"]["value"] == "s3cret-of-the-db"
    account = await ground.accounted()
    assert set(account) == {
        Key("east", TERRAFORM, "Configuration", "default", "orders-db-prod"),
        Key("east", "", "Secret", "shop-prod", "db-conn"),
        Key("west", "", "Secret", "shop-prod", "db-conn"),
    }
    secrets = [each for key, each in account.items() if key.kind == "Secret"]
    assert [set(each["data"].values()) for each in secrets] == [{""}, {""}]


async def test_delivered_again_it_copies_what_the_secret_holds_then(ground: Ground) -> None:
    await ground.done(DEPLOY, {"env": "prod"}, run=running(database()))
    before = await configuration(ground, "orders-db-prod")
    await ground.done(DEPLOY, {"env": "prod"}, run=running(database()))
    after = await configuration(ground, "orders-db-prod")
    assert after["metadata"]["generation"] == before["metadata"]["generation"]

    changed = database()
    changed = replace(changed, properties={**changed.properties, "password": "another"})
    await ground.done(DEPLOY, {"env": "prod"}, run=running(changed))
    assert (await values(ground, "db-conn", "west", "shop-prod"))["DB_PASSWORD"] == "another"


async def test_each_target_can_have_one_of_its_own(ground: Ground) -> None:
    unlike = a_place({"hangzhou": {"region": "cn-hangzhou"}, "frankfurt": {"region": "eu"}})
    for env in ("hangzhou", "frankfurt"):
        await ground.done(DEPLOY, {"env": env}, run=running(database(), environment=unlike))

    regions = {
        env: (await configuration(ground, f"orders-db-{env}"))["spec"]["customRegion"]
        for env in ("hangzhou", "frankfurt")
    }
    assert regions == {"hangzhou": "cn-hangzhou", "frankfurt": "eu"}
    copy = await ground.there("v1", "Secret", "db-conn", cluster="west")
    assert copy["metadata"]["annotations"]["shipmate.dev/copy-of"] == (
        "east/default/db-conn-frankfurt"
    )


async def test_one_waits_for_those_that_it_depends_on_and_takes_values_of_steps(
    ground: Ground,
) -> None:
    first = a_step("work", DEPLOY)
    vpc = replace(database("vpc"), properties={"instance_name": "vpc"})
    after = replace(
        database(),
        depends_on=("vpc",),
        inputs=(Input(from_="size", parameter_key="size"),),
    )
    run = running(vpc, after, steps=(a_step("before", "request"), first))
    left = StepRun(name="before", phase=StepPhase.SUCCEEDED, outputs={"size": "huge"})
    run = replace(run, steps=(left,))
    ground.sandbox.faults.add("cluster/east", "terraform-slow", None, name="vpc-prod")

    async def made() -> bool:
        return bool(ground.shown) and ground.shown[-1][0][0].name == "vpc"

    await cut_off(ground, run, made)
    version = f"{TERRAFORM}/v1beta2"
    assert (
        await ground.live(version, "Configuration", "orders-db-prod", namespace="default") is None
    )

    ground.sandbox.faults.clear()
    await ground.done(DEPLOY, {"env": "prod"}, run=run)
    found = await configuration(ground, "orders-db-prod")
    assert found["spec"]["variable"]["size"] == "huge"
    assert {key.name for key in await ground.accounted()} == {
        "vpc-prod",
        "orders-db-prod",
        "db-conn",
    }


async def test_a_failure_is_no_news_until_the_next_try_has_ended(ground: Ground) -> None:
    ground.sandbox.faults.add(
        "cluster/east", "terraform-fail", None, message="no: access_key=AKIAXXXXXXXXXXXXXXXX"
    )
    failed = await ground.failed(DEPLOY, {"env": "prod"}, run=running(database()))
    assert failed.message.startswith("orders-db: ApplyFailed: Error: no: access_key=•••")
    assert not failed.retryable

    ground.sandbox.faults.clear()
    await ground.done(DEPLOY, {"env": "prod"}, run=running(database()), round=2)


async def test_without_its_secret_it_waits(ground: Ground) -> None:
    await ground.done(DEPLOY, {"env": "prod"}, run=running(database()))
    await ground.somebody.deletes("/api/v1/namespaces/default/secrets/db-conn-prod")

    outcome = await ground.work(DEPLOY, {"env": "prod"}, run=running(database()))

    assert isinstance(outcome, Waiting)
    assert outcome.message == "waiting for the Secret default/db-conn-prod on east"


async def test_a_secret_that_is_somebody_elses_is_left_alone(ground: Ground) -> None:
    path = "/api/v1/namespaces/shop-prod/secrets"
    theirs = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db-conn"},
        "data": {"A": "Yg=="},
    }
    await ground.done(
        "apply-object",
        {"value": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}},
    )
    await ground.somebody.applies(path, theirs)

    with pytest.raises(Permanent, match="Secret db-conn is in shop-prod on east already") as error:
        await ground.work(DEPLOY, {"env": "prod"}, run=running(database()))

    assert "s3cret" not in str(error.value)
    assert await values(ground, "db-conn", "east", "shop-prod") == {"A": "b"}
    assert set(await values(ground, "db-conn", "west", "shop-prod")) == VALUES


async def test_another_environment_does_not_get_the_same_one(ground: Ground) -> None:
    await ground.done(DEPLOY, {"env": "hangzhou"}, run=running(database()))
    dev = running(database(), environment=replace(a_place(), name="dev"))
    with pytest.raises(Permanent, match="belongs to shop in prod"):
        await ground.work(DEPLOY, {"env": "hangzhou"}, run=dev)


async def test_without_cloud_resources_there_is_nothing_to_do(ground: Ground) -> None:
    outcome = await ground.done(DEPLOY, {"env": "prod"}, run=running())
    assert outcome.message == "there are no cloud resources in prod"


async def test_without_a_secret_nothing_is_handed_on(ground: Ground) -> None:
    vpc = replace(database("vpc"), properties={"instance_name": "vpc"})
    outcome = await ground.done(DEPLOY, {"env": "prod"}, run=running(vpc))
    assert outcome.outputs == {"resources": ["vpc"], "secrets": []}
    assert {key.kind for key in await ground.accounted()} == {"Configuration"}


async def test_a_secret_is_shared_with_further_places_and_taken_back(ground: Ground) -> None:
    steps = (a_step("db", DEPLOY), a_step("work", SHARE))
    run = running(database(), steps=steps)
    given = {
        "env": "prod",
        "placements": [{"cluster": "west", "namespace": "shop-dev"}, {}, {"cluster": "local"}],
    }
    waiting = await ground.work(SHARE, given, run=run)
    assert isinstance(waiting, Waiting)

    await ground.done(DEPLOY, {"env": "prod"}, run=run, step="db")
    outcome = await ground.done(SHARE, given, run=run)

    assert outcome.outputs == {"resources": ["orders-db"]}
    for cluster, namespace in (("west", "shop-dev"), ("east", "default")):
        assert set(await values(ground, "db-conn", cluster, namespace)) == VALUES

    later = running(database(), steps=steps, run_id="run2")
    await ground.done(DEPLOY, {"env": "prod"}, run=later, step="db")
    await ground.done(SHARE, {**given, "placements": [{}]}, run=later)
    ended = tuple(StepRun(name=each, phase=StepPhase.SUCCEEDED) for each in ("db", "work"))
    items = await ground.store.inventory.items("shop", "prod")
    gone = list(garbage(replace(later, steps=ended), items))
    assert [each.key for each in gone] == [Key("west", "", "Secret", "shop-dev", "db-conn")]


async def test_what_belongs_to_a_step_that_was_passed_over_stays(ground: Ground) -> None:
    steps = (a_step("db", DEPLOY), a_step("work", DEPLOY))
    run = running(database(), steps=steps)
    await ground.done(DEPLOY, {"env": "hangzhou"}, run=run, step="db")
    await ground.done(DEPLOY, {"env": "frankfurt"}, run=run)

    later = running(database(), steps=steps, run_id="run2")
    await ground.done(DEPLOY, {"env": "hangzhou"}, run=later, step="db")
    passed = (
        StepRun(name="db", phase=StepPhase.SUCCEEDED),
        StepRun(name="work", phase=StepPhase.SKIPPED),
    )
    items = await ground.store.inventory.items("shop", "prod")
    assert list(garbage(replace(later, steps=passed), items)) == []

    without = replace(later, plan=replace(later.plan, application=a_shop()))
    found = {each.ref.title for each in garbage(replace(without, steps=passed), items)}
    assert found == {"Configuration orders-db-frankfurt", "Secret db-conn"}


async def test_a_rule_that_names_the_kind_lets_a_database_go(ground: Ground) -> None:
    await ground.done(DEPLOY, {"env": "prod"}, run=running(database()))
    rules = [{"selector": {"resourceTypes": ["Configuration"]}}]
    policy = Policy(name="let-go", type="garbage-collect", properties={"rules": rules})
    later = running(steps=(a_step("work", CLEAN_UP),), run_id="run2")
    later = replace(later, plan=replace(later.plan, application=a_shop(policies=(policy,))))

    outcome = await ground.done(CLEAN_UP, {}, run=later)

    assert outcome.message == (
        "removed Secret db-conn (frankfurt), Secret db-conn (hangzhou); Configuration orders-db-prod (east) is being "
        "destroyed"
    )
    version = f"{TERRAFORM}/v1beta2"

    async def gone() -> bool:
        found = await ground.live(version, "Configuration", "orders-db-prod", namespace="default")
        return found is None

    await until(gone)
    assert await ground.accounted() == {}


async def test_progress_names_the_component_and_terraforms_state(ground: Ground) -> None:
    ground.sandbox.faults.add("cluster/east", "terraform-slow", None)

    async def told() -> bool:
        return any("ProvisioningAndChecking" in str(each) for each, _ in ground.shown)

    await cut_off(ground, running(database()), told)
    (progress,) = ground.shown[-1][0]
    assert (progress.name, progress.ready, progress.wanted) == ("orders-db", 0, 1)
    ground.sandbox.faults.clear()
    await ground.done(DEPLOY, {"env": "prod"}, run=running(database()))
    await until(lambda: _is_shared(ground))


async def _is_shared(ground: Ground) -> bool:
    return await ground.live("v1", "Secret", "db-conn", cluster="west") is not None
