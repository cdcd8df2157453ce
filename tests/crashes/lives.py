"""A bot whose process dies, in a world that does not, and people who do what people do when that happens."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from contextlib import suppress

from bot.demo.world import DemoError, Message
from tests.scenarios.company import PROD, ROOT, Company


class Lives:
    """One process after another: when one dies the next is started, as systemd or Kubernetes would."""

    def __init__(self, company: Company, database: str) -> None:
        """`database` is the URL of a database of PostgreSQL's; empty: SQLite."""
        self._company = company
        self._database = database
        self._process: Process | None = None
        self._pid = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._connected = asyncio.Event()
        self._ended = asyncio.Event()
        self.deaths = 0
        self.output: list[str] = []

    async def open(self, *, commit: int, moment: str) -> None:
        """Start the first bot, which dies at a commit; all that come after it live."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.crashes.doomed",
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            cwd=ROOT,
        )  # fmt: skip - reads as a line of shell
        self._tasks = [
            asyncio.create_task(self._read(self._process)),
            asyncio.create_task(self._keep()),
        ]
        self._start(commit, moment)
        await self.connected()

    async def close(self) -> None:
        """End whatever lives."""
        assert self._process is not None
        assert self._process.stdin is not None
        for each in self._tasks[1:]:
            each.cancel()
        self.kill()
        self._process.stdin.close()
        await self._process.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def connected(self) -> None:
        """Wait for a bot that is connected to Slack."""
        async with asyncio.timeout(60):
            await self._connected.wait()

    def kill(self) -> None:
        """SIGKILL."""
        with suppress(ProcessLookupError):
            if self._pid:
                os.kill(self._pid, signal.SIGKILL)

    def _start(self, commit: int, moment: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        wish = {"environment": self._environment(), "commit": commit, "moment": moment}
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")

    async def _keep(self) -> None:
        while True:
            await self._ended.wait()
            self._ended.clear()
            self.deaths += 1
            self._start(0, "")

    def _environment(self) -> dict[str, str]:
        sandbox = self._company.sandbox
        kubeconfig = self._company.folder / "kubeconfig.json"
        kubeconfig.write_text(json.dumps(sandbox.kubeconfig()), encoding="utf-8")
        return {
            "SHIPMATE_STATE": str(self._company.folder / "bot"),
            "SHIPMATE_WORKFLOWS": str(self._company.workflows),
            "SHIPMATE_SECRET_RELEASES_WEBHOOK_URL": sandbox.webhook_url,
            "SLACK_BOT_TOKEN": sandbox.slack_bot_token,
            "SLACK_APP_TOKEN": sandbox.slack_app_token,
            "SLACK_API_URL": sandbox.slack_api_url,
            "KUBECONFIG": str(kubeconfig),
            "DATABASE_URL": self._database,
        }

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            text = line.decode().rstrip()
            self.output.append(text)
            if text.startswith("born "):
                self._pid = int(text.removeprefix("born "))
            elif text == "ended":
                self._pid = 0
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
