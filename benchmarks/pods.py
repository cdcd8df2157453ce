"""Three thousand pods that are watched while their Deployments roll out: memory of the client, and how long until it knows all.

The clusters are the sandbox's, in a process of their own. Measured when a watch begins on pods that are there, and
while all of them are replaced.
"""

import asyncio
import gc
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.clusters import CATALOG, a_sandbox
from benchmarks.report import row
from benchmarks.waiting import memory
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.cluster.port import Applied

DEPLOYMENTS, REPLICAS = 30, 100


def a_deployment(name: str, version: int) -> dict[str, Any]:
    """Make a Deployment; its pods have their node already, for the nodes of a sandbox have not room for so many."""
    labels = {"app": name}
    container = {"name": "main", "image": f"registry.example/main:v{version}"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "bench"},
        "spec": {
            "replicas": REPLICAS,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"nodeName": "east-node-1", "containers": [container]},
            },
        },
    }


def deployments(version: int) -> list[dict[str, Any]]:
    """Make all of them."""
    return [a_deployment(f"d{at}", version) for at in range(DEPLOYMENTS)]


async def arrive(clusters: KubeClusters) -> None:
    """Have all pods run, without watching them."""
    applied = await clusters.apply("east", deployments(1))
    refs = [each.ref for each in applied]
    while True:
        live = await clusters.live("east", refs)
        ready = sum((each or {}).get("status", {}).get("readyReplicas", 0) for each in live)
        if ready == DEPLOYMENTS * REPLICAS:
            return
        await asyncio.sleep(0.5)


class Measured:
    """By how much the process grows from here on."""

    def __init__(self) -> None:
        gc.collect()
        self._before = memory()
        self._begun = time.perf_counter()
        self.most = 0
        self.left = 0
        self.took = 0.0

    async def follow(self, clusters: KubeClusters, applied: list[Applied]) -> None:
        """Follow to the end."""
        following = clusters.follow("east", applied)
        async for health in following:
            self.most = max(self.most, memory() - self._before)
            if all(each.done for each in health.values()):
                break
        self.took = time.perf_counter() - self._begun
        gc.collect()
        self.left = memory() - self._before
        await following.aclose()  # type: ignore[attr-defined] # an async generator is what the port asks for


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="shipmate-bench-") as name:
        folder = Path(name)
        async with a_sandbox(folder) as kubeconfig:
            clusters = KubeClusters(lambda: CATALOG, kubeconfig, SystemClock())
            await arrive(clusters)
            applied = await clusters.apply("east", deployments(1))
            seen = Measured()
            await seen.follow(clusters, applied)
            rollout = Measured()
            await rollout.follow(clusters, await clusters.apply("east", deployments(2)))
            await clusters.close()
    what = f"{DEPLOYMENTS * REPLICAS:,} watched pods of {DEPLOYMENTS} Deployments"
    row(f"{what}: known after", f"{seen.took:.2f} s")
    row(f"{what}: memory", f"{seen.left / 1e6:.1f} MB")
    row(f"{what}: most during a rollout of all", f"{(rollout.most + seen.left) / 1e6:.1f} MB")


if __name__ == "__main__":
    asyncio.run(main())
