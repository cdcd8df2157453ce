"""The sandbox's clusters in a process of their own, for what is measured of the client."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.catalog.model import Cluster

CATALOG = {name: Cluster(name=name, context=name) for name in ("east", "west")}


@asynccontextmanager
async def a_sandbox(folder: Path, speed: float = 20.0) -> AsyncIterator[Path]:
    """Bring up a sandbox; answer the kubeconfig of its clusters."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.sandbox", "--port", "0", "--state", str(folder / "sandbox")),
        *("--speed", str(speed)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().split()[-1]
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/control/kubeconfig")
    kubeconfig = folder / "kubeconfig.json"
    text = answer.text
    kubeconfig.write_text(text if text.startswith("{") else json.dumps(answer.json()), "utf-8")
    try:
        yield kubeconfig
    finally:
        process.terminate()
        await process.wait()
