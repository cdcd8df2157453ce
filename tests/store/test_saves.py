"""Changes of many runs share a few statements; one that comes too late is found, and costs the others nothing."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import Conflict
from bot.events import RunStarted
from bot.run.model import Run
from bot.store.database import Store
from tests.builders import NOON
from tests.store.test_runs import added


def changed(run: Run, message: str) -> Run:
    return replace(run, message=message, version=run.version + 1, events=run.events + 1)


async def test_of_many_changes_at_once_only_the_outdated_one_is_refused(store: Store) -> None:
    runs = [await added(store, environment=f"e{at}", run_id=f"r{at}") for at in range(8)]
    stale = runs[3]
    await store.runs.save(changed(stale, "first"), [RunStarted(at=NOON)])

    saves = [store.runs.save(changed(each, "mine"), [RunStarted(at=NOON)]) for each in runs]
    answers = await asyncio.gather(*saves, return_exceptions=True)

    assert [isinstance(each, Conflict) for each in answers] == [at == 3 for at in range(8)]
    found = [await store.runs.get(each.id) for each in runs]
    assert [each.message for each in found if each] == ["mine"] * 3 + ["first"] + ["mine"] * 4
    for each in runs:
        numbers = [recorded.number for recorded in await store.runs.events(each.id)]
        assert numbers == [1, 2]


@pytest.mark.parametrize("count", [1, 40])
async def test_events_stay_in_order_whoever_shares_the_commit(store: Store, count: int) -> None:
    runs = [await added(store, environment=f"e{at}", run_id=f"r{at}") for at in range(count)]
    for turn in range(3):
        runs = [changed(each, str(turn)) for each in runs]
        await asyncio.gather(*(store.runs.save(each, [RunStarted(at=NOON)]) for each in runs))
    for each in runs:
        events = await store.runs.events(each.id)
        assert [recorded.number for recorded in events] == [1, 2, 3, 4]
        assert [recorded.sequence for recorded in events] == sorted(
            recorded.sequence for recorded in events
        )
