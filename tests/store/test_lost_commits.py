"""A server that is lost in the middle of a commit: it is asked what became of it, and nobody is told what is not so."""

import asyncio
from collections.abc import Iterator

import pytest

from bot.clock import SystemClock
from bot.errors import Temporary
from bot.events import PersonName
from bot.run.model import RunPhase
from bot.run.stimuli import Approved
from bot.run.transitions import Ignored
from bot.store.database import open_store
from bot.store.writer import Database
from tests.builders import a_step
from tests.engine.test_engine import Workshop
from tests.patience import PATIENCE
from tests.postgres import Postgres
from tests.store.test_commits import a_table, inserting, numbers
from tests.wire import Cut, Wire


@pytest.fixture
def wire(postgres: Postgres) -> Iterator[Wire]:
    made = Wire(postgres.fresh())
    made.open()
    yield made
    made.close()


@pytest.mark.parametrize("cut", Cut)
async def test_every_writer_learns_what_became_of_a_commit_that_was_cut_off(
    wire: Wire, cut: Cut
) -> None:
    with a_table(wire.url) as engine:
        database = Database(engine)
        await database.write(inserting(0))
        wire.cut = cut

        await asyncio.gather(*(database.write(inserting(each)) for each in range(1, 6)))

        assert wire.was_cut.is_set()
        assert sorted(await numbers(database)) == [0, 1, 2, 3, 4, 5]
        await database.close()


async def test_closing_does_not_wait_for_a_server_that_is_gone(wire: Wire) -> None:
    with a_table(wire.url) as engine:
        database = Database(engine)
        await database.write(inserting(0))
        wire.cut = Cut.BEFORE
        wire.server = ("127.0.0.1", 1)  # from now on nothing answers
        writing = asyncio.create_task(database.write(inserting(1)))
        async with asyncio.timeout(PATIENCE):
            await asyncio.to_thread(wire.was_cut.wait)
            await database.close()

        with pytest.raises(Temporary, match="the database refused"):
            await writing


@pytest.mark.parametrize("cut", Cut)
@pytest.mark.parametrize("commits_before", range(5))
async def test_a_run_goes_on_wherever_one_of_its_commits_is_cut_off(
    wire: Wire, cut: Cut, commits_before: int
) -> None:
    store = open_store(wire.url, SystemClock())
    workshop = Workshop(store)
    wire.passing, wire.cut = commits_before, cut
    steps = (a_step("one", "doing"), a_step("gate", "suspend"), a_step("two", "doing"))

    await workshop.engine.begin(await workshop.accept(*steps))
    run = await workshop.watching.until(RunPhase.SUSPENDING)
    yes = Approved(step="gate", attempt=1, by=PersonName("sre"), roles=("sre",), via="test")
    answer = await workshop.engine.tell(run.id, yes)
    run = await workshop.watching.until(RunPhase.SUCCEEDED)

    assert not isinstance(answer, Ignored)
    assert wire.was_cut.is_set()
    assert workshop.doing.order == ["one", "two"]
    assert await store.runs.get(run.id) == run
    await workshop.engine.stop()
    await store.close()
