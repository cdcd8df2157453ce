"""What deploy/ grants: with these rights and no others Shipmate does its work; what it may not, it says."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.bootstrap.equipment import read_catalog
from bot.catalog.model import Cluster
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.cluster.kube.logins import Login
from bot.cluster.port import Applied, Manifest
from bot.errors import Permanent
from bot.placement.rights import WAITED_FOR, rights_in
from bot.run.inventory import ref_of
from tests.cluster.places import Place, followed, until
from tests.patience import PATIENCE
from tests.scenarios.company import ROOT


def of_file(name: str) -> list[Manifest]:
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    return [each for each in yaml.safe_load_all(text) if each]


def rights(place: Place) -> list[Manifest]:
    """Answer what the file has, under names of this test alone."""
    found = [*of_file("rbac.yaml"), *of_file("token.yaml")]
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


Rule = tuple[str, str, str]
"""A verb, a group and a resource."""


def granted(name: str) -> set[Rule]:
    """List what the ClusterRole of a file grants."""
    [role] = [each for each in of_file(name) if each["kind"] == "ClusterRole"]
    return {
        (verb, group, resource)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def asked(verb: str, path: str) -> set[Rule]:
    """Say which rights a request needs. Discovery and what everyone may ask about themselves need none."""
    place = path.partition("?")[0].strip("/").split("/")
    group, rest = ("", place[2:]) if place[0] == "api" else (place[1], place[3:])
    if rest[:1] == ["namespaces"] and len(rest) > 2:
        rest = rest[2:]
    if not rest or group == "authorization.k8s.io":
        return set()
    resource = "/".join((rest[0], *rest[2:3]))
    if verb == "PATCH":
        return {("patch", group, resource), ("create", group, resource)}
    names = {"DELETE": "delete", "WATCH": "watch", "POST": "create"}
    return {(names.get(verb, "get" if len(rest) > 1 else "list"), group, resource)}


def some(api_version: str, kind: str, **parts: Any) -> Manifest:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "some"}, **parts}


def simple(place: Place) -> list[Manifest]:
    """Answer an object of each kind that is made and not waited for."""
    scaled = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    made = place.job()["spec"]
    return [
        place.settings(),
        place.service(),
        *map(
            place.of,
            (
                some("v1", "Secret", stringData={"a": "b"}),
                some("v1", "ServiceAccount"),
                some("v1", "Endpoints", subsets=[]),
                some(
                    "batch/v1",
                    "CronJob",
                    spec={"schedule": "0 0 * * *", "jobTemplate": {"spec": made}},
                ),
                some(
                    "networking.k8s.io/v1",
                    "Ingress",
                    spec={"defaultBackend": {"resource": {"kind": "X", "name": "x"}}},
                ),
                some(
                    "autoscaling/v2",
                    "HorizontalPodAutoscaler",
                    spec={"maxReplicas": 2, "scaleTargetRef": scaled},
                ),
            ),
        ),
    ]


def waited_for(place: Place) -> list[Manifest]:
    """Answer an object of each kind that is waited for; the volume's class says that nobody else has to ask for it."""
    volume = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "nowhere",
    }
    return [
        place.deployment(),
        place.workload("StatefulSet", serviceName="web"),
        place.workload("DaemonSet"),
        place.job(),
        place.of(some("v1", "PersistentVolumeClaim", spec=volume)),
    ]


@pytest.mark.only("sandbox")
async def test_what_is_granted_is_what_is_asked_for_and_nothing_else(place: Place) -> None:
    objects = [*simple(place), *waited_for(place)]
    clusters = place.clusters
    namespace = {**some("v1", "Namespace"), "metadata": {"name": place.namespace}}
    for preview in await clusters.preview("east", [namespace, *objects]):
        assert preview.refused == ""
    applied = await place.apply(*objects)
    for each in applied:
        async with asyncio.timeout(PATIENCE), aclosing(clusters.follow("east", [each])) as told:  # type: ignore[type-var] # it is a generator
            await anext(told)
    await until(lambda: says_something(place, applied))
    await clusters.explain("east", applied)
    await clusters.digests("east", applied)
    for version, kind in (("v1", "Service"), ("networking.k8s.io/v1", "Ingress")):
        await clusters.find("east", version, kind, place.namespace)
    for manifest in objects:
        await place.is_there(manifest)
        await clusters.remove("east", ref_of(manifest))
    seen = {rule for verb, path in place.requests.all for rule in asked(verb, path)}
    assert seen == granted("rbac.yaml")


async def says_something(place: Place, applied: list[Applied]) -> bool:
    return bool((await place.clusters.words("east", applied)).lines)


def test_the_control_cluster_grants_what_terraforms_kinds_take() -> None:
    group = "terraform.core.oam.dev"
    waited = {"get", "list", "watch", "create", "patch"}
    assert granted("control-cluster.yaml") == {
        *((verb, group, "configurations") for verb in {*waited, "delete"}),
        *((verb, group, "providers") for verb in waited),
    }
    assert waited < set(WAITED_FOR)


def test_doctor_asks_for_no_right_that_the_file_does_not_grant() -> None:
    catalog = read_catalog(ROOT / "workflows")
    may = granted("rbac.yaml")
    for environment in catalog.environments.values():
        for target in environment.targets:
            for each in rights_in(catalog, environment, target):
                group = each.api_version.rpartition("/")[0]
                assert {(verb, group, f"{each.kind.lower()}s") for verb in each.verbs} <= may
