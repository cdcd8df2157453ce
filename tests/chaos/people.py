"""Those who ask for deliveries and those who answer. They ask again only what was not acknowledged and did not happen."""

import asyncio
import itertools
import random

from tests.chaos.company import ENVIRONMENTS, is_wanted
from tests.chaos.records import Records
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
            if await self._was_taken_in(*what):
                return

    async def _was_taken_in(self, application: str, environment: str, version: str) -> bool:
        text = f"deploy {application} {environment} {version}"
        return any(each["text"] == text for each in await self._records.documents("inbox"))

    async def _has_ended(self, application: str, environment: str, version: str) -> bool:
        found = [
            each.ended
            for each in await self._records.runs()
            if (each.application, each.environment, each.version)
            == (application, environment, version)
        ]
        return bool(found) and all(found)
