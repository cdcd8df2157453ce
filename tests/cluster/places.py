"""A namespace on a cluster for one test, and manifests that come into it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.cluster.kube.clusters import KubeClusters
from bot.cluster.port import Applied, Health, Manifest, Options
from bot.run.inventory import Ref, ref_of
from tests.patience import PATIENCE
from tests.sandbox.kubernetes import conftest as sandboxed

Told = AsyncIterator[dict[Applied, Health]]

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"


class Requests:
    """The requests that the client has made, as (verb, path)."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []

    def append(self, verb: str, path: str) -> None:
        self.all.append((verb, path))

    def clear(self) -> None:
        self.all.clear()

    def count(self, verb: str, part: str = "") -> int:
        return sum(1 for each, path in self.all if each == verb and part in path)


@dataclass(slots=True, kw_only=True)
class Place:
    """A cluster, and a namespace on it that nobody else uses."""

    clusters: KubeClusters
    namespace: str
    is_real: bool
    requests: Requests
    _made: list[Ref] = field(default_factory=list)

    def of(self, manifest: Manifest) -> Manifest:
        """Answer a manifest in the namespace."""
        return {**manifest, "metadata": {**manifest["metadata"], "namespace": self.namespace}}

    def deployment(self, name: str = "web", **more: Any) -> Manifest:
        return self.of(sandboxed.a_deployment(name, **more))

    def service(self, name: str = "web") -> Manifest:
        spec = {"selector": {"app": name}, "ports": [{"port": 80}]}
        return self.of(
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
        )

    def settings(self, name: str = "settings", **data: str) -> Manifest:
        return self.of(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        )

    def job(self, name: str = "migrate", **spec: Any) -> Manifest:
        template = sandboxed.a_deployment(name)["spec"]["template"]
        template["spec"]["restartPolicy"] = "Never"
        template["metadata"]["labels"] = {"task": name}
        return self.of(
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": name},
                "spec": {"template": template, **spec},
            }
        )

    def workload(self, kind: str, **spec: Any) -> Manifest:
        """Make a workload of another kind out of a Deployment."""
        made = {**self.deployment(), "kind": kind}
        del made["spec"]["replicas"]
        made["spec"].update(spec)
        return made

    async def apply(self, *manifests: Manifest, **options: Sequence[Ref]) -> list[Applied]:
        return await self.clusters.apply("east", manifests, Options(**options))

    async def live(self, manifest: Manifest) -> Manifest:
        (found,) = await self.clusters.live("east", [ref_of(manifest)])
        assert found is not None
        return found

    async def is_there(self, manifest: Manifest) -> bool:
        (found,) = await self.clusters.live("east", [ref_of(manifest)])
        return found is not None

    async def by_another(
        self, manager: str, manifest: Manifest, body: Any, kind: str = APPLY, part: str = ""
    ) -> None:
        """Change an object as somebody else."""
        api, paths = self.clusters._server("east")
        forced = {"force": "true"} if kind == APPLY else {}
        await api.call(
            "PATCH",
            await paths.of_ref(ref_of(manifest)) + part,
            query={"fieldManager": manager, **forced},
            body=body,
            content_type=kind,
        )

    async def has_nodes(self) -> bool:
        """Say whether there is a node that pods could get ready on; a real API server may stand alone."""
        return not self.is_real or bool(await self.clusters.find("east", "v1", "Node", ""))

    async def needs_nodes(self) -> None:
        """Skip the test where no node is to run pods."""
        if not await self.has_nodes():
            pytest.skip("the cluster has no node that pods could get ready on")

    def cleared_later(self, manifest: Manifest) -> Manifest:
        """Have an object deleted in the end that is in no namespace of the test's."""
        self._made.append(ref_of(manifest))
        return manifest

    async def clear(self) -> None:
        for each in [*self._made, Ref("v1", "Namespace", "", self.namespace)]:
            await self.clusters.remove("east", each)


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until something is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await check():
                return
            await asyncio.sleep(0.05)


def unused() -> str:
    """Make the name of a namespace that is not there."""
    return f"shipmate-{secrets.token_hex(4)}"


async def followed(told: Told) -> list[Health]:
    """Follow one object until it is there or has failed; answer all that was told of it."""
    found: list[Health] = []
    async with asyncio.timeout(PATIENCE), aclosing(told) as health:  # type: ignore[type-var] # it is a generator
        async for each in health:
            (now,) = each.values()
            found.append(now)
            if now.done or now.failed:
                break
    return found
