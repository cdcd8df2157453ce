"""One API server, asked in JSON: credentials and TLS by the official client, errors in our own words.

Objects stay plain JSON: the models of the client would lose fields that a newer server knows.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient

from bot.catalog.model import Cluster
from bot.errors import Permanent, Temporary

CALL = aiohttp.ClientTimeout(total=30, connect=5)
WATCH = aiohttp.ClientTimeout(total=None, connect=5, sock_read=330)
"""A watch is asked to end after five minutes; one that says nothing for longer is dead."""


CANNOT_BE_APPLIED = ("failed to create typed patch object", "failed to convert new object")
"""What kube-apiserver (seen of 1.32) says with a 500 to an applied object that does not fit its kind's schema."""


class Gone(Temporary):
    """410: the resourceVersion is too old; list again."""


class ClusterApi:
    """The API server of one cluster of the catalog. Connects at the first call."""

    def __init__(self, cluster: Cluster, kubeconfig: Path | None) -> None:
        """`kubeconfig` is the file for clusters that name none; None: the usual places, or in-cluster."""
        self.name = cluster.name
        self._cluster = cluster
        self._file = str(cluster.kubeconfig or kubeconfig or "") or None
        self._client: ApiClient | None = None
        self._connecting = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Any:
        """Ask and answer the parsed JSON (text for a log).

        Raises Temporary when the server cannot be reached or is overloaded, Permanent when it refuses.
        """
        response = await self._send(method, path, query, body, content_type, CALL)
        try:
            raw = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unreachable(error) from error
        if response.status >= 400:
            raise self._refused(response.status, raw, response.headers.get("Retry-After"))
        if "json" in response.headers.get("Content-Type", ""):
            return json.loads(raw)
        return raw.decode(errors="replace")

    async def stream(self, path: str, query: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
        """Yield the events of a watch until the server ends it. Raises as `call`, and Gone for 410."""
        response = await self._send("GET", path, query, None, "application/json", WATCH)
        try:
            if response.status >= 400:
                raw = await response.read()
                raise self._refused(response.status, raw, response.headers.get("Retry-After"))
            async for line in response.content:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    code = event["object"].get("code", 500)
                    raise self._refused(code, json.dumps(event["object"]).encode(), None)
                yield event
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise self._unreachable(error) from error
        finally:
            response.close()

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Any,
        content_type: str,
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        client = await self._connected()
        _, url, headers, sent, _ = await client.param_serialize(
            method,
            f"{path}?{urlencode(query)}" if query else path,
            header_params={"Accept": "application/json", "Content-Type": content_type},
            body=body,
            auth_settings=["BearerToken"],
        )
        try:
            answer = await client.rest_client.request(
                method, url, headers=headers, body=sent, _request_timeout=timeout
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from error
        response: aiohttp.ClientResponse = answer.response
        return response

    async def _connected(self) -> ApiClient:
        async with self._connecting:
            if self._client is None:
                self._client = await self._connect()
            return self._client

    async def _connect(self) -> ApiClient:
        try:
            return await self._client_of_context()
        except config.ConfigException as error:
            raise Permanent(
                f"the kubeconfig has no usable context {self._cluster.context} for {self.name}: {error}"
            ) from error

    async def _client_of_context(self) -> ApiClient:
        if self._file is None and self._cluster.context == "in-cluster":
            config.load_incluster_config()
            return ApiClient()
        client: ApiClient = await config.new_client_from_config(
            config_file=self._file, context=self._cluster.context, persist_config=False
        )
        return client

    def _unreachable(self, error: BaseException) -> Temporary:
        said = str(error) or type(error).__name__
        return Temporary(f"{self.name} cannot be reached: {said}")

    def _refused(self, status: int, raw: bytes, retry_after: str | None) -> Temporary | Permanent:
        said = _message(raw)
        if status == 410:
            return Gone(f"{self.name}: {said}")
        if status == 500 and said.startswith(CANNOT_BE_APPLIED):
            return Permanent(f"{self.name} refused: {said}", code=str(status))
        if status == 429 or status >= 500:
            seconds = float(retry_after) if retry_after and retry_after.isdigit() else None
            return Temporary(f"{self.name} answered {status}: {said}", retry_after=seconds)
        return Permanent(f"{self.name} refused: {said}", code=str(status))


def _message(raw: bytes) -> str:
    """Answer what a Status object says, or the beginning of whatever came instead."""
    try:
        found = json.loads(raw)
    except ValueError:
        return raw[:200].decode(errors="replace").strip() or "no reason given"
    message = found.get("message") if isinstance(found, dict) else None
    return str(message or "no reason given")
