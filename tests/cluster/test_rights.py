"""deploy/rbac.yaml: with these rights and no others Shipmate does its work; what it may not, it says."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.catalog.model import Cluster
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.cluster.kube.logins import Login
from bot.cluster.port import Manifest
from bot.errors import Permanent
from bot.run.inventory import ref_of
from tests.cluster.places import Place, followed, until
from tests.scenarios.company import ROOT


def rights(place: Place) -> list[Manifest]:
    """Answer what the file has, under names of this test alone."""
    text = (ROOT / "deploy" / "rbac.yaml").read_text(encoding="utf-8")
    found: list[Manifest] = list(yaml.safe_load_all(text))
    made: list[Manifest] = []
    for each in found:
        if each["kind"] in {"ServiceAccount", "Secret"}:
            made.append(place.of(each))
        if each["kind"].startswith("Cluster"):
            each["metadata"]["name"] = place.namespace
            each.get("roleRef", {})["name"] = place.namespace
            for subject in each.get("subjects", []):
                subject["namespace"] = place.namespace
            made.append(place.cleared_later(each))
    return made


@asynccontextmanager
async def limited(place: Place, tmp_path: Path) -> AsyncIterator[Place]:
    """Give the place to a client that has the file's rights, by the token that the file makes."""
    await place.apply(*rights(place))
    secret = next(each for each in rights(place) if each["kind"] == "Secret")

    async def has_token() -> bool:
        return "token" in ((await place.live(secret)).get("data") or {})

    await until(has_token)
    data = (await place.live(secret))["data"]
    newest = place.clusters._server("east").api._access._newest
    assert newest is not None
    path = tmp_path / "limited.json"
    path.write_text(json.dumps(kubeconfig(newest.login, data)), encoding="utf-8")
    east = Cluster(name="east", kubeconfig=str(path))
    clusters = KubeClusters(lambda: {"east": east}, None, SystemClock())
    yield Place(clusters=clusters, namespace=place.namespace, is_real=True, requests=place.requests)
    await clusters.close()


def kubeconfig(login: Login, data: dict[str, str]) -> dict[str, Any]:
    cluster = {"server": login.server, "certificate-authority-data": data["ca.crt"]}
    return {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": cluster}],
        "users": [{"name": "a", "user": {"token": base64.b64decode(data["token"]).decode()}}],
    }


@pytest.mark.only("real")
async def test_the_rights_of_the_file_do_for_a_delivery(place: Place, tmp_path: Path) -> None:
    async with limited(place, tmp_path) as mine:
        objects = [mine.deployment(), mine.service(), mine.settings(), mine.job()]
        for preview in await mine.clusters.preview("east", objects):
            assert preview.refused == ""
        applied = await mine.apply(*objects)
        if await place.has_nodes():
            for each in applied:
                assert (await followed(mine.clusters.follow("east", [each])))[-1].done
            assert (await mine.clusters.words("east", applied)).lines
        api, _ = mine.clusters._server("east")
        await api.call("GET", f"/api/v1/namespaces/{mine.namespace}/events", query={"limit": "1"})
        assert await mine.clusters.find("east", "batch/v1", "Job", mine.namespace)
        for manifest in objects:
            assert await mine.is_there(manifest)
            await mine.clusters.remove("east", ref_of(manifest))


@pytest.mark.only("real")
async def test_what_the_file_does_not_grant_is_said_with_the_right_that_is_missing(
    place: Place, tmp_path: Path
) -> None:
    async with limited(place, tmp_path) as mine:
        budget = mine.of(
            {
                "apiVersion": "policy/v1",
                "kind": "PodDisruptionBudget",
                "metadata": {"name": "web"},
                "spec": {"maxUnavailable": 1},
            }
        )
        with pytest.raises(Permanent, match='cannot patch resource "poddisruptionbudgets"'):
            await mine.apply(budget)
        (preview,) = await mine.clusters.preview("east", [budget])
        assert 'cannot get resource "poddisruptionbudgets"' in preview.refused
