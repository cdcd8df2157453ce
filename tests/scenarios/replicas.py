"""Replicas of a bot on one PostgreSQL, in one process, for tests that talk to them."""

import asyncio
from dataclasses import replace

from bot.bootstrap import tokens
from bot.bootstrap.shipmate import Shipmate
from bot.serving import pointed_at
from bot.settings import Settings, read
from tests.patience import PATIENCE
from tests.scenarios.company import Company


class Replicas:
    """Bots on one database, started and stopped one by one."""

    def __init__(self, company: Company, url: str) -> None:
        self._company = company
        self.url = url
        self._tokens: dict[str, str] = {}
        self.bots: dict[str, Shipmate] = {}

    async def start(self, name: str) -> Shipmate:
        """Start one and wait until it is connected."""
        made = Shipmate(pointed_at(self._company.sandbox, self._settings(name)))
        self.bots[name] = made
        await made.start()
        await made.connected()
        return made

    async def stop(self, name: str) -> None:
        """Stop one cleanly."""
        await self.bots.pop(name).stop()

    async def until_leads(self, name: str) -> None:
        """Wait until one leads."""
        async with asyncio.timeout(PATIENCE):
            while not self.bots[name].leads:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.05)

    def token(self, kind: str, owner: str) -> str:
        """Answer the token of somebody, for the API or of a trigger, which is made beside those that run."""
        if owner not in self._tokens:
            made = tokens.create(self._settings("shell"), self._company.clock, kind, owner)
            self._tokens[owner] = made
        return self._tokens[owner]

    def _settings(self, name: str) -> Settings:
        given = {"DATABASE_URL": self.url, "SHIPMATE_REPLICA": name, "SLACK_SOCKETS": "1"}
        folder, workflows = self._company.folder, self._company.workflows
        return replace(read(given), state=folder, workflows=workflows)
