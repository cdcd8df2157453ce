"""An application of many kinds of components: a job, a database, a web service behind a gateway, objects as they are."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.company import ROOT, Company

DEV = "shop-dev"
APPLICATION = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: {name: shop}
spec:
  components:
    - name: settings
      type: k8s-objects
      properties:
        objects:
          - {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {colour: blue}}
          - apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: shop-reader}
            rules: [{verbs: [get], apiGroups: [""], resources: [pods]}]
    - name: migrate
      type: task
      properties: {image: registry.shop.example/migrate, cmd: [migrate, up], backoffLimit: 1}
    - name: db
      type: statefulset
      properties: {image: "docker.io/library/postgres:16.4", port: 5432}
      traits: [{type: storage, properties: {pvc: [{name: db, mountPath: /var/lib/postgresql}]}}]
    - name: agent
      type: daemon
      properties: {image: "registry.shop.example/agent:v3"}
    - name: nightly
      type: cron-task
      properties: {image: registry.shop.example/migrate, cmd: [tidy], schedule: "0 3 * * *"}
    - name: web
      type: webservice
      dependsOn: [migrate, db]
      properties: {image: registry.shop.example/web, port: 8080}
      traits:
        - {type: scaler, properties: {replicas: 2}}
        - {type: env, properties: {env: {COLOUR: blue}}}
        - {type: sidecar, properties: {name: logs, image: "registry.shop.example/logs:v1"}}
        - {type: gateway, properties: {domain: shop.example, http: {/: 8080}}}
"""


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "shop" / "application.yaml").write_text(APPLICATION, encoding="utf-8")
    made = Company(tmp_path / "state", workflows)
    await made.open()
    yield made
    await made.close()


async def names(company: Company, kind: str) -> list[str]:
    """List the objects of a kind that are in the environment or in no namespace."""
    return [
        each["name"]
        for each in await company.world.objects("east")
        if each["kind"] == kind and each["namespace"] in {DEV, ""}
    ]


async def test_every_kind_is_delivered_and_the_card_counts_what_is_waited_for(
    company: Company,
) -> None:
    await company.says("dev", "/deploy shop dev v1", channel=DEV)
    await company.card("shop/dev#1", says="revision v1", channel=DEV)

    (job,) = await names(company, "Job")
    assert job.startswith("migrate-")
    for kind, wanted in {
        "Deployment": ["web"],
        "StatefulSet": ["db"],
        "DaemonSet": ["agent"],
        "CronJob": ["nightly"],
        "PersistentVolumeClaim": ["db"],
        "Ingress": ["web"],
        "Service": ["db", "db-headless", "web"],
    }.items():
        assert sorted(await names(company, kind)) == wanted

    await company.says("dev", "/deploy shop dev v1", channel=DEV)
    await company.card("shop/dev#2", says="revision v2", channel=DEV)
    assert await names(company, "Job") == [job]

    await company.says("dev", "/deploy shop dev v2", channel=DEV)
    await company.card("shop/dev#3", says="revision v3", channel=DEV)
    (newer,) = await names(company, "Job")
    assert newer != job
    card = await company.card("shop/dev#3", says="removed Job migrate-", channel=DEV)
    assert "Clean up" in company.read(card)


async def test_a_component_without_an_image_takes_none(company: Company) -> None:
    asked = "/deploy shop dev v1 settings=registry.shop.example/web:v2"
    told = await company.asks("dev", asked, channel=DEV)
    assert "There is no component settings with an image." in told


async def test_a_job_that_fails_ends_the_run_and_its_last_words_are_in_the_thread(
    company: Company,
) -> None:
    await company.fault("cluster/east", "crash", None, name="migrate")
    await company.says("dev", "/deploy shop dev v1", channel=DEV)

    card = await company.card("shop/dev#1", says="Failed", offers="Retry", channel=DEV)

    assert "migrate: Job has reached the specified backoff limit" in company.read(card)
    told = company.read(await company.in_thread(card, "ended with exit code 1", channel=DEV))
    assert "migrate | " in told
    assert await names(company, "Deployment") == []
    (failed,) = await names(company, "Job")

    company.sandbox.faults.clear()
    await company.presses("dev", "Retry", card, channel=DEV)
    await company.card("shop/dev#1", says="revision v1", channel=DEV)

    assert await names(company, "Job") == [failed]
    assert await names(company, "Deployment") == ["web"]
