"""Lists, pages and watches, as clients with caches of their own rely on them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.kubernetes.api import CONFIG_MAPS, Api, a_config_map


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Api]:
    """Give the cluster east with a namespace `shop` without configuration."""
    made = Api(sandbox)
    await made.done("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
    await made.done("DELETE", f"{CONFIG_MAPS}/kube-root-ca.crt")
    yield made
    await made.client.aclose()


async def three(api: Api) -> None:
    for name in ("one", "three", "two"):
        await api.done("POST", CONFIG_MAPS, a_config_map(name))


async def test_a_list_comes_in_pages_that_are_all_of_one_moment(api: Api) -> None:
    await three(api)

    first = await api.done("GET", CONFIG_MAPS, limit=2)
    await api.done("DELETE", f"{CONFIG_MAPS}/two")
    await api.done("POST", CONFIG_MAPS, a_config_map("zero"))
    token = first["metadata"]["continue"]
    second = await api.done("GET", CONFIG_MAPS, limit=2, **{"continue": token})

    assert first["metadata"]["remainingItemCount"] == 1
    assert [each["metadata"]["name"] for each in first["items"]] == ["one", "three"]
    assert [each["metadata"]["name"] for each in second["items"]] == ["two"]
    assert "continue" not in second["metadata"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


async def test_a_token_of_a_forgotten_moment_has_expired_and_one_to_go_on_with_is_given(
    api: Api, sandbox: Sandbox
) -> None:
    await three(api)
    first = await api.done("GET", CONFIG_MAPS, limit=2)
    sandbox.faults.add("cluster/east", "expired", 1)

    told = await api.refused(
        410, "GET", CONFIG_MAPS, limit=2, **{"continue": first["metadata"]["continue"]}
    )

    assert told["reason"] == "Expired"
    assert "The provided continue parameter is too old" in told["message"]
    rest = await api.done("GET", CONFIG_MAPS, **{"continue": told["metadata"]["continue"]})
    assert [each["metadata"]["name"] for each in rest["items"]] == ["two"]


async def test_what_is_no_token_and_what_is_no_moment_is_refused(api: Api) -> None:
    told = await api.refused(400, "GET", CONFIG_MAPS, **{"continue": "nonsense"})
    assert "continue key is not valid" in told["message"]
    told = await api.refused(400, "GET", CONFIG_MAPS, resourceVersion="yesterday")
    assert 'Invalid value: "yesterday"' in told["message"]
    told = await api.refused(504, "GET", CONFIG_MAPS, resourceVersion="999999")
    assert told["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


async def test_a_list_can_be_of_an_exact_moment(api: Api) -> None:
    made = await api.done("POST", CONFIG_MAPS, a_config_map("one"))
    await api.done("POST", CONFIG_MAPS, a_config_map("two"))
    moment = made["metadata"]["resourceVersion"]

    then = await api.done("GET", CONFIG_MAPS, resourceVersion=moment, resourceVersionMatch="Exact")
    since = await api.done("GET", CONFIG_MAPS, resourceVersion=moment)
    any_moment = await api.done("GET", CONFIG_MAPS, resourceVersion="0")

    assert [each["metadata"]["name"] for each in then["items"]] == ["one"]
    assert len(since["items"]) == len(any_moment["items"]) == 2


async def test_only_some_fields_can_be_selected_by(api: Api) -> None:
    told = await api.refused(400, "GET", CONFIG_MAPS, fieldSelector="data.mode=fast")
    assert "is not a known field selector" in told["message"]
    found = await api.done(
        "GET", "/api/v1/namespaces/shop/pods", fieldSelector="spec.nodeName=east-node-1"
    )
    assert found["items"] == []


async def test_a_watch_goes_on_where_a_list_ended(api: Api) -> None:
    listed = await api.done("GET", CONFIG_MAPS)
    made = await api.done("POST", CONFIG_MAPS, a_config_map())
    async with api.watch(
        CONFIG_MAPS, resourceVersion=listed["metadata"]["resourceVersion"]
    ) as events:
        added = await events.next()
        await api.done("PUT", f"{CONFIG_MAPS}/app", a_config_map(mode="slow"))
        modified = await events.next()
        await api.done("DELETE", f"{CONFIG_MAPS}/app")
        deleted = await events.next()

    assert [each["type"] for each in (added, modified, deleted)] == ["ADDED", "MODIFIED", "DELETED"]
    assert added["object"] == made
    versions = [
        int(each["object"]["metadata"]["resourceVersion"]) for each in (added, modified, deleted)
    ]
    assert versions == sorted(set(versions))


@pytest.mark.parametrize("since", [None, "0"])
async def test_a_watch_without_a_moment_begins_with_what_is_there(
    api: Api, since: str | None
) -> None:
    await three(api)
    params = {} if since is None else {"resourceVersion": since}
    async with api.watch(CONFIG_MAPS, **params) as events:
        seen = [await events.next() for _ in range(3)]
    assert [each["object"]["metadata"]["name"] for each in seen] == ["one", "three", "two"]


async def test_the_end_of_what_is_there_is_marked_for_those_who_ask(api: Api) -> None:
    await api.done("POST", CONFIG_MAPS, a_config_map())
    async with api.watch(
        CONFIG_MAPS,
        sendInitialEvents="true",
        resourceVersionMatch="NotOlderThan",
        allowWatchBookmarks="true",
    ) as events:
        first, mark = await events.next(), await events.next()
    assert (first["type"], mark["type"]) == ("ADDED", "BOOKMARK")
    assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    told = await api.refused(422, "GET", CONFIG_MAPS, watch="true", sendInitialEvents="true")
    assert "requires setting resourceVersionMatch to NotOlderThan" in told["message"]


async def test_a_watch_ends_after_its_time(api: Api) -> None:
    async with api.watch(CONFIG_MAPS, timeoutSeconds="1", resourceVersion="0") as events:
        assert await events.has_ended()


async def test_an_object_that_leaves_the_selection_is_deleted_for_the_watcher(api: Api) -> None:
    body = a_config_map()
    body["metadata"]["labels"] = {"tier": "web"}
    await api.done("POST", CONFIG_MAPS, body)
    async with api.watch(CONFIG_MAPS, labelSelector="tier=web") as events:
        assert (await events.next())["type"] == "ADDED"
        await api.done("PUT", f"{CONFIG_MAPS}/app", a_config_map())
        assert (await events.next())["type"] == "DELETED"


async def test_a_watch_from_a_forgotten_moment_is_told_so_in_the_stream(
    api: Api, sandbox: Sandbox
) -> None:
    listed = await api.done("GET", CONFIG_MAPS)
    version = listed["metadata"]["resourceVersion"]
    sandbox.faults.add("cluster/east", "expired", 1)

    async with api.watch(CONFIG_MAPS, resourceVersion=version) as events:
        told = await events.next()
        assert await events.has_ended()

    assert events.answer.status_code == 200
    assert told["type"] == "ERROR"
    assert (told["object"]["code"], told["object"]["reason"]) == (410, "Expired")
    assert told["object"]["message"].startswith(f"too old resource version: {version} (")


async def test_a_watch_from_a_forgotten_moment_may_be_refused_outright(
    api: Api, sandbox: Sandbox
) -> None:
    listed = await api.done("GET", CONFIG_MAPS)
    sandbox.faults.add("cluster/east", "expired", 1, answer="http")
    version = listed["metadata"]["resourceVersion"]
    told = await api.refused(410, "GET", CONFIG_MAPS, watch="true", resourceVersion=version)
    assert told["reason"] == "Expired"


async def test_a_silent_watch_stays_open_and_says_nothing_more(api: Api, sandbox: Sandbox) -> None:
    async with api.watch(CONFIG_MAPS) as before:
        sandbox.faults.add("cluster/east", "silent", None)
        async with api.watch(CONFIG_MAPS, timeoutSeconds="2") as meanwhile:
            await api.done("POST", CONFIG_MAPS, a_config_map())
            assert await meanwhile.has_ended()
        sandbox.faults.clear()
        async with api.watch(CONFIG_MAPS) as after:
            assert (await after.next())["type"] == "ADDED"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await before.next()
