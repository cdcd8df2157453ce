"""The client on real sockets against the sandbox's clusters."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.catalog.model import Cluster
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.sandbox.server import Sandbox


@pytest.fixture
def catalog() -> dict[str, Cluster]:
    """Give the clusters of the catalog, for a test to change."""
    names = ("east", "west", "gone")
    return {each: Cluster(name=each, context=each) for each in names}


@pytest.fixture
async def clusters(
    sandbox: Sandbox, catalog: dict[str, Cluster], tmp_path: Path
) -> AsyncIterator[KubeClusters]:
    path = tmp_path / "kubeconfig.json"
    path.write_text(json.dumps(sandbox.kubeconfig()), encoding="utf-8")
    made = KubeClusters(lambda: catalog, path, SystemClock())
    yield made
    await made.close()
