"""A sandbox, and kubectl in a shell of its own against one of its clusters."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE

OLDEST = 29
"""The minor version from which on kubectl validates on the server; older ones need an OpenAPI v2 in protobuf."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Kubectl:
    """kubectl, as a person would call it."""

    def __init__(self, sandbox: Sandbox, folder: Path, context: str) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self._context = context
        self._config = folder / "kubeconfig.json"

    async def start(self, *arguments: str) -> Process:
        """Start a command and do not wait for its end."""
        self._config.write_text(json.dumps(self.sandbox.kubeconfig()), encoding="utf-8")
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}  # noqa: TID251 - to find kubectl
        return await asyncio.create_subprocess_exec(
            "kubectl",
            f"--kubeconfig={self._config}",
            f"--context={self._context}",
            *arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
        )

    async def __call__(self, *arguments: str, given: str = "") -> Said:
        """Run a command to its end, with `given` as its standard input."""
        process = await self.start(*arguments)
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate(given.encode())
        assert process.returncode is not None
        return Said(process.returncode, out.decode(), err.decode())

    async def does(self, *arguments: str, given: str = "") -> str:
        """Run a command that has to succeed; answer what it printed."""
        said = await self(*arguments, given=given)
        assert said.code == 0, said.err
        return said.out

    async def reads(self, *arguments: str) -> Any:
        """Run a command with `-o json`; answer what it printed."""
        return json.loads(await self.does(*arguments, "-o", "json"))

    async def applies(self, *objects: dict[str, Any], manager: str = "kubectl") -> str:
        """Apply objects by server-side apply."""
        given = "\n".join(json.dumps(each) for each in objects)
        return await self.does(
            "apply", "--server-side", f"--field-manager={manager}", "-f", "-", given=given
        )


def a_deployment(
    name: str = "web", *, image: str = "nginx:1.27", replicas: int = 2
) -> dict[str, Any]:
    """Make a Deployment in the namespace `shop`."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop", "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": name, "image": image}]},
            },
        },
    }


NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}


def version_of_kubectl() -> int:
    """Answer the minor version of the kubectl that is here; 0 when there is none."""
    if shutil.which("kubectl") is None:
        return 0
    said = subprocess.run(
        ["kubectl", "version", "--client", "-o", "json"],
        capture_output=True,
        check=True,
    )
    minor = json.loads(said.stdout)["clientVersion"]["minor"]
    return int(re.match(r"\d+", minor)[0])  # type: ignore[index] # `32`, or `32+` of some vendors


@pytest.fixture
async def kubectl(sandbox: Sandbox, tmp_path: Path) -> Kubectl:
    """Give kubectl on the cluster east, with an empty namespace `shop`."""
    if version_of_kubectl() < OLDEST and not os.environ.get("CI"):  # noqa: TID251 - CI skips nothing
        pytest.skip(
            f"there is no kubectl 1.{OLDEST} or newer here (tests/system-packages says more)"
        )
    made = Kubectl(sandbox, tmp_path, "east")
    await made.applies(NAMESPACE)
    return made
