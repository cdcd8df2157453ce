"""What an application no longer contains is deleted at the end of a run that succeeded, and nothing else ever is."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.company import PROD, ROOT, Company

SHOP = "shop/application.yaml"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{PROD}/deployments/"
CACHE = """\
    - name: cache
      type: webservice
      properties: {image: "docker.io/library/redis:7.4", port: 6379}
      traits: [{type: storage, properties: {pvc: [{name: cache, mountPath: /data}]}}]
"""
STEPS = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: workflow-prod
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}
steps:
"""


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    made = Company(tmp_path / "state", workflows, speed=20)
    await made.open()
    yield made
    await made.close()


def write(company: Company, name: str, text: str) -> None:
    (company.workflows / name).write_text(text, encoding="utf-8")


def read(company: Company, name: str) -> str:
    return (company.workflows / name).read_text(encoding="utf-8")


def workflow(company: Company, *steps: str) -> None:
    write(company, "shop/workflow-prod.yaml", STEPS + "".join(f"  - {each}\n" for each in steps))


async def delivered(company: Company, number: int, says: str = "") -> str:
    await company.says("dev", f"/deploy shop prod v{number}")
    return company.read(await company.card(f"shop/prod#{number}", says=says or f"v{number}"))


async def there(company: Company, cluster: str) -> set[str]:
    """Name the objects of prod on a cluster, without what Kubernetes makes itself."""
    kinds = {"Deployment", "Service", "ConfigMap", "PersistentVolumeClaim", "Secret"}
    return {
        f"{each['kind']} {each['name']}"
        for each in await company.world.objects(cluster)
        if each["kind"] in kinds and each["namespace"] == PROD
    }


EAST = "{name: hangzhou, type: deploy2env, properties: {env: hangzhou}}"
WEST = "{name: frankfurt, type: deploy2env, properties: {env: frankfurt}}"


async def test_a_component_that_is_gone_is_deleted_after_the_run_and_not_before(
    company: Company,
) -> None:
    shop = read(company, SHOP)
    write(company, SHOP, shop + CACHE)
    workflow(company, EAST, "{name: look, type: suspend}", WEST)
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    await company.presses("sre", "Approve", card)
    assert "Clean up" not in company.read(await company.card("shop/prod#1", says="revision v1"))
    assert "Deployment cache" in await there(company, "west")

    write(company, SHOP, shop)
    await company.says("dev", "/deploy shop prod v2")
    card = await company.card("shop/prod#2", offers="Approve")
    assert "Deployment cache" in await there(company, "east")

    await company.presses("sre", "Approve", card)
    told = company.read(await company.card("shop/prod#2", says="revision v2"))

    assert "Deployment cache (hangzhou)" in told
    assert "Service cache (frankfurt)" in told
    assert "left PersistentVolumeClaim cache" in told
    # It is said once: in the thread it stands in full, however much of it the card has room for.
    thread = company.read(await company.in_thread(card, "What it left:"))
    for target in ("hangzhou", "frankfurt"):
        assert f"left PersistentVolumeClaim cache ({target}): its kind is never deleted" in thread
    for cluster in ("east", "west"):
        found = await there(company, cluster)
        assert {"Deployment cache", "Service cache"} & found == set()
        assert {"Deployment web", "Service web", "PersistentVolumeClaim cache"} <= found
    await company.says("dev", "/deploy shop prod v3")
    card = await company.card("shop/prod#3", offers="Approve")
    await company.presses("sre", "Approve", card)
    assert "Clean up" not in company.read(await company.card("shop/prod#3", says="revision v3"))


async def test_a_run_that_failed_or_was_rejected_deletes_nothing(company: Company) -> None:
    shop = read(company, SHOP)
    write(company, SHOP, shop + CACHE)
    workflow(company, EAST)
    await delivered(company, 1, "revision v1")
    write(company, SHOP, shop)
    workflow(company, EAST, "{name: look, type: suspend}")

    await company.says("dev", "/deploy shop prod v2")
    card = await company.card("shop/prod#2", offers="Reject")
    await company.says("sre", "/shipmate reject shop/prod#2 not now")
    card = await company.card("shop/prod#2", says="Rejected")
    assert "Clean up" not in company.read(card)
    assert "Deployment cache" in await there(company, "east")

    await company.says("dev", "/deploy shop prod v3")
    card = await company.card("shop/prod#3", offers="Approve")
    await company.presses("sre", "Approve", card)
    await company.card("shop/prod#3", says="Service cache (hangzhou)")
    assert "Deployment cache" not in await there(company, "east")


async def test_a_component_that_moved_to_another_step_is_never_deleted_in_between(
    company: Company,
) -> None:
    step = "{{name: {0}, type: apply-component, properties: {{component: {1}, cluster: east}}}}"
    workflow(company, step.format("one", "web"), step.format("two", "api"))
    await delivered(company, 1, "revision v1")
    before = await uid(company, "web")

    workflow(
        company,
        step.format("one", "api"),
        "{name: look, type: suspend, properties: {duration: 1s}}",
        step.format("three", "web"),
    )
    told = await delivered(company, 2, "revision v2")

    assert "Clean up" not in told
    assert await uid(company, "web") == before


async def test_what_a_step_did_not_deliver_because_it_did_not_run_stays(company: Company) -> None:
    workflow(company, EAST, WEST)
    await delivered(company, 1, "revision v1")
    workflow(company, EAST, WEST.replace("type:", "if: context.version == 'v1', type:"))

    told = await delivered(company, 2, "revision v2")

    assert "Clean up" not in told
    assert "Deployment web" in await there(company, "west")

    workflow(company, EAST)
    told = await delivered(company, 3, "revision v3")
    assert "Deployment web (frankfurt)" in told
    assert "Deployment web" not in await there(company, "west")


async def test_what_somebody_else_has_made_their_own_is_left_and_said(company: Company) -> None:
    shop = read(company, SHOP)
    write(company, SHOP, shop + CACHE)
    workflow(company, EAST)
    await delivered(company, 1, "revision v1")
    await relabel(company, "cache", {"app.oam.dev/name": "somebody"})
    write(company, SHOP, shop)

    told = await delivered(company, 2, "revision v2")

    assert "left Deployment cache (hangzhou): it no longer says that it is ours" in told
    found = await there(company, "east")
    assert "Deployment cache" in found
    assert "Service cache" not in found


async def test_a_cluster_that_is_away_when_it_is_cleaned_up_fails_no_delivery(
    company: Company,
) -> None:
    shop = read(company, SHOP)
    write(company, SHOP, shop + CACHE)
    workflow(company, EAST, WEST)
    await delivered(company, 1, "revision v1")
    write(company, SHOP, shop)
    hold = "{name: look, type: suspend}"
    workflow(company, EAST, WEST, hold)
    await company.says("dev", "/deploy shop prod v2")
    card = await company.card("shop/prod#2", offers="Approve")
    await company.fault("cluster/west", "down", None)
    await company.presses("sre", "Approve", card)
    told = company.read(await company.card("shop/prod#2", says="revision v2"))
    assert "is not deleted yet: west" in told
    assert "Deployment cache" not in await there(company, "east")

    company.sandbox.faults.clear()
    workflow(company, EAST, WEST)
    told = await delivered(company, 3, "revision v3")
    assert "removed" in told
    assert "Deployment cache" not in await there(company, "west")


READ_ONLY = """\
  policies:
    - name: theirs
      type: read-only
      properties: {rules: [{selector: {componentNames: [cache]}}]}
"""


async def test_what_is_read_only_from_now_on_is_never_deleted(company: Company) -> None:
    shop = read(company, SHOP)
    write(company, SHOP, shop + CACHE)
    workflow(company, EAST)
    await delivered(company, 1, "revision v1")
    write(company, SHOP, shop + CACHE + READ_ONLY)
    await delivered(company, 2, "revision v2")

    write(company, SHOP, shop)
    told = await delivered(company, 3, "revision v3")

    assert "Clean up" not in told
    assert {"Deployment cache", "Service cache"} <= await there(company, "east")


async def test_what_lies_where_no_target_is_any_more_is_left_and_said_once(
    company: Company,
) -> None:
    workflow(company, EAST)
    await delivered(company, 1, "revision v1")
    environments = read(company, "environments/prod.yaml")
    place = f"namespace: {PROD}"
    write(company, "environments/prod.yaml", environments.replace(place, "namespace: shop-live"))

    told = await delivered(company, 2, "revision v2")

    assert f"objects in {PROD} on east, where hangzhou no longer is" in told
    assert "removed" not in told
    assert {"Deployment web", "Service web"} <= await there(company, "east")
    assert "Clean up" not in await delivered(company, 3, "revision v3")


async def uid(company: Company, name: str) -> str:
    found = await company.object("east", DEPLOYMENTS + name)
    return str(found["metadata"]["uid"])


async def relabel(company: Company, name: str, labels: dict[str, str]) -> None:
    body = {"metadata": {"labels": labels}}
    await company.object("east", DEPLOYMENTS + name, "PATCH", body)
