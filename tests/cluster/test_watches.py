"""Watches: shared, and kept through everything that API servers, and the ways to them, do to those who watch."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.catalog.model import Cluster
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.cluster.kube.watches import Subject, Watches
from bot.cluster.port import Applied, Health
from bot.errors import Permanent
from bot.sandbox.server import Sandbox
from tests.cluster.middleman import GONE, Middleman, between, gone, hang_up, refused
from tests.cluster.places import followed, until
from tests.patience import PATIENCE
from tests.sandbox.kubernetes.conftest import a_deployment


@pytest.fixture
async def server(sandbox: Sandbox) -> AsyncIterator[Middleman]:
    """Give an API server that can be told to behave badly."""
    async with between(f"{sandbox.url}/clusters/east", "sandbox-east") as made:
        yield made


@asynccontextmanager
async def client(
    server: Middleman, tmp_path: Path, *, silence: float = 75.0
) -> AsyncIterator[KubeClusters]:
    path = tmp_path / "middleman.json"
    path.write_text(json.dumps(server.kubeconfig()), encoding="utf-8")
    east = Cluster(name="east", kubeconfig=str(path))
    made = KubeClusters(lambda: {"east": east}, None, SystemClock(), silence=silence)
    try:
        yield made
    finally:
        await made.close()


async def rolled_out(
    clusters: KubeClusters, applied: list[Applied], patience: float = 600
) -> list[Health]:
    return await followed(clusters.follow("east", applied, patience=patience))


def on_watch(server: Middleman, part: str, answer: web.StreamResponse) -> None:
    """Answer the first watch of a kind in place of the server."""
    left = [answer]

    def rule(request: web.Request) -> web.StreamResponse | None:
        mine = request.path.endswith(part) and "watch" in request.query
        return left.pop() if mine and left else None

    server.rules.append(rule)


@pytest.mark.parametrize("fault", ["down", "expired"])
async def test_a_watch_that_is_cut_goes_on_where_the_world_is_now(
    clusters: KubeClusters, sandbox: Sandbox, fault: str
) -> None:
    sandbox.faults.add("cluster/east", "not-ready", None, name="web")
    applied = await clusters.apply("east", [a_deployment()])
    following = asyncio.create_task(rolled_out(clusters, applied))
    await asyncio.sleep(0.3)  # it watches, and nothing gets ready

    made = sandbox.faults.add("cluster/east", fault, None)
    await asyncio.sleep(0.3)
    sandbox.faults.drop(made)
    sandbox.faults.clear("cluster/east", "not-ready")

    assert (await following)[-1].done


async def test_followers_share_one_watch_a_kind_and_namespace(
    clusters: KubeClusters,
) -> None:
    names = [f"web{number}" for number in range(10)]
    applied = [(await clusters.apply("east", [a_deployment(name)]))[0] for name in names]

    told = await asyncio.gather(*(rolled_out(clusters, [each]) for each in applied))

    assert all(each[-1].done for each in told)
    assert clusters._watches.count == 3


async def test_a_watch_ends_some_time_after_the_last_who_followed(clusters: KubeClusters) -> None:
    await clusters.apply("east", [a_deployment()])
    api, paths = clusters._server("east")
    watches, changed, other = Watches(linger=0.05), asyncio.Event(), asyncio.Event()
    subject = Subject(api, "apps/v1", "Deployment", "shop")

    async with watches.following(subject, paths, changed) as first:
        async with watches.following(subject, paths, other) as second:
            assert second is first
        await changed.wait()
        assert set(first.objects) == {"web"}
    assert watches.count == 1

    async def none() -> bool:
        return watches.count == 0

    await until(none)
    await watches.close()


async def test_a_silent_watch_is_begun_again_where_it_was(
    server: Middleman, tmp_path: Path
) -> None:
    async with client(server, tmp_path, silence=0.4) as clusters:
        server.silent = 3
        told = await rolled_out(clusters, await clusters.apply("east", [a_deployment()]))

    assert told[-1].done
    assert not any(each.note for each in told)
    assert server.count("/deployments", watch=True) >= 2
    assert server.count("/deployments", watch=False) == 1  # no need to read all again
    versions = [
        query["resourceVersion"]
        for _, path, query in server.asked
        if path.endswith("/deployments") and "watch" in query
    ]
    assert versions[0] == versions[1]


async def test_a_server_whose_watches_know_nothing_is_asked_anew(
    server: Middleman, tmp_path: Path
) -> None:
    async with client(server, tmp_path, silence=0.2) as clusters:
        server.silent = 1000
        told = await rolled_out(clusters, await clusters.apply("east", [a_deployment()]))

    assert told[-1].done
    assert server.count("/deployments", watch=False) > 1


@pytest.mark.parametrize("form", ["status", "event"])
async def test_a_version_that_is_too_old_is_listed_again(
    server: Middleman, tmp_path: Path, form: str
) -> None:
    event = json.dumps({"type": "ERROR", "object": GONE}).encode() + b"\n"
    answer = gone() if form == "status" else web.Response(body=event)
    on_watch(server, "/deployments", answer)
    async with client(server, tmp_path) as clusters:
        told = await rolled_out(clusters, await clusters.apply("east", [a_deployment()]))

    assert told[-1].done
    assert server.count("/deployments", watch=False) == 2


async def test_long_lists_are_read_in_pages(server: Middleman, tmp_path: Path) -> None:
    server.page = 2
    async with client(server, tmp_path) as clusters:
        applied = await clusters.apply("east", [a_deployment(f"web{each}") for each in range(5)])
        async with asyncio.timeout(PATIENCE):
            async for health in clusters.follow("east", applied):
                if all(each.done for each in health.values()):
                    break

    pages = [
        query.get("continue")
        for _, path, query in server.asked
        if path.endswith("/deployments") and "limit" in query
    ]
    assert pages == [None, "2", "4"]


async def test_pages_that_grow_too_old_are_read_in_one_piece(
    server: Middleman, tmp_path: Path
) -> None:
    server.page = 2

    def rule(request: web.Request) -> web.StreamResponse | None:
        if "continue" not in request.query:
            return None
        server.page = 0
        return gone()

    server.rules.append(rule)
    async with client(server, tmp_path) as clusters:
        applied = await clusters.apply("east", [a_deployment(f"web{each}") for each in range(5)])
        assert (await rolled_out(clusters, applied[4:]))[-1].done


async def test_who_is_throttled_comes_back_when_told(server: Middleman, tmp_path: Path) -> None:
    left = [refused(429, "too many requests", Retry_After="0") for _ in range(2)]

    def rule(request: web.Request) -> web.StreamResponse | None:
        return left.pop() if request.method == "PATCH" and left else None

    server.rules.append(rule)
    async with client(server, tmp_path) as clusters:
        applied = await clusters.apply("east", [a_deployment()])
        on_watch(server, "/pods", refused(429, "too many requests", Retry_After="1"))
        told = await rolled_out(clusters, applied)

    assert not left
    assert told[-1].done


@pytest.mark.parametrize("politely", [True, False])
async def test_kept_connections_that_are_dead_are_replaced_at_once(
    server: Middleman, tmp_path: Path, *, politely: bool
) -> None:
    left = [1, 2, 3]

    def rule(request: web.Request) -> web.StreamResponse | None:
        if request.method != "PATCH" or not left:
            return None
        left.pop()
        hang_up(request, politely=politely)
        return web.Response()

    async with client(server, tmp_path) as clusters:
        await clusters.apply("east", [a_deployment()])
        patches = server.patches
        server.rules.append(rule)
        await clusters.apply("east", [a_deployment()])

    assert not left
    assert server.patches == patches + 3 + 1  # three that are lost and one that is not


async def test_what_one_may_not_watch_is_said_and_final(server: Middleman, tmp_path: Path) -> None:
    said = 'pods is forbidden: User "shipmate" cannot watch resource "pods" in API group ""'
    on_watch(server, "/pods", refused(403, said))
    async with client(server, tmp_path) as clusters:
        applied = await clusters.apply("east", [a_deployment()])
        with pytest.raises(Permanent, match='cannot watch resource "pods"'):
            await rolled_out(clusters, applied)


async def test_a_server_that_is_away_is_told_and_takes_no_patience(
    server: Middleman, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.add("cluster/east", "not-ready", None, name="web")
    async with client(server, tmp_path) as clusters:
        applied = await clusters.apply("east", [a_deployment()])
        told: list[Health] = []
        async with asyncio.timeout(PATIENCE):
            async for health in clusters.follow("east", applied, patience=2.5):
                (now,) = health.values()
                told.append(now)
                if len(told) == 1:
                    await server.stop()
                    asyncio.get_running_loop().call_later(
                        4, lambda: asyncio.ensure_future(server.start())
                    )
                if now.note == "east cannot be reached":
                    sandbox.faults.clear("cluster/east", "not-ready")
                if now.done or now.failed:
                    break

    assert any(each.note == "east cannot be reached" for each in told)
    assert told[-1].done  # it was away for longer than its patience


async def test_a_server_that_is_away_from_the_beginning_is_told_and_waited_for(
    server: Middleman, tmp_path: Path
) -> None:
    async with client(server, tmp_path) as clusters:
        applied = await clusters.apply("east", [a_deployment()])
        await server.stop()
        told: list[Health] = []
        async with asyncio.timeout(PATIENCE):
            async for health in clusters.follow("east", applied):
                (now,) = health.values()
                told.append(now)
                if len(told) == 1:
                    await server.start()
                if now.done:
                    break

    assert told[0] == Health(ready=0, wanted=1, done=False, note="east cannot be reached")


async def test_credentials_that_expire_are_told_and_read_anew(
    server: Middleman, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.add("cluster/east", "not-ready", None, name="web")
    async with client(server, tmp_path) as clusters:
        applied = await clusters.apply("east", [a_deployment()])
        notes: list[str] = []
        async with asyncio.timeout(PATIENCE):
            async for health in clusters.follow("east", applied):
                (now,) = health.values()
                notes.append(now.note)
                if len(notes) == 1:
                    server.tokens = {"fresh"}
                    server.cut()
                if now.note == "east: the credentials are refused":
                    sandbox.faults.clear("cluster/east", "not-ready")
                    fresh = json.dumps(server.kubeconfig(token="fresh"))
                    (tmp_path / "middleman.json").write_text(fresh, encoding="utf-8")
                if now.done:
                    break

    assert "east: the credentials are refused" in notes


async def test_an_object_longer_than_a_line_of_the_client_is_watched(
    clusters: KubeClusters,
) -> None:
    big = a_deployment()
    big["metadata"]["annotations"] = {"notes": "x" * 200_000}
    applied = await clusters.apply("east", [big])

    assert (await rolled_out(clusters, applied))[-1].done


async def test_a_cluster_that_is_another_one_now_is_looked_at_anew(
    clusters: KubeClusters, catalog: dict[str, Cluster], sandbox: Sandbox
) -> None:
    await rolled_out(clusters, await clusters.apply("east", [a_deployment()]))
    sandbox.faults.add("cluster/west", "crash", None, name="web")

    catalog["east"] = Cluster(name="east", context="west")  # while the old watches still linger
    told = await rolled_out(clusters, await clusters.apply("east", [a_deployment()]))

    assert not told[0].done
    assert "crashes again and again" in told[-1].failed
