"""Someone else who is on a cluster, too."""

from collections.abc import Mapping
from typing import Any

import httpx

from bot.cluster.port import Manifest
from bot.sandbox.server import Sandbox


class Somebody:
    """Someone with kubectl: writes to a cluster as another field manager."""

    def __init__(self, sandbox: Sandbox) -> None:
        config = sandbox.kubeconfig()
        tokens = {each["name"]: each["user"]["token"] for each in config["users"]}
        self._clients = {
            each["name"]: httpx.AsyncClient(
                base_url=each["cluster"]["server"],
                headers={"Authorization": f"Bearer {tokens[each['name'] + '-admin']}"},
            )
            for each in config["clusters"]
        }

    async def close(self) -> None:
        for each in self._clients.values():
            await each.aclose()

    async def applies(self, path: str, manifest: Manifest, cluster: str = "east") -> Manifest:
        """Apply an object to the list at `path`."""
        answer = await self._clients[cluster].patch(
            f"{path}/{manifest['metadata']['name']}",
            params={"fieldManager": "kubectl", "force": "true"},
            headers={"Content-Type": "application/apply-patch+yaml"},
            json=manifest,
        )
        assert answer.status_code < 300, answer.text
        made: Manifest = answer.json()
        return made

    async def changes(self, path: str, patch: Mapping[str, Any], cluster: str = "east") -> None:
        """Merge something into the object at `path`."""
        answer = await self._clients[cluster].patch(
            path, headers={"Content-Type": "application/merge-patch+json"}, json=dict(patch)
        )
        assert answer.status_code < 300, answer.text

    async def lists(self, path: str, cluster: str = "east") -> list[Manifest]:
        """Read all objects below `path`."""
        answer = await self._clients[cluster].get(path)
        assert answer.status_code < 300, answer.text
        found: list[Manifest] = answer.json()["items"]
        return found

    async def deletes(self, path: str, cluster: str = "east") -> None:
        answer = await self._clients[cluster].delete(path)
        assert answer.status_code < 300, answer.text
