"""Writes: optimistic concurrency, dry runs, preconditions, and the three ways to delete what others belong to."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.sandbox.kubernetes.api import CONFIG_MAPS, DEPLOYMENTS, Api, Events, a_config_map
from tests.sandbox.kubernetes.conftest import a_deployment

SECRETS = "/api/v1/namespaces/shop/secrets"
REPLICA_SETS = "/apis/apps/v1/namespaces/shop/replicasets"
PODS = "/api/v1/namespaces/shop/pods"


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Api]:
    made = Api(sandbox)
    await made.done("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
    yield made
    await made.client.aclose()


def a_secret(**more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, **more}


async def listed(api: Api, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.done("GET", path))["items"]
    return found


async def with_pods(api: Api) -> dict[str, Any]:
    """Deploy one pod and wait until it is there; answer the Deployment."""
    made = await api.done("POST", DEPLOYMENTS, a_deployment(replicas=1))
    async with asyncio.timeout(PATIENCE):
        while not await listed(api, PODS):
            pass
    return made


async def gone(events: Events) -> int:
    """Wait until something is gone; answer at which moment."""
    while (found := await events.next())["type"] != "DELETED":
        pass
    return int(found["object"]["metadata"]["resourceVersion"])


async def test_who_writes_an_old_state_is_told_to_look_again(api: Api) -> None:
    made = await api.done("POST", CONFIG_MAPS, a_config_map())
    await api.done("PUT", f"{CONFIG_MAPS}/app", {**made, "data": {"mode": "slow"}})
    told = await api.refused(409, "PUT", f"{CONFIG_MAPS}/app", made)
    assert "the object has been modified" in told["message"]
    assert told["reason"] == "Conflict"
    again = await api.refused(409, "POST", CONFIG_MAPS, a_config_map())
    assert again["reason"] == "AlreadyExists"
    told = await api.refused(
        409,
        "PUT",
        f"{CONFIG_MAPS}/app",
        {**a_config_map(), "metadata": {"name": "app", "uid": "x"}},
    )
    assert "UID in precondition: x" in told["message"]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"uid": "x"}, "the UID in the precondition (x) does not match"),
        ({"resourceVersion": "1"}, "the ResourceVersion in the precondition (1) does not match"),
    ],
)
async def test_only_what_is_meant_is_deleted(
    api: Api, condition: dict[str, str], said: str
) -> None:
    made = await api.done("POST", CONFIG_MAPS, a_config_map())
    where = f"{CONFIG_MAPS}/app"
    told = await api.refused(409, "DELETE", where, {"preconditions": condition})
    assert said in told["message"]
    await api.done("DELETE", where, {"preconditions": {"uid": made["metadata"]["uid"]}})
    await api.refused(404, "GET", where)


async def test_a_dry_run_of_anything_changes_nothing(api: Api) -> None:
    made = await api.done("POST", CONFIG_MAPS, a_config_map())
    dry = {"dryRun": "All"}
    changed = {**made, "data": {"mode": "slow"}}

    await api.done("POST", CONFIG_MAPS, a_config_map("other"), **dry)
    put = await api.done("PUT", f"{CONFIG_MAPS}/app", changed, **dry)
    await api.done("DELETE", f"{CONFIG_MAPS}/app", **dry)
    applied = await api.apply(CONFIG_MAPS, a_config_map("third"), "test", **dry)
    body = a_config_map()
    nowhere = await api.apply("/api/v1/namespaces/nowhere/configmaps", body, "test", **dry)

    assert put["data"] == {"mode": "slow"}
    assert put["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    assert applied.status_code == 201
    assert nowhere.status_code == 404
    assert nowhere.json()["message"] == 'namespaces "nowhere" not found'
    names = {each["metadata"]["name"] for each in await listed(api, CONFIG_MAPS)}
    assert names == {"app", "kube-root-ca.crt"}
    assert await api.done("GET", f"{CONFIG_MAPS}/app") == made


async def test_secrets_are_checked_and_may_be_frozen(api: Api) -> None:
    told = await api.refused(400, "POST", SECRETS, a_secret(data={"a": "%%"}))
    assert "illegal base64 data at input byte 0" in told["message"]
    told = await api.refused(422, "POST", SECRETS, a_secret(data={"a b": "YQ=="}))
    assert "a valid config key must consist of" in told["message"]
    told = await api.refused(
        422, "POST", SECRETS, a_secret(type="kubernetes.io/tls", data={"tls.crt": "YQ=="})
    )
    assert told["details"]["causes"] == [
        {"reason": "FieldValueRequired", "message": "Required value", "field": "data[tls.key]"}
    ]

    await api.done("POST", SECRETS, a_secret(immutable=True, stringData={"a": "b"}))
    kind = "application/merge-patch+json"
    for patch in ({"data": {"a": "Yw=="}}, {"immutable": False}):
        told = await api.refused(422, "PATCH", f"{SECRETS}/db", patch, kind=kind)
        assert "field is immutable when `immutable` is set" in told["message"]
    told = await api.refused(422, "PATCH", f"{SECRETS}/db", {"type": "other"}, kind=kind)
    assert 'type: Invalid value: "other": field is immutable' in told["message"]


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"name": "Web_1"}, "a lowercase RFC 1123 subdomain must consist of"),
        ({"name": "web", "labels": {"a b": "c"}}, "name part must consist of"),
        ({"name": "web", "labels": {"a": "b c"}}, "a valid label must be an empty string or"),
        ({"name": "web", "labels": {"a": "x" * 64}}, "must be no more than 63 characters"),
        ({"name": "web", "annotations": {"/a": "b"}}, "prefix part must be non-empty"),
        ({}, "name or generateName is required"),
    ],
)
async def test_names_and_labels_are_checked(api: Api, metadata: Any, said: str) -> None:
    body = {**a_config_map(), "metadata": metadata}
    told = await api.refused(422, "POST", CONFIG_MAPS, body)
    assert said in told["message"]


async def test_the_generation_counts_what_is_wanted_of_an_object(api: Api) -> None:
    made = await api.done("POST", DEPLOYMENTS, a_deployment(replicas=0))
    where, kind = f"{DEPLOYMENTS}/web", "application/merge-patch+json"

    async def after(patch: dict[str, Any], path: str = where) -> int:
        found = await api.done("PATCH", path, patch, kind=kind)
        return int(found["metadata"]["generation"])

    assert made["metadata"]["generation"] == 1
    assert await after({"metadata": {"labels": {"a": "b"}}}) == 1
    assert await after({"status": {"replicas": 7}}, f"{where}/status") == 1
    assert await after({"spec": {"minReadySeconds": 1}}) == 2
    assert await after({"spec": {"minReadySeconds": 1}}) == 2
    assert await after({"metadata": {"annotations": {"note": "x"}}}) == 3  # of Deployments only


async def test_in_the_background_what_belongs_to_an_object_goes_after_it(api: Api) -> None:
    await with_pods(api)
    body = {"propagationPolicy": "Background"}
    told = await api.done("DELETE", f"{DEPLOYMENTS}/web", body)
    assert told["status"] == "Success"
    async with asyncio.timeout(PATIENCE):
        while await listed(api, PODS) or await listed(api, REPLICA_SETS):
            pass


async def test_in_the_foreground_it_goes_before(api: Api) -> None:
    await with_pods(api)
    async with api.watch(DEPLOYMENTS) as deployments, api.watch(PODS) as pods:
        going = await api.done("DELETE", f"{DEPLOYMENTS}/web", {"propagationPolicy": "Foreground"})
        assert going["metadata"]["finalizers"] == ["foregroundDeletion"]
        assert going["metadata"]["deletionTimestamp"]
        pod, deployment = await gone(pods), await gone(deployments)
    assert pod < deployment
    assert await listed(api, PODS) == []


async def test_orphans_stay_without_an_owner(api: Api) -> None:
    await with_pods(api)
    await api.done("DELETE", f"{DEPLOYMENTS}/web", {"propagationPolicy": "Orphan"})
    async with asyncio.timeout(PATIENCE):
        while await listed(api, DEPLOYMENTS):
            pass
    (left,) = await listed(api, REPLICA_SETS)
    assert "ownerReferences" not in left["metadata"]
    assert len(await listed(api, PODS)) == 1


async def test_what_has_a_finalizer_stays_until_it_is_taken_off(api: Api) -> None:
    body = a_config_map()
    body["metadata"]["finalizers"] = ["shop.example/keep"]
    await api.done("POST", CONFIG_MAPS, body)
    going = await api.done("DELETE", f"{CONFIG_MAPS}/app")
    assert going["metadata"]["deletionTimestamp"]
    patch = [{"op": "remove", "path": "/metadata/finalizers"}]
    await api.done("PATCH", f"{CONFIG_MAPS}/app", patch, kind="application/json-patch+json")
    await api.refused(404, "GET", f"{CONFIG_MAPS}/app")


async def test_a_namespace_takes_what_is_in_it_along_and_lets_nothing_new_in(api: Api) -> None:
    body = a_config_map()
    body["metadata"]["finalizers"] = ["shop.example/keep"]
    await api.done("POST", CONFIG_MAPS, body)
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    await api.done("POST", "/api/v1/namespaces/shop/persistentvolumeclaims", claim)
    await api.done("DELETE", "/api/v1/namespaces/shop")

    told = await api.refused(403, "POST", CONFIG_MAPS, a_config_map("other"))
    assert told["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    patch = [{"op": "remove", "path": "/metadata/finalizers"}]
    await api.done("PATCH", f"{CONFIG_MAPS}/app", patch, kind="application/json-patch+json")
    async with asyncio.timeout(PATIENCE):
        while (await api.call("GET", "/api/v1/namespaces/shop")).status_code != 404:
            pass


@pytest.mark.parametrize(
    ("method", "path", "kind", "code"),
    [
        ("PUT", CONFIG_MAPS, "application/json", 405),
        ("POST", f"{CONFIG_MAPS}/app", "application/json", 405),
        ("POST", CONFIG_MAPS, "text/plain", 415),
        ("PATCH", f"{CONFIG_MAPS}/app", "application/json", 415),
        ("GET", "/api/v1/namespaces/shop/nothings", "application/json", 404),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    api: Api, method: str, path: str, kind: str, code: int
) -> None:
    await api.refused(code, method, path, a_config_map(), kind=kind)
