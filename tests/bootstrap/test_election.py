"""Who leads begins what that means, and ends it when another one does; on a real database, by its clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import psycopg
import pytest

from bot.bootstrap.election import Election
from bot.clock import SystemClock
from bot.errors import Permanent, TakenOver, Temporary
from bot.lease import Lease
from bot.operations.replicas import Replica
from bot.store.database import Store, open_store
from bot.store.signals import Word
from tests.builders import NOON
from tests.patience import PATIENCE
from tests.postgres import Postgres
from tests.store.test_runs import added


class Process:
    """One replica with nothing to it but the election."""

    def __init__(self, url: str, name: str, *, trouble: Exception | None = None) -> None:
        self.store: Store = open_store(url, SystemClock(), shared=True)
        self.lease = Lease()
        self.trouble = trouble
        self.log: list[str] = []
        self.happened = asyncio.Event()
        self.election = Election(
            me=Replica(id=f"id of {name}", name=name, version="1.0", started=NOON),
            replicas=self.store.replicas,
            lease=self.lease,
            begin=self._begin,
            end=self._end,
        )
        assert self.store.fence is not None
        self.store.fence.listen(self.election.was_refused)
        self.store.signals.listen(Word.LEASE, self.election.look)

    async def start(self) -> None:
        self.store.signals.start()
        await self.election.start()

    async def stop(self) -> None:
        await self.election.stop()
        await self.store.signals.stop()
        await self.store.close()

    async def until(self, *log: str) -> None:
        """Wait until so much has happened and nothing else."""
        async with asyncio.timeout(PATIENCE):
            while self.log != list(log):
                self.happened.clear()
                await self.happened.wait()

    async def _begin(self) -> None:
        self._note("begins")
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble

    async def _end(self) -> None:
        self._note("ends")

    def _note(self, what: str) -> None:
        self.log.append(what)
        self.happened.set()


class Ground:
    """A database and the processes on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stack = AsyncExitStack()

    async def process(self, name: str, *, trouble: Exception | None = None) -> Process:
        made = Process(self.url, name, trouble=trouble)
        self.stack.push_async_callback(made.stop)
        await made.start()
        return made

    async def somebody_else_takes_over(self) -> None:
        """Change what the lease says, as another replica does after a silence."""
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(
                "UPDATE leases SET token = token + 1, holder = 'somebody',"
                " expires = extract(epoch FROM clock_timestamp()) + 3"
            )


@pytest.fixture
async def ground(postgres: Postgres) -> AsyncIterator[Ground]:
    made = Ground(postgres.fresh())
    async with made.stack:
        yield made


async def test_the_first_one_leads_when_it_has_started_and_a_clean_end_hands_over(
    ground: Ground,
) -> None:
    one = await ground.process("one")
    two = await ground.process("two")
    assert (one.election.leads, one.lease.is_certain) == (True, True)
    assert (two.election.leads, two.lease.is_certain) == (False, False)

    await one.election.stop()

    assert one.log == ["begins", "ends"]
    await two.until("begins")
    await two.lease.certain()


async def test_who_is_followed_by_another_ends_and_may_lead_again(ground: Ground) -> None:
    one = await ground.process("one")
    await ground.somebody_else_takes_over()

    with pytest.raises(TakenOver):
        await added(one.store)
    assert not one.lease.is_certain

    await one.until("begins", "ends", "begins")
    await added(one.store)


async def test_what_could_not_begin_yet_begins_a_little_later(ground: Ground) -> None:
    one = await ground.process("one")
    two = await ground.process("two", trouble=Temporary("the store is away"))
    await one.election.stop()

    await two.until("begins", "ends", "begins")


async def test_who_cannot_lead_lets_others(ground: Ground) -> None:
    one = await ground.process("one")
    two = await ground.process("two", trouble=Permanent("it cannot read what is there"))
    await one.election.stop()
    await two.until("begins", "ends")

    three = await ground.process("three")

    await three.until("begins")
    assert two.log == ["begins", "ends"]


async def test_who_starts_and_cannot_lead_says_why(ground: Ground) -> None:
    with pytest.raises(Permanent, match="it cannot read"):
        await ground.process("one", trouble=Permanent("it cannot read what is there"))
