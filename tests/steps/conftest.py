"""Someone else's HTTP server, which answers as it is told and remembers what it got; and ground for steps on clusters."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.addresses import Addresses
from bot.catalog.model import Cluster
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.run.model import Progress
from bot.sandbox.server import Sandbox
from bot.steps.contract import Capabilities, StepContext
from bot.steps.egress import Egress
from bot.steps.http import HttpCalls
from bot.store.database import open_store
from tests.builders import a_run, a_step
from tests.somebody import Somebody
from tests.steps.ground import Ground

HERE = Egress(Addresses().with_this_machine())
"""The way out to servers of the tests."""


@dataclass(slots=True)
class Receiver:
    """What it answers next, and what it was sent."""

    url: str = ""
    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Remember a call and answer."""
        body = await request.json() if request.can_read_body else None
        self.calls.append((request.path, dict(request.headers), body))
        self.methods.append(request.method)
        self.raw.append(await request.read())
        self.queries.append(dict(request.query))
        if request.path == "/arrived":
            return web.Response(text="here")
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[HttpCalls]:
    made = HttpCalls("shipmate/test", HERE)
    yield made
    await made.close()


async def nobody_listens(progress: Sequence[Progress], message: str = "") -> None:
    """Take progress that no test looks at."""
    _ = progress, message


@pytest.fixture
def context(http: HttpCalls) -> StepContext:
    """Give an attempt of the step `tell` of shop/prod#1."""
    return StepContext(
        run=a_run(a_step("tell", "webhook")),
        step="tell",
        attempt=1,
        key="run1/tell/1",
        granted=Capabilities(http=http),
        report=nobody_listens,
    )


@pytest.fixture
async def ground(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Ground]:
    """Give clusters, an account and runs, all of them real."""
    path = tmp_path / "kubeconfig.json"
    path.write_text(json.dumps(sandbox.kubeconfig()), encoding="utf-8")
    known = {each: Cluster(name=each, context=each) for each in ("east", "west")}
    clusters = KubeClusters(lambda: known, path, SystemClock())
    store = open_store(f"sqlite:///{tmp_path / 'shipmate.db'}", SystemClock())
    somebody = Somebody(sandbox)
    yield Ground(sandbox, clusters, store, somebody)
    await somebody.close()
    await clusters.close()
    await store.close()
