"""Starts `shipmate` in a process of its own."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path

from tests.patience import PATIENCE

"""Seconds for a whole demo on a slow machine."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    code: int | None
    out: str
    err: str


async def start(folder: Path, *arguments: str, **settings: str) -> Process:
    """Start the command in `folder` with nothing but `settings` in its environment."""
    path = os.environ["PATH"]  # noqa: TID251 - to find Python
    environment = {"PATH": path, "HOME": str(folder), "SHIPMATE_HTTP_LISTEN": "off", **settings}
    return await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "shipmate"),
        *arguments,
        cwd=folder,
        env=environment,
        stdout=PIPE,
        stderr=PIPE,
    )


async def run(folder: Path, *arguments: str, **settings: str) -> Said:
    """Run the command to its end."""
    process = await start(folder, *arguments, **settings)
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    return Said(process.returncode, out.decode(), err.decode())


async def until(process: Process, text: str) -> None:
    """Read what a process prints until `text` has come."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        async for line in process.stdout:
            if text in line.decode():
                return
    raise AssertionError(f"it ended without {text!r}")


def a_free_port() -> int:
    """Find a port that nobody has at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
