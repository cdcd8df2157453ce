"""The replicas: real processes, started anew whenever one has ended, as Kubernetes would."""

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from contextlib import suppress

from tests.patience import PATIENCE
from tests.scenarios.company import ROOT, Company


class Fleet:
    """So many replicas on one database."""

    def __init__(self, company: Company, database: str, names: tuple[str, ...]) -> None:
        self._company = company
        self._database = database
        self._names = names
        self._nursery: Process | None = None
        self._pids: dict[str, int] = {}
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._ended: dict[int, asyncio.Event] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped: set[str] = set()
        self.output: list[str] = []
        self.closing = False

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called."""
        return self._names

    async def open(self) -> None:
        """Start all of them."""
        self._nursery = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.nursery"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            cwd=ROOT,
        )
        self._tasks = [asyncio.create_task(self._read(self._nursery))]
        for name in self._names:
            await self._start(name)
            self._tasks.append(asyncio.create_task(self._keep(name)))

    async def close(self) -> None:
        """End all of them cleanly."""
        self.closing = True
        for name in self._names:
            self.wake(name)
            self.end(name)
        async with asyncio.timeout(PATIENCE):
            for each in self._ended.values():
                await each.wait()
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        await self._nursery.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def kill(self, name: str) -> None:
        """SIGKILL."""
        self._signal(name, signal.SIGKILL)

    def end(self, name: str) -> None:
        """Ask it to end, as a rolling upgrade does."""
        self._signal(name, signal.SIGTERM)

    def stop(self, name: str) -> None:
        """Let it sleep in the middle of whatever it does."""
        self._stopped.add(name)
        self._signal(name, signal.SIGSTOP)

    def wake(self, name: str) -> None:
        """Let it go on as if nothing had been."""
        self._stopped.discard(name)
        self._signal(name, signal.SIGCONT)

    def is_awake(self, name: str) -> bool:
        """Say whether it was not put to sleep."""
        return name not in self._stopped

    def _signal(self, name: str, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pids[name], number)

    async def _start(self, name: str) -> None:
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        line = json.dumps(self._environment(name)).encode()
        self._nursery.stdin.write(line + b"\n")
        async with asyncio.timeout(PATIENCE):
            pid = await self._born.get()
        self._pids[name] = pid
        self._stopped.discard(name)

    async def _keep(self, name: str) -> None:
        """Start it anew whenever it has ended."""
        while not self.closing:
            await self._ended[self._pids[name]].wait()
            await asyncio.sleep(0.3)
            if not self.closing:
                await self._start(name)

    async def _read(self, nursery: Process) -> None:
        assert nursery.stdout is not None
        async for line in nursery.stdout:
            text = line.decode(errors="replace").rstrip()
            self.output.append(text)
            # Several processes write here, and a line of a replica may stand before one of the nursery.
            for kind, pid in re.findall(r"(born|ended) (\d+)$", text):
                if kind == "born":
                    self._ended[int(pid)] = asyncio.Event()
                    self._born.put_nowait(int(pid))
                else:
                    self._ended[int(pid)].set()

    def _environment(self, name: str) -> dict[str, str]:
        sandbox = self._company.sandbox
        kubeconfig = self._company.folder / "kubeconfig.json"
        kubeconfig.write_text(json.dumps(sandbox.kubeconfig()), encoding="utf-8")
        return {
            "SHIPMATE_REPLICA": name,
            "SHIPMATE_WORKFLOWS": str(self._company.workflows),
            "SHIPMATE_SECRET_RELEASES_WEBHOOK_URL": sandbox.webhook_url,
            "SHIPMATE_ALLOWED_ADDRESSES": "127.0.0.1",
            "SLACK_BOT_TOKEN": sandbox.slack_bot_token,
            "SLACK_APP_TOKEN": sandbox.slack_app_token,
            "SLACK_API_URL": sandbox.slack_api_url,
            "SHIPMATE_HTTP_LISTEN": "off",
            "KUBECONFIG": str(kubeconfig),
            "DATABASE_URL": self._database,
        }
