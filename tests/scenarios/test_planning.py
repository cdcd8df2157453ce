"""A plan before a deployment, a cluster that somebody has changed by hand, and a rollback that says what it does not undo."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.scenarios.company import PROD, ROOT, Company

STEPS = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: workflow-prod
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}
steps:
  - {name: hangzhou, type: deploy2env, properties: {env: hangzhou}}
  - {name: frankfurt, type: deploy2env, properties: {env: frankfurt}}
"""
MORE = """\
    - name: migrate
      type: task
      properties: {image: registry.shop.example/migrate, cmd: [migrate, --db-password, hunter2]}
    - name: settings
      type: k8s-objects
      properties:
        objects:
          - {apiVersion: v1, kind: Secret, metadata: {name: db}, stringData: {password: hunter2}}
"""
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{PROD}/deployments"


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "shop" / "workflow-prod.yaml").write_text(STEPS, encoding="utf-8")
    made = Company(tmp_path / "state", workflows, speed=20)
    await made.open()
    yield made
    await made.close()


async def delivered(company: Company, version: str, number: int) -> None:
    await company.says("dev", f"/deploy shop prod {version}")
    await company.card(f"shop/prod#{number}", says=f"revision v{number}")


def with_more(company: Company, more: str) -> None:
    """Give the shop further components."""
    path = company.workflows / "shop" / "application.yaml"
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")


async def api(
    company: Company, method: str, path: str, body: Any = None, *, by: str = "kubectl-edit"
) -> dict[str, Any]:
    """Ask the API server of east, as kubectl would."""
    async with httpx.AsyncClient(base_url=f"{company.sandbox.url}/clusters/east") as client:
        answer = await client.request(
            method,
            path,
            params={"fieldManager": by},
            json=body,
            headers={"Content-Type": "application/merge-patch+json"},
        )
    found: dict[str, Any] = answer.json()
    assert answer.status_code == 200, found
    return found


async def test_a_plan_starts_nothing_and_its_button_starts_what_it_showed(
    company: Company,
) -> None:
    await delivered(company, "v1.4.1", 1)

    plan = await company.answer("dev", "/deploy shop prod v1.4.2 --plan")

    answer = company.read(plan)
    assert "Plan for shop in prod: v1.4.2" in answer
    assert "Nothing is started. In force is v1, v1.4.1." in answer
    assert "hangzhou (east) and frankfurt (west): 3 change, 2 stay as they are" in answer
    assert "Deployment web · in hangzhou and frankfurt\n• image: v1.4.1 → v1.4.2" in answer
    assert (await company.images("east"))["web"] == "v1.4.1"
    assert "#2" not in await company.asks("dev", "/shipmate runs shop prod")

    await company.presses("dev", "Deploy", plan)
    await company.card("shop/prod#2", says="revision v2")
    assert (await company.images("west"))["web"] == "v1.4.2"


async def test_who_may_only_look_is_shown_the_plan_and_no_button(company: Company) -> None:
    answer = await company.asks("guest", "/deploy shop prod v1 --plan")
    assert "Deployment web is new" in answer
    assert "[Deploy]" not in answer


async def test_what_was_done_by_hand_is_told_as_drift_and_the_plan_says_that_it_would_fail(
    company: Company,
) -> None:
    await delivered(company, "v1", 1)
    await api(company, "PATCH", f"{DEPLOYMENTS}/web/scale", {"spec": {"replicas": 5}}, by="kubectl")
    found = await api(company, "GET", f"{DEPLOYMENTS}/api")
    containers = found["spec"]["template"]["spec"]["containers"]
    containers[0]["env"].append({"name": "DEBUG", "value": "1"})
    body = {"spec": {"template": {"spec": {"containers": containers}}}}
    await api(company, "PATCH", f"{DEPLOYMENTS}/api", body)

    drift = await company.asks("dev", "/shipmate diff shop prod --live")
    assert "hangzhou (east): 2 changed by others, 3 as sent" in drift
    assert "frankfurt (west): 5 as sent" in drift
    assert "replicas: 5 there, sent was 3 (kubectl set it" in drift
    assert "added: env DEBUG 1 (kubectl-edit" in drift

    plan = await company.asks("dev", "/deploy shop prod v2 --plan")
    assert "3 change, 2 stay as they are, 1 would fail" in plan
    assert "in hangzhou: replicas: 5 → 3 (drift: kubectl set it" in plan
    assert "kubectl owns it, the delivery would fail" in plan
    assert "in hangzhou: stays: env DEBUG 1 (kubectl-edit" in plan
    assert "take-over policy" in plan

    await company.says("dev", "/deploy shop prod v2")
    assert "kubectl" in company.read(await company.card("shop/prod#2", says="Failed"))


async def test_while_a_run_is_under_way_a_plan_says_which_one(company: Company) -> None:
    await company.fault("cluster/east", "not_ready", None, name="web")
    await company.says("dev", "/deploy shop prod v1")
    await company.card("shop/prod#1", offers="Stop")
    answer = await company.asks("dev", "/deploy shop prod v2 --plan")
    assert "shop/prod#1 of dev is running" in answer
    assert "[Deploy]" in answer, "it would wait in line"


async def test_a_rollback_says_what_it_changes_and_what_it_does_not_undo(company: Company) -> None:
    with_more(company, MORE)
    await delivered(company, "v1", 1)
    await delivered(company, "v2", 2)
    await api(company, "PATCH", f"{DEPLOYMENTS}/web/scale", {"spec": {"replicas": 5}}, by="kubectl")

    proposal = await company.answer("dev", "/rollback shop prod")
    said = company.read(proposal)

    assert "Roll back shop in prod from v2 to v1?" in said
    assert "• image: v2 → v1" in said
    assert "in hangzhou: replicas: 5 → 3 (drift: kubectl set it" in said
    assert "Not undone by it" in said
    assert "Jobs that ran since then are not run backwards: migrate-" in said
    assert "Jobs that have succeeded once are not run again: migrate-" in said
    # Somebody scales again before the yes: that does not void it.
    await api(company, "PATCH", f"{DEPLOYMENTS}/web/scale", {"spec": {"replicas": 3}}, by="kubectl")
    await company.presses("dev", "Roll back", proposal)
    await company.card("shop/prod#3", says="revision v3, which is v1 again")
    assert (await company.images("east"))["web"] == "v1"


async def test_no_secret_is_in_anything_that_is_shown(company: Company) -> None:
    with_more(company, MORE)
    said = [await company.asks("dev", "/deploy shop prod v1 --plan")]
    await delivered(company, "v1", 1)
    path = company.workflows / "shop" / "application.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("hunter2", "hunter3"), encoding="utf-8"
    )
    secrets = f"/api/v1/namespaces/{PROD}/secrets/db"
    await api(company, "PATCH", secrets, {"data": {"password": "aHVudGVyNA=="}})
    said.append(await company.asks("dev", "/deploy shop prod v1 --plan --show settings"))
    said.append(await company.asks("dev", "/deploy shop prod v1 --plan --show migrate"))
    said.append(await company.asks("dev", "/shipmate diff shop prod --live"))
    await company.asks("dev", "/deploy shop prod v2 --plan")
    assert "Secret db" in said[1]
    assert "• " in said[1]
    assert "data.password: ••• there, sent was ••• (kubectl-edit set it" in said[3]
    for each in said:
        for secret in ("hunter", "aHVudGVy"):
            assert secret not in each
