"""Three replicas under load while everything fails: in the end nothing is lost, nothing stands twice, and all records agree.

It waits until everything has come to rest and measures no time. `SHIPMATE_CHAOS_SECONDS` lets it go on for longer and
`SHIPMATE_CHAOS_SEED` repeats an order; both are printed.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.company import ENVIRONMENTS, PLACES, a_catalog, is_wanted
from tests.chaos.fleet import Fleet
from tests.chaos.monkey import Monkey
from tests.chaos.people import People
from tests.chaos.records import Record, Records
from tests.patience import PATIENCE
from tests.postgres import Postgres, binaries
from tests.scenarios.company import Company

SECONDS = float(os.environ.get("SHIPMATE_CHAOS_SECONDS", "8"))  # noqa: TID251 - a test's own settings
SEED = int(os.environ.get("SHIPMATE_CHAOS_SEED", "0")) or random.randrange(1, 10**6)  # noqa: TID251 - as above


@pytest.fixture
def server() -> Iterator[Postgres]:
    """Bring up a server that may fall without taking other tests along."""
    found = binaries()
    if found is None:
        pytest.skip("needs PostgreSQL's server programs (Debian, Ubuntu: apt install postgresql)")
    made = Postgres(found)
    made.start()
    yield made
    made.stop()


@pytest.mark.timeout(SECONDS + 4 * PATIENCE)
async def test_nothing_is_lost_and_nothing_is_done_twice(tmp_path: Path, server: Postgres) -> None:
    print(f"SHIPMATE_CHAOS_SEED={SEED} SHIPMATE_CHAOS_SECONDS={SECONDS:.0f}")  # noqa: T201 - repeats it
    url = server.fresh()
    company = Company(tmp_path, a_catalog(tmp_path), speed=40.0)
    await company.open_world()
    fleet, records = Fleet(company, url, ("one", "two", "three")), Records(url)
    chance = random.Random(SEED)
    monkey = Monkey(fleet=fleet, company=company, server=server, records=records, chance=chance)
    people = People(company, records, chance)
    try:
        await fleet.open()
        await company.reconnected()
        await live_through_it(people, monkey)
        await come_to_rest(records)
        await assert_all_is_well(company, records, people)
        ((terms,),) = await records.rows("SELECT token FROM leases")
        print(f"{len(await records.runs())} runs, {terms} terms: {', '.join(monkey.done)}")  # noqa: T201 - as above
    except BaseException as error:
        error.add_note(f"SHIPMATE_CHAOS_SEED={SEED}: {', '.join(monkey.done)}")
        error.add_note("\n".join(fleet.output[-200:]))
        raise
    finally:
        await fleet.close()
        await company.close()


async def live_through_it(people: People, monkey: Monkey) -> None:
    """Work while things go wrong; when time is over, and everything went wrong once, finish what was begun."""
    over = asyncio.Event()
    answering = asyncio.create_task(people.answer())
    try:
        async with asyncio.timeout(SECONDS + 2 * PATIENCE), asyncio.TaskGroup() as group:
            for place in PLACES:
                group.create_task(people.deliver(*place, over))
            mischief = group.create_task(monkey.play(over))
            await asyncio.sleep(SECONDS)
            over.set()
            await mischief
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)


async def come_to_rest(records: Records) -> None:
    """Wait until nothing is left to do."""
    async with asyncio.timeout(PATIENCE):
        while not await records.is_quiet():  # noqa: ASYNC110 - the database says nothing by itself
            await asyncio.sleep(0.3)


async def assert_all_is_well(company: Company, records: Records, people: People) -> None:
    """Hold everything that can be seen against what was asked for."""
    runs = await records.runs()
    assert_runs_ended_as_asked(runs, people)
    await assert_each_was_decided_once(runs, records)
    await assert_revisions_have_no_gap(runs, records)
    await assert_each_message_stands_once(company, records)
    await assert_each_was_told(company, runs)
    await assert_the_audit_log_agrees(runs, records)


def assert_runs_ended_as_asked(runs: list[Record], people: People) -> None:
    for each in runs:
        expected = "succeeded" if is_wanted(each.version) else "terminated"
        assert each.phase == expected, each
    found = Counter((each.application, each.environment, each.version) for each in runs)
    assert set(found) == set(people.typed)
    assert all(found[each] <= people.typed[each] for each in found)
    for place in PLACES:
        numbers = [each.number for each in runs if (each.application, each.environment) == place]
        assert numbers == list(range(1, len(numbers) + 1))


async def assert_each_was_decided_once(runs: list[Record], records: Records) -> None:
    rows = await records.rows("SELECT run, kind, number FROM events ORDER BY run, number")
    by_run: dict[str, list[str]] = {}
    for run, kind, number in rows:
        by_run.setdefault(run, []).append(kind)
        assert number == len(by_run[run])
    for each in runs:
        assert by_run[each.id].count("approval_decided") == 1, each


async def assert_revisions_have_no_gap(runs: list[Record], records: Records) -> None:
    rows = await records.rows(
        "SELECT application, environment, number, run FROM revisions ORDER BY number"
    )
    for place in PLACES:
        mine = [each for each in rows if each[:2] == place]
        assert [each[2] for each in mine] == list(range(1, len(mine) + 1))
    assert sorted(each[3] for each in rows) == sorted(
        each.id for each in runs if is_wanted(each.version)
    )


async def assert_each_message_stands_once(company: Company, records: Records) -> None:
    """Everything that stands in the channels is in the ledger, and the other way round."""
    stands: list[str] = []
    for channel in ENVIRONMENTS.values():
        for each in await company.world.messages(channel):
            if each["user"] == "shipmate" and not each["ephemeral"]:
                thread = await company.world.messages(channel, thread=each["ts"])
                stands += [reply["ts"] for reply in thread]
    rows = await records.rows("SELECT key, state FROM messages")
    assert {state for _, state in rows} == {"shown"}
    ledger = [each["ts"] for each in await records.documents("messages")]
    assert sorted(stands) == sorted(ledger)


async def assert_each_was_told(company: Company, runs: list[Record]) -> None:
    """Each notice stands once in its own thread, and the webhook's receiver counts each run once."""
    for channel in ENVIRONMENTS.values():
        cards = [
            each
            for each in await company.world.messages(channel)
            if each["user"] == "shipmate" and not each["ephemeral"]
        ]
        here = [each for each in runs if ENVIRONMENTS[each.environment] == channel]
        told: Counter[str] = Counter()
        for card in cards:
            told.update(await company.thread(card, channel))
        for each in here:
            assert told[f"{each.name} begins"] == 1, each
            assert told[f"{each.name} is over"] == int(is_wanted(each.version)), each
    called = Counter(each["body"]["run"] for each in await company.world.webhooks())
    assert called == {each.name: 1 for each in runs if is_wanted(each.version)}


async def assert_the_audit_log_agrees(runs: list[Record], records: Records) -> None:
    """No request has two lines; every run and every decision has the line of who asked for it."""
    ((asked,),) = await records.rows("SELECT count(*) FROM inbox WHERE done = 1")
    lines = await records.documents("audit")
    assert len(lines) <= asked  # what came while the database was away was answered by “try again”
    allowed = Counter(
        (each["request"].split()[0], each["run"]) for each in lines if each["outcome"] == "allowed"
    )
    for each in runs:
        assert allowed["deploy", each.name] == 1, each
        verb = "approve" if is_wanted(each.version) else "reject"
        assert allowed[verb, each.name] == 1, each
