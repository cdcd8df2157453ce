"""A cloud database before its users: made, failed and made after all, handed to two clusters, kept when it is no longer asked for."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.clouds import (
    APPLICATION,
    BINDING,
    CONFIGURATION,
    COPY,
    DATABASE,
    ORIGINAL,
    WEB,
    Clusters,
    forms,
    stored,
    told,
    with_a_cloud,
    write_application,
)
from tests.scenarios.company import Company


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    made = Company(tmp_path / "state", with_a_cloud(tmp_path))
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def clusters(company: Company) -> AsyncIterator[Clusters]:
    made = Clusters(company)
    yield made
    await made.close()


async def test_a_database_is_made_first_and_its_secret_is_where_it_is_used_and_nowhere_else(
    company: Company, clusters: Clusters, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await company.fault("cluster/east", "terraform-slow", None)
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", says="ProvisioningAndChecking")
    assert "orders-db" in company.read(card)
    assert await company.images("east") == {}

    company.sandbox.faults.clear()
    card = await company.card("shop/prod#1", says="revision v1")

    values = await clusters.data("east", ORIGINAL)
    assert set(values) == {"DB_HOST", "DB_PASSWORD"}
    assert await company.images("east") == await company.images("west") == {"web": "v1"}
    for cluster in ("east", "west"):
        assert await clusters.data(cluster, COPY) == values
        copy = await clusters.read(cluster, COPY)
        assert copy is not None
        assert copy["type"] == "Opaque"
        assert copy["metadata"]["labels"] == {
            "app.oam.dev/name": "shop",
            "app.oam.dev/namespace": "default",
            "app.oam.dev/component": "orders-db",
            "app.oam.dev/env-name": "prod",
            "app.oam.dev/sync-alias": "db-conn",
            "app.kubernetes.io/managed-by": "shipmate",
        }

    await company.stop_bot()
    everything = {
        "store": "".join(stored(company.folder)),
        "logs": caplog.text,
        "chat": await told(company),
    }
    assert "orders-db" in everything["store"]
    assert "Cloud resources" in everything["chat"]
    for form in forms(values):
        assert [name for name, text in everything.items() if form in text] == []


async def test_a_failure_is_told_in_terraforms_words_and_a_retry_waits_for_its_next_try(
    company: Company, clusters: Clusters
) -> None:
    said = (
        "creating the database: InvalidParameter: DBInstanceStorage password=hunter22 is too small"
    )
    await company.fault("cluster/east", "terraform-fail", None, name="orders-db-prod", message=said)
    await company.says("dev", "/deploy shop prod v1")

    card = await company.card("shop/prod#1", says="Failed", offers="Retry")
    shown = company.read(card)
    assert "orders-db: ApplyFailed: Error: creating the database: InvalidParameter" in shown
    await company.in_thread(card, "with alicloud_db_instance.default,")
    assert "hunter22" not in await told(company)
    assert await company.images("east") == {}
    assert await clusters.data("east", COPY) == {}

    company.sandbox.faults.clear()
    await company.presses("dev", "Retry", card)
    await company.card("shop/prod#1", says="revision v1")

    assert await clusters.data("west", COPY) == await clusters.data("east", ORIGINAL)


async def test_what_is_no_longer_asked_for_is_taken_back_but_the_database_stays(
    company: Company, clusters: Clusters
) -> None:
    await company.says("dev", "/deploy shop prod v1")
    await company.card("shop/prod#1", says="revision v1")
    before = await clusters.data("east", ORIGINAL)

    write_application(company.workflows, APPLICATION + WEB)
    await company.says("dev", "/deploy shop prod v2")
    card = await company.card("shop/prod#2", says="revision v2")

    shown = company.read(card)
    assert "removed Secret db-conn (frankfurt), Secret db-conn (hangzhou)" in shown
    assert "left Configuration orders-db-prod (east): a cloud resource is never destroyed" in shown
    assert await clusters.read("east", COPY) is None
    assert await clusters.read("west", COPY) is None
    assert await clusters.read("east", CONFIGURATION) is not None
    assert await clusters.data("east", ORIGINAL) == before

    await company.says("dev", "/deploy shop prod v3")
    again = await company.card("shop/prod#3", says="revision v3")
    assert "Configuration" not in company.read(again)


async def test_a_plan_and_a_rollback_say_what_becomes_of_the_database(company: Company) -> None:
    plan = await company.asks("dev", "/deploy shop prod v1 --plan")
    assert "Configuration orders-db-prod is new · in east" in plan
    await company.says("dev", "/deploy shop prod v1")
    await company.card("shop/prod#1", says="revision v1")

    renamed = DATABASE.replace("instance_name: orders", "instance_name: other")
    write_application(company.workflows, APPLICATION + renamed + WEB + BINDING)
    await company.says("dev", "/deploy shop prod v2")
    await company.card("shop/prod#2", says="revision v2")

    asked = await company.asks("dev", "/rollback shop prod v1")
    assert "variable.instance_name: other → orders" in asked
    (said,) = (each for each in asked.splitlines() if "Cloud resources are given" in each)
    assert said.endswith("orders-db (instance_name)")
