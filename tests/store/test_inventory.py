"""What was delivered, kept on both databases: accounted for, struck out, never two owners of one object."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.clock import SystemClock
from bot.errors import Permanent
from bot.events import RunId
from bot.run.inventory import Item, Key, Ref
from bot.store.database import Store, open_store

ONE, TWO = RunId("run1"), RunId("run2")


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    made = open_store(url, SystemClock())
    yield made
    await made.close()


def an_item(name: str = "web", *, run: RunId = ONE, version: str = "apps/v1") -> Item:
    ref = Ref(version, "Deployment", "shop", name)
    return Item(
        cluster="east",
        ref=ref,
        target="hangzhou",
        namespace="shop",
        component=name,
        step="deploy",
        run=run,
        manifest={"apiVersion": version, "kind": "Deployment", "metadata": {"name": name}},
    )


async def test_what_arrived_last_is_known_until_what_is_sent_arrives(store: Store) -> None:
    async def noted(version: str, *, arrives: bool) -> Item:
        await store.inventory.note("shop", "prod", [an_item(version=version)])
        if arrives:
            await store.inventory.arrived("shop", "prod", [an_item().key])
        (found,) = await store.inventory.items("shop", "prod")
        return found

    one = await noted("apps/v1", arrives=True)
    assert (one.arriving, one.before) == (False, None)
    for version in ("apps/v2", "apps/v3"):
        found = await noted(version, arrives=False)
        assert (found.arriving, found.before) == (True, one.manifest)
    assert (await noted("apps/v3", arrives=True)).before is None
    # The same once more changes nothing: it is there.
    assert not (await noted("apps/v3", arrives=False)).arriving


async def test_an_object_is_accounted_for_once_whatever_the_version_of_its_kind(
    store: Store,
) -> None:
    await store.inventory.note("shop", "prod", [an_item(), an_item("api")])
    await store.inventory.note("shop", "prod", [an_item(run=TWO, version="apps/v2")])

    found = {each.ref.name: each for each in await store.inventory.items("shop", "prod")}
    first, second = an_item(), an_item(run=TWO, version="apps/v2")
    assert found["web"] == replace(second, arriving=True)
    assert found["api"] == replace(an_item("api"), arriving=True)
    await store.inventory.arrived("shop", "prod", [first.key])
    (web,) = [each for each in await store.inventory.items("shop", "prod") if each.key == first.key]
    assert web == second
    assert await store.inventory.items("shop", "dev") == []

    await store.inventory.forget("shop", "prod", [found["web"].key])
    assert [each.ref.name for each in await store.inventory.items("shop", "prod")] == ["api"]


async def test_whose_objects_are_is_answered_without_taking_them(store: Store) -> None:
    await store.inventory.note("shop", "prod", [an_item(), an_item("api")])
    keys = [an_item("web", version="apps/v2").key, an_item("jobs").key]

    assert await store.inventory.owners("pay", "prod", keys) == {keys[0]: "shop in prod"}
    assert await store.inventory.owners("shop", "prod", keys) == {}
    assert await store.inventory.owners("pay", "prod", []) == {}


async def test_an_object_of_another_application_is_refused_unless_it_is_shared(
    store: Store,
) -> None:
    await store.inventory.note("shop", "prod", [an_item()])

    with pytest.raises(Permanent, match="Deployment web in shop on east belongs to shop in prod"):
        await store.inventory.note("pay", "prod", [an_item("api"), an_item()])
    with pytest.raises(Permanent, match="belongs to shop in prod"):
        await store.inventory.note("shop", "dev", [an_item()])
    assert await store.inventory.items("pay", "prod") == []

    await store.inventory.note("pay", "prod", [an_item()], shared={an_item().key})
    assert len(await store.inventory.items("pay", "prod")) == 1
    assert len(await store.inventory.items("shop", "prod")) == 1


async def test_a_job_that_has_succeeded_is_remembered_when_its_object_is_forgotten(
    store: Store,
) -> None:
    job = Key("east", "batch", "Job", "shop", "migrate-1")
    await store.inventory.succeeded("shop", "prod", [job, job])
    await store.inventory.succeeded("shop", "prod", [job])
    await store.inventory.forget("shop", "prod", [job])

    assert await store.inventory.done("shop", "prod") == {job}
    assert await store.inventory.done("shop", "dev") == frozenset()


async def test_what_a_run_has_rendered_is_kept_by_target_and_component(store: Store) -> None:
    first, second = {"kind": "Deployment", "spec": {"x": [1, None]}}, {"kind": "Service"}
    await store.inventory.keep(ONE, "hangzhou", {"web": [first]})
    await store.inventory.keep(ONE, "hangzhou", {"web": [first, second]})
    await store.inventory.keep(ONE, "frankfurt", {"web": [second]})

    assert await store.inventory.kept(ONE) == {
        ("hangzhou", "web"): [first, second],
        ("frankfurt", "web"): [second],
    }
    assert await store.inventory.kept(TWO) == {}


async def test_a_large_delivery_is_accounted_for_in_one_go(store: Store) -> None:
    many = [an_item(f"web-{at}") for at in range(450)]
    await store.inventory.note("shop", "prod", many)
    await store.inventory.note("shop", "prod", many)

    assert len(await store.inventory.items("shop", "prod")) == 450
    await store.inventory.forget("shop", "prod", [each.key for each in many])
    assert await store.inventory.items("shop", "prod") == []
