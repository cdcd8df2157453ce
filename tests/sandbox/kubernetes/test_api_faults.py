"""What the outside world does to requests on their way to a cluster."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.sandbox.kubernetes.api import Api

NAMESPACES = "/api/v1/namespaces"


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Api]:
    made = Api(sandbox)
    yield made
    await made.client.aclose()


async def put(sandbox: Sandbox, **fault: object) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/control") as control:
        return await control.post("/faults", json={"target": "cluster/east", **fault})


async def test_a_throttled_request_is_told_when_to_come_again(api: Api, sandbox: Sandbox) -> None:
    await put(sandbox, fault="throttled", times=1, retry_after=7)
    first, second = await api.call("GET", NAMESPACES), await api.call("GET", NAMESPACES)
    assert (first.status_code, first.headers["Retry-After"]) == (429, "7")
    assert second.status_code == 200


async def test_only_some_methods_may_be_throttled(api: Api, sandbox: Sandbox) -> None:
    await put(sandbox, fault="throttled", times=None, method="POST")
    assert (await api.call("GET", NAMESPACES)).status_code == 200
    body = {"metadata": {"name": "shop"}}
    assert (await api.call("POST", NAMESPACES, body)).status_code == 429


async def test_a_slow_server_takes_its_time(api: Api, sandbox: Sandbox) -> None:
    await put(sandbox, fault="slow", times=None, seconds=0.5)
    begun = asyncio.get_running_loop().time()
    assert (await api.call("GET", NAMESPACES)).status_code == 200
    assert asyncio.get_running_loop().time() - begun >= 0.5


async def test_credentials_that_expired_are_replaced_by_those_of_a_new_kubeconfig(
    api: Api, sandbox: Sandbox
) -> None:
    await put(sandbox, fault="expired-credentials")

    told = await api.refused(401, "GET", NAMESPACES)
    assert told["message"] == "Unauthorized"
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/clusters/east") as anonymous:
        assert (await anonymous.get(NAMESPACES)).status_code == 401
    token = sandbox.kubeconfig()["users"][0]["user"]["token"]
    assert token == "sandbox-east-2"
    renewed = {"Authorization": f"Bearer {token}"}
    assert (await api.client.get(NAMESPACES, headers=renewed)).status_code == 200
    assert not sandbox.faults.all()
    await api.refused(401, "GET", NAMESPACES)
    assert sandbox.kubeconfig()["users"][0]["user"]["token"] == token


async def test_credentials_are_good_again_when_the_fault_is_cleared(
    api: Api, sandbox: Sandbox
) -> None:
    await put(sandbox, fault="expired-credentials")
    await api.refused(401, "GET", NAMESPACES)
    sandbox.faults.clear()
    await api.done("GET", NAMESPACES)
    assert sandbox.kubeconfig()["users"][0]["user"]["token"] == "sandbox-east"


async def test_a_condition_ends_after_its_seconds(api: Api, sandbox: Sandbox) -> None:
    await put(sandbox, fault="down", seconds=0.3)
    assert (await api.call("GET", NAMESPACES)).status_code == 503
    async with asyncio.timeout(PATIENCE):
        while (await api.call("GET", NAMESPACES)).status_code != 200:
            pass


async def test_a_webhook_denies_over_the_control_api_too(api: Api, sandbox: Sandbox) -> None:
    await put(sandbox, fault="deny", times=None, kind="Namespace", message="no new namespaces")
    told = await api.refused(403, "POST", NAMESPACES, {"metadata": {"name": "shop"}})
    said = 'admission webhook "policy.shop.example" denied the request: no new namespaces'
    assert told == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": said,
        "reason": "Forbidden",
        "code": 403,
    }
