"""Who is not certain to lead waits before it does what others can see, and looks at what it likes."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.catalog.model import Cluster
from bot.chat.message import Message, Text
from bot.chat.slack.gateway import SlackGateway, web_client
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.lease import Lease
from bot.run.inventory import Ref
from bot.sandbox.server import Sandbox
from bot.steps.http import HttpCalls
from tests.patience import PATIENCE
from tests.steps.conftest import HERE

MESSAGE = Message(summary="hello", blocks=(Text(lines=(("hello",),)),))
OBJECT = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "one", "namespace": "shop"},
    "data": {},
}


async def holds_back(lease: Lease, work: "asyncio.Task[object]") -> None:
    """See that some work waits for the lease, and let it be done."""
    for _ in range(20):
        await asyncio.sleep(0.01)
    assert not work.done()
    lease.lent(asyncio.get_running_loop().time() + PATIENCE)
    async with asyncio.timeout(PATIENCE):
        await work


async def test_a_lease_is_certain_until_it_ends_or_runs_out() -> None:
    lease, now = Lease(), asyncio.get_running_loop().time()
    seen = [lease.is_certain]
    for until in (now + PATIENCE, now - 1, now + PATIENCE):
        lease.lent(until)
        seen.append(lease.is_certain)
    lease.ended()

    assert [*seen, lease.is_certain] == [False, True, False, True, False]


async def test_what_is_said_in_public_waits(sandbox: Sandbox) -> None:
    lease = Lease()
    client = web_client(sandbox.slack_bot_token, sandbox.slack_api_url)
    gateway = SlackGateway(client, lease.certain)
    channel = await gateway.channel_id("shop-prod")

    posting = asyncio.create_task(gateway.post(channel, MESSAGE, {}, key="one/card"))
    await holds_back(lease, posting)

    ts = posting.result()
    lease.ended()
    editing = asyncio.create_task(gateway.edit(channel, ts, MESSAGE, {}))
    await holds_back(lease, editing)


async def test_a_call_of_a_webhook_waits(sandbox: Sandbox) -> None:
    lease = Lease()
    http = HttpCalls("test", HERE, lease.certain)

    calling = asyncio.create_task(http.send("POST", sandbox.webhook_url, {"a": 1}, {}))
    await holds_back(lease, calling)

    assert calling.result().status == 200
    await http.close()


@pytest.mark.parametrize("change", ["apply", "remove"])
async def test_a_change_of_a_cluster_waits_and_a_look_does_not(
    sandbox: Sandbox, tmp_path: Path, change: str
) -> None:
    lease = Lease()
    file = tmp_path / "kubeconfig.json"
    await asyncio.to_thread(file.write_text, json.dumps(sandbox.kubeconfig()), encoding="utf-8")
    clusters = KubeClusters(
        lambda: {"east": Cluster(name="east")}, file, SystemClock(), certain=lease.certain
    )
    ref = Ref("v1", "ConfigMap", "shop", "one")
    assert await clusters.live("east", [ref]) == [None]

    if change == "apply":
        await holds_back(lease, asyncio.create_task(clusters.apply("east", [OBJECT])))
        assert await clusters.live("east", [ref]) != [None]
    else:
        await holds_back(lease, asyncio.create_task(clusters.remove("east", ref)))
    await clusters.close()
