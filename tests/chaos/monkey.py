"""What goes wrong, in an order that a seed decides: processes, the database, sockets, Slack, clusters and webhooks."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from bot.operations.replicas import LASTS
from tests.chaos.fleet import Fleet
from tests.chaos.records import Records
from tests.postgres import Postgres
from tests.scenarios.company import Company

Mischief = Callable[[], Awaitable[None]]


class Monkey:
    """Does everything once, and then anything again."""

    def __init__(
        self,
        *,
        fleet: Fleet,
        company: Company,
        server: Postgres,
        records: Records,
        chance: random.Random,
    ) -> None:
        self._fleet = fleet
        self._company = company
        self._server = server
        self._records = records
        self._chance = chance
        self._sleeping: list[asyncio.Task[None]] = []
        self.done: list[str] = []

    async def play(self, over: asyncio.Event) -> None:
        """Go on until time is over, and until everything was done once."""
        kinds: list[Mischief] = [
            self._kills,
            self._kills_the_leader,
            self._puts_the_leader_to_sleep,
            self._replaces,
            self._cuts_the_database,
            self._restarts_the_database,
            self._drops_sockets,
            self._makes_slack_stumble,
            self._makes_slack_wait,
            self._takes_a_cluster_down,
            self._makes_webhooks_fail,
        ]
        first = self._chance.sample(kinds, len(kinds))
        while first or not over.is_set():
            mischief = first.pop() if first else self._chance.choice(kinds)
            self.done.append(mischief.__name__.strip("_"))
            await mischief()
            await asyncio.sleep(self._chance.uniform(0.2, 1.0))
        await asyncio.gather(*self._sleeping)
        self._company.sandbox.faults.clear()

    async def _kills(self) -> None:
        self._fleet.kill(self._chance.choice(self._fleet.names))

    async def _kills_the_leader(self) -> None:
        name = await self._records.leader()
        if name:
            self._fleet.kill(name)

    async def _puts_the_leader_to_sleep(self) -> None:
        name = await self._records.leader()
        if name and self._fleet.is_awake(name):
            self._fleet.stop(name)
            self._sleeping.append(asyncio.create_task(self._wakes(name)))

    async def _wakes(self, name: str) -> None:
        await asyncio.sleep(LASTS + self._chance.uniform(1.0, 4.0))
        self._fleet.wake(name)

    async def _replaces(self) -> None:
        self._fleet.end(self._chance.choice(self._fleet.names))

    async def _cuts_the_database(self) -> None:
        await self._records.cut()

    async def _restarts_the_database(self) -> None:
        await asyncio.to_thread(self._server.fall)
        await asyncio.sleep(self._chance.uniform(0.0, 1.0))
        await asyncio.to_thread(self._server.serve)

    async def _drops_sockets(self) -> None:
        await self._company.control(
            "/control/faults", target="slack", fault="disconnect", times=self._chance.randint(1, 6)
        )

    async def _makes_slack_stumble(self) -> None:
        method = self._chance.choice(["chat.postMessage", "chat.update"])
        after = self._chance.random() < 0.5
        await self._company.fault("slack", "error", 2, method=method, after=after)

    async def _makes_slack_wait(self) -> None:
        method = self._chance.choice(["chat.postMessage", "chat.update"])
        await self._company.fault("slack", "ratelimited", 1, method=method, retry_after=1)

    async def _takes_a_cluster_down(self) -> None:
        cluster = f"cluster/{self._chance.choice(['east', 'west'])}"
        await self._company.control("/control/faults", target=cluster, fault="down", seconds=2)

    async def _makes_webhooks_fail(self) -> None:
        await self._company.fault("webhooks", "error", 1, status=503)
