"""A bot whose process dies, in a world that does not, and people who do what people do when that happens."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg
from psycopg.errors import UndefinedTable

from bot.demo.world import DemoError, Message
from tests.patience import PATIENCE
from tests.scenarios.company import PROD, ROOT, Company


@asynccontextmanager
async def a_nursery() -> AsyncIterator[Process]:
    """Give a process that has loaded everything and forks a bot for each life, for one conversation after another."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.crashes.doomed"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=STDOUT,
        cwd=ROOT,
    )
    assert process.stdin is not None
    yield process
    process.stdin.close()
    await process.wait()


class Lives:
    """One process after another: when one dies the next is started, as systemd or Kubernetes would."""

    def __init__(self, company: Company, nursery: Process, database: str = "") -> None:
        """`database` is the URL of a database of PostgreSQL's; empty: SQLite."""
        self._company = company
        self._nursery = nursery
        self._database = database
        self._pid = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._born = asyncio.Event()
        self._connected = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self.deaths = 0
        self.output: list[str] = []

    async def open(self, *, commit: int, moment: str) -> None:
        """Start the first bot, which dies at a commit; all that come after it live."""
        self._start(commit, moment)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._keep())]
        await self.connected()

    async def close(self) -> None:
        """End whatever lives."""
        read, keep = self._tasks
        keep.cancel()
        if not self._ended.is_set():
            await self._born.wait()
            self.kill()
            await self._ended.wait()
        read.cancel()
        await asyncio.gather(read, keep, return_exceptions=True)

    async def connected(self) -> None:
        """Wait for a bot that is connected to Slack."""
        async with asyncio.timeout(PATIENCE):
            await self._connected.wait()

    def kill(self) -> None:
        """SIGKILL."""
        with suppress(ProcessLookupError):
            if self._pid:
                os.kill(self._pid, signal.SIGKILL)

    def _start(self, commit: int, moment: str) -> None:
        assert self._nursery.stdin is not None
        self._ended.clear()
        wish = {"environment": self._environment(), "commit": commit, "moment": moment}
        self._nursery.stdin.write(json.dumps(wish).encode() + b"\n")

    async def _keep(self) -> None:
        while True:
            await self._ended.wait()
            self.deaths += 1
            if self._database:
                await asyncio.to_thread(self._let_the_lease_run_out)
            self._start(0, "")

    def _let_the_lease_run_out(self) -> None:
        """Spare the seconds after which the next one would lead: who led is certainly dead."""
        address = self._database.replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection, suppress(UndefinedTable):
            connection.execute("UPDATE leases SET expires = 0")

    def _environment(self) -> dict[str, str]:
        sandbox = self._company.sandbox
        kubeconfig = self._company.folder / "kubeconfig.json"
        kubeconfig.write_text(json.dumps(sandbox.kubeconfig()), encoding="utf-8")
        return {
            "SHIPMATE_STATE": str(self._company.folder / "bot"),
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

    async def _read(self) -> None:
        assert self._nursery.stdout is not None
        async for line in self._nursery.stdout:
            text = line.decode().rstrip()
            self.output.append(text)
            if text.startswith("born "):
                self._pid = int(text.removeprefix("born "))
                self._born.set()
            elif text == "ended":
                self._pid = 0
                self._born.clear()
                self._connected.clear()
                self._ended.set()
            elif "Shipmate is connected" in text:
                self._connected.set()


class People:
    """They try again only what Slack has told them that it failed: what was acknowledged must not be lost."""

    def __init__(self, company: Company, lives: Lives) -> None:
        self._company = company
        self._lives = lives

    async def deploy(self) -> None:
        """Type the command until there is a run."""
        while "failed" in await self._company.says("dev", "/deploy shop prod v1"):
            await self._lives.connected()
            if "shop/prod#1" in await self.ask("/shipmate runs shop prod"):
                return

    async def approve(self, card: Message) -> None:
        """Press the button of a card until Slack says that the press arrived, or the button is gone."""
        while True:
            try:
                answer = await self._company.world.click("sre", PROD, card["ts"], "Approve")
            except DemoError as error:
                assert "there is no button" in str(error)  # noqa: PT017 - it goes on, it is not what is tested
                return
            await self._lives.connected()
            if answer["ok"]:
                return

    async def ask(self, text: str) -> str:
        """Type a question until it is answered."""
        while "failed" in (answer := await self._company.says("dev", text)):
            await self._lives.connected()
        return answer
