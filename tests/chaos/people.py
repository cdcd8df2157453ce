"""Those who ask for deliveries and those who answer. They ask again only what was not acknowledged and did not happen."""

import asyncio
import itertools
import json
import random

from tests.chaos.company import ENVIRONMENTS, is_wanted
from tests.chaos.records import Record, Records
from tests.scenarios.company import Company

PATIENT = 6.0
"""Seconds before someone answers again whose answer shows nothing."""


class People:
    """Everyone of the company."""

    def __init__(self, company: Company, records: Records, chance: random.Random) -> None:
        self._company = company
        self._records = records
        self._chance = chance
        self._answered: dict[str, float] = {}
        self.typed: dict[tuple[str, str, str], int] = {}
        """How often a delivery was asked for, by application, environment and version."""

    async def deliver(self, application: str, environment: str, over: asyncio.Event) -> None:
        """Deliver one version after the other until time is over; the last one comes to its end, too."""
        first = self._chance.randint(1, 3)
        for number in itertools.count(first):
            version = f"v{number}"
            await self._ask(application, environment, version)
            while not await self._has_ended(application, environment, version):
                await asyncio.sleep(0.4)
                if await self._came_to_nothing(application, environment, version):
                    await self._ask(application, environment, version)
            if over.is_set():
                return

    async def answer(self) -> None:
        """Answer every gate that is open, as its version deserves."""
        while True:
            for each in await self._records.runs():
                if each.phase == "suspending" and self._may_answer(each.id):
                    verb = "approve" if is_wanted(each.version) else "reject"
                    why = "" if verb == "approve" else " not this one"
                    channel = ENVIRONMENTS[each.environment]
                    await self._company.says("sre", f"/shipmate {verb} {each.name}{why}", channel)
            await asyncio.sleep(0.4)

    def _may_answer(self, run: str) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._answered.get(run, -PATIENT) < PATIENT:
            return False
        self._answered[run] = now
        return True

    async def _ask(self, application: str, environment: str, version: str) -> None:
        """Type a command until there is a run, or Slack says that it has arrived."""
        what = (application, environment, version)
        text = f"/deploy {application} {environment} {version}"
        while True:
            self.typed[what] = self.typed.get(what, 0) + 1
            said = await self._company.says("dev", text, ENVIRONMENTS[environment])
            if "failed" not in said:
                return
            await asyncio.sleep(2)
            if await self._taken_in(*what):
                return

    async def _taken_in(self, application: str, environment: str, version: str) -> list[bool]:
        """Say of each time that it was asked for and taken in whether that is answered."""
        text = f"deploy {application} {environment} {version}"
        rows = await self._records.rows("SELECT body, done FROM inbox")
        return [bool(done) for body, done in rows if json.loads(body)["text"] == text]

    async def _came_to_nothing(self, application: str, environment: str, version: str) -> bool:
        """Say whether it was answered that nothing happened, for the database was away: then they ask again."""
        answered = await self._taken_in(application, environment, version)
        return all(answered) and not await self._runs(application, environment, version)

    async def _has_ended(self, application: str, environment: str, version: str) -> bool:
        found = await self._runs(application, environment, version)
        return bool(found) and all(each.ended for each in found)

    async def _runs(self, application: str, environment: str, version: str) -> list[Record]:
        what = (application, environment, version)
        return [
            each
            for each in await self._records.runs()
            if (each.application, each.environment, each.version) == what
        ]
