"""A cluster to try the client on: the sandbox's, and the real one whose kubeconfig SHIPMATE_TEST_KUBECONFIG names.

`pytest -m cluster` runs what can be run against a real one, in namespaces of its own.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.catalog.model import Cluster
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.sandbox.server import Sandbox
from tests.cluster.places import Place, Requests, unused

REAL = os.environ.get("SHIPMATE_TEST_KUBECONFIG", "")  # noqa: TID251 - how a person chooses a cluster


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try what asks for a `place` on each cluster on which it makes sense."""
    if "place" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("only")
        places = [only.args[0]] if only else list(_NAMES)
        marks = {"real": [pytest.mark.cluster]}
        found = [pytest.param(each, marks=marks.get(each, [])) for each in places]
        metafunc.parametrize("place", found, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a real cluster leave out what would run there."""
    if not REAL:
        real = [each for each in items if each.get_closest_marker("cluster")]
        config.hook.pytest_deselected(items=real)
        items[:] = [each for each in items if each not in set(real)]


@pytest.fixture
def catalog() -> dict[str, Cluster]:
    """Give the clusters of the catalog, for a test to change."""
    names = ("east", "west", "gone")
    return {each: Cluster(name=each, context=each) for each in names}


@pytest.fixture
def kubeconfig(sandbox: Sandbox, tmp_path: Path) -> Path:
    """Write a kubeconfig with a context for each cluster of the sandbox."""
    path = tmp_path / "kubeconfig.json"
    path.write_text(json.dumps(sandbox.kubeconfig()), encoding="utf-8")
    return path


@pytest.fixture
async def clusters(catalog: dict[str, Cluster], kubeconfig: Path) -> AsyncIterator[KubeClusters]:
    """Give the client on the sandbox's clusters, for tests that make the sandbox fail."""
    made = KubeClusters(lambda: catalog, kubeconfig, SystemClock())
    yield made
    await made.close()


@pytest.fixture
async def sandboxed_place(kubeconfig: Path) -> AsyncIterator[Place]:
    """Give an empty namespace on a cluster of the sandbox."""
    async with _place(Cluster(name="east", kubeconfig=str(kubeconfig), context="east")) as made:
        yield made


@pytest.fixture
async def real_place() -> AsyncIterator[Place]:
    """Give an empty namespace on the real cluster, and delete it in the end."""
    async with _place(Cluster(name="east", kubeconfig=REAL), is_real=True) as made:
        yield made


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    """Give an empty namespace on the cluster `east`, which is the sandbox's or the real one."""
    found: Place = request.getfixturevalue(f"{_NAMES[request.param]}_place")
    return found


_NAMES = {"sandbox": "sandboxed", "real": "real"}


@asynccontextmanager
async def _place(east: Cluster, *, is_real: bool = False) -> AsyncIterator[Place]:
    requests = Requests()
    clusters = KubeClusters(lambda: {"east": east}, None, SystemClock(), on_request=requests.append)
    made = Place(clusters=clusters, namespace=unused(), is_real=is_real, requests=requests)
    yield made
    await made.clear()
    await clusters.close()
