"""Several processes on one PostgreSQL database: one leads, and nothing of one that led before gets through."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import psycopg
import pytest

from bot.clock import SystemClock
from bot.errors import TakenOver, Temporary
from bot.operations.replicas import Replica
from bot.store.database import ADVISORY_LOCK, Store, open_store
from bot.store.signals import Word
from tests.builders import NOON
from tests.patience import PATIENCE
from tests.postgres import Postgres
from tests.store.test_conversation import a_request
from tests.store.test_opening import a_server_of_ones_own as a_server_of_ones_own
from tests.store.test_runs import added


def a_replica(name: str, version: str = "1.0") -> Replica:
    return Replica(id=f"id of {name}", name=name, version=version, started=NOON)


ONE, TWO = a_replica("one"), a_replica("two")


class Shared:
    """A database and the stores on it."""

    def __init__(self, postgres: Postgres, stack: AsyncExitStack) -> None:
        self.url = postgres.fresh()
        self._stack = stack

    def store(self) -> Store:
        """Open the database as another process would."""
        made = open_store(self.url, SystemClock(), shared=True)
        self._stack.push_async_callback(made.close)
        return made

    def does(self, statement: str) -> None:
        """Do something to the database."""
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)

    def time_passes(self) -> None:
        """Let the lease run out, as when its holder says nothing for some seconds."""
        self.does("UPDATE leases SET expires = 1")


@pytest.fixture
async def shared(postgres: Postgres) -> AsyncIterator[Shared]:
    async with AsyncExitStack() as stack:
        yield Shared(postgres, stack)


async def test_one_leads_and_the_other_when_that_one_says_nothing_more(shared: Shared) -> None:
    first, second = shared.store(), shared.store()

    assert await first.replicas.beat(ONE)
    assert not await second.replicas.beat(TWO)
    assert await first.replicas.beat(ONE)
    shared.time_passes()
    assert await second.replicas.beat(TWO)
    assert not await first.replicas.beat(ONE)


async def test_who_is_late_and_was_not_missed_goes_on_leading(shared: Shared) -> None:
    store = shared.store()
    await store.replicas.beat(ONE)
    shared.time_passes()

    assert await store.replicas.beat(ONE)
    run = await added(store)
    assert await store.runs.unfinished() == [run]


async def test_who_lets_go_is_followed_at_once(shared: Shared) -> None:
    first, second = shared.store(), shared.store()
    free = asyncio.Event()
    second.signals.listen(Word.LEASE, free.set)
    second.signals.start()
    await first.replicas.beat(ONE)
    await second.replicas.beat(TWO)
    free.clear()

    await first.replicas.leave(ONE)

    assert await second.replicas.beat(TWO)
    async with asyncio.timeout(PATIENCE):
        await free.wait()
    assert [each.name for each in (await second.replicas.there_are()).replicas] == ["two"]
    await second.signals.stop()


async def test_who_does_not_lead_takes_requests_in_and_moves_no_run(shared: Shared) -> None:
    first, second = shared.store(), shared.store()
    await first.replicas.beat(ONE)
    await second.replicas.beat(TWO)

    assert await second.inbox.receive(a_request(), '{"trigger": "1.2"}')
    assert not await first.inbox.receive(a_request())
    with pytest.raises(TakenOver):
        await added(second)
    with pytest.raises(TakenOver):
        await second.inbox.done(a_request().asker.request, None)

    (left,) = await first.inbox.unanswered()
    assert (left.received, left.way) == (a_request(), '{"trigger": "1.2"}')
    assert await first.runs.unfinished() == []


async def test_what_was_wished_for_in_a_term_that_is_over_is_not_written_in_the_next(
    shared: Shared,
) -> None:
    first, second = shared.store(), shared.store()
    refused = threading.Event()
    assert first.fence is not None
    first.fence.listen(refused.set)
    await first.replicas.beat(ONE)
    token = first.fence.token
    shared.time_passes()
    await second.replicas.beat(TWO)
    shared.time_passes()

    late = asyncio.create_task(added(first))  # it does not know yet
    with pytest.raises(TakenOver, match="another replica has taken over"):
        await late
    assert refused.is_set()
    first.replicas.give_up()
    assert await first.replicas.beat(ONE)

    assert first.fence.token == token + 2
    run = await added(first)
    assert await second.runs.unfinished() == [run]


async def test_nobody_takes_over_in_the_middle_of_a_transaction_of_who_leads(
    shared: Shared,
) -> None:
    first, second = shared.store(), shared.store()
    await first.replicas.beat(ONE)
    entered, leave = threading.Event(), threading.Event()

    def slowly(_: object) -> str:
        entered.set()
        leave.wait(PATIENCE)
        return "written"

    writing = asyncio.create_task(first.runs._database.write(slowly))  # a write that takes its time
    await asyncio.to_thread(entered.wait, PATIENCE)
    shared_row_is_locked = not await second.replicas.beat(TWO)
    leave.set()

    assert shared_row_is_locked
    assert await writing == "written"


async def test_of_many_that_begin_at_once_one_leads(postgres: Postgres) -> None:
    async with AsyncExitStack() as stack:
        shared = Shared(postgres, stack)
        stores = await asyncio.gather(*(asyncio.to_thread(shared.store) for _ in range(4)))
        beats = (
            each.replicas.beat(a_replica(f"number {number}")) for number, each in enumerate(stores)
        )
        leads = await asyncio.gather(*beats)

        assert sorted(leads) == [False, False, False, True]
        assert (await stores[0].replicas.there_are()).replicas[0].runs == 0


async def test_an_older_version_does_not_take_over_beside_a_newer_one(shared: Shared) -> None:
    old, new = shared.store(), shared.store()
    older, newer = a_replica("old", "0.9.0"), a_replica("new", "0.10.0")
    await old.replicas.beat(older)
    await new.replicas.beat(newer)
    await old.replicas.leave(older)

    assert not await old.replicas.beat(older)
    assert await new.replicas.beat(newer)
    await new.replicas.leave(newer)
    assert await old.replicas.beat(
        older
    )  # when no newer one is left, an old one is better than none


async def test_nobody_leads_on_tables_of_another_version(shared: Shared) -> None:
    store = shared.store()
    shared.does("UPDATE alembic_version SET version_num = '9999'")

    assert not await store.replicas.beat(ONE)


async def test_nobody_leads_while_somebody_has_the_database_alone(shared: Shared) -> None:
    store = shared.store()
    with psycopg.connect(shared.url.replace("+psycopg", ""), autocommit=True) as alone:
        alone.execute(f"SELECT pg_advisory_lock({ADVISORY_LOCK})")
        assert not await store.replicas.beat(ONE)

    assert await store.replicas.beat(ONE)


async def test_a_transaction_whose_process_sleeps_keeps_nobody_from_leading(shared: Shared) -> None:
    first, second = shared.store(), shared.store()
    await first.replicas.beat(ONE)
    leave = threading.Event()
    sleeping = asyncio.create_task(
        first.runs._database.write(lambda _: leave.wait(PATIENCE))  # as if it were stopped there
    )
    await second.replicas.beat(TWO)
    # It waits until the server has taken the sleeper's transaction back.
    await asyncio.to_thread(shared.time_passes)

    assert await second.replicas.beat(TWO)

    leave.set()
    with pytest.raises(Temporary):
        await sleeping


async def test_the_list_has_who_leads_first_and_who_was_silent(shared: Shared) -> None:
    first, second = shared.store(), shared.store()
    await second.replicas.beat(TWO)
    await first.replicas.beat(ONE)
    await added(second)
    shared.does("UPDATE replicas SET seen = seen - 60 WHERE name = 'one'")

    found = (await first.replicas.there_are()).replicas

    assert [(each.name, each.version, each.started) for each in found] == [
        ("two", "1.0", NOON),
        ("one", "1.0", NOON),
    ]
    assert found[1].silent > 50
    assert found[1].runs is None


async def test_who_has_a_database_alone_leads(store: Store) -> None:
    assert await store.replicas.beat(ONE)
    (only,) = (await store.replicas.there_are()).replicas

    assert (only.name, only.runs) == ("one", 0)


async def test_a_server_that_was_restarted_is_read_written_and_heard_again(
    a_server_of_ones_own: Postgres,
) -> None:
    async with AsyncExitStack() as stack:
        shared = Shared(a_server_of_ones_own, stack)
        first, second = shared.store(), shared.store()
        said = asyncio.Event()
        second.signals.listen(Word.INBOX, said.set)
        second.signals.start()
        await first.replicas.beat(ONE)
        run = await added(first)

        a_server_of_ones_own.fall()
        with pytest.raises(Temporary, match="the database refused"):
            await first.runs.get(run.id)
        with pytest.raises(Temporary, match="the database refused"):
            await second.inbox.receive(a_request())
        a_server_of_ones_own.serve()

        assert await first.runs.get(run.id) == run
        assert await first.replicas.beat(ONE)
        await added(first, "two", environment="dev")
        async with asyncio.timeout(PATIENCE):
            await said.wait()  # it looks for itself as soon as it listens again
            said.clear()
            await second.inbox.receive(a_request())
            await said.wait()
        await second.signals.stop()
