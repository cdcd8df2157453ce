"""One of the sandbox's clusters over plain HTTP, for what kubectl does not show."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE

Object = dict[str, Any]
CONFIG_MAPS = "/api/v1/namespaces/shop/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"


class Api:
    """An API server, spoken to with a bearer token."""

    def __init__(self, sandbox: Sandbox, cluster: str = "east") -> None:
        self.sandbox = sandbox
        self.client = httpx.AsyncClient(
            base_url=f"{sandbox.url}/clusters/{cluster}",
            headers={"Authorization": f"Bearer sandbox-{cluster}", "User-Agent": "test/1.0"},
            timeout=PATIENCE,
        )

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        kind: str = "application/json",
        **params: Any,
    ) -> httpx.Response:
        """Send a request."""
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": kind}
        return await self.client.request(
            method, path, content=content, headers=headers, params=params
        )

    async def done(self, method: str, path: str, body: Any = None, **more: Any) -> Object:
        """Send a request that has to succeed; answer what it says."""
        answer = await self.call(method, path, body, **more)
        assert answer.is_success, answer.text
        found: Object = answer.json()
        return found

    async def refused(
        self, code: int, method: str, path: str, body: Any = None, **more: Any
    ) -> Object:
        """Send a request that has to be refused with a code; answer the Status."""
        answer = await self.call(method, path, body, **more)
        assert answer.status_code == code, answer.text
        found: Object = answer.json()
        return found

    async def apply(self, path: str, body: Object, manager: str, **params: Any) -> httpx.Response:
        """Apply an object by server-side apply."""
        where = f"{path}/{body['metadata']['name']}"
        kind = "application/apply-patch+yaml"
        return await self.call("PATCH", where, body, kind, fieldManager=manager, **params)

    @asynccontextmanager
    async def watch(self, path: str, **params: Any) -> AsyncIterator["Events"]:
        """Follow what changes."""
        async with self.client.stream("GET", path, params={"watch": "true", **params}) as answer:
            yield Events(answer)


class Events:
    """The events of a watch."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self) -> Object:
        """Wait for the next one."""
        async with asyncio.timeout(PATIENCE):
            found: Object = json.loads(await anext(self._lines))
        return found

    async def has_ended(self) -> bool:
        """Say whether nothing more comes because the server has ended it."""
        async with asyncio.timeout(PATIENCE):
            return [each async for each in self._lines] == []


def a_config_map(name: str = "app", **data: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": data or {"mode": "fast"},
    }
