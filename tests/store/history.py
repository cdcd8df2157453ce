"""A history to be pruned: runs as the store keeps them, each of its own day, told and over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.chat.ports import State
from bot.events import Event, RunId, RunSucceeded
from bot.retention import Keep, Retention
from bot.run.model import Plan, Run, RunPhase
from bot.run.ports import Latest
from bot.run.transitions import new_run
from bot.store.database import Store
from bot.store.history import StoredHistory
from bot.store.pruning import Sweep
from tests.builders import NOON, a_plan, a_step, an_environment, an_origin
from tests.store.test_conversation import a_card
from tests.store.test_inventory import an_item
from tests.store.test_runs import a_revision


def day(number: float) -> datetime:
    """Answer a moment some days after noon of the first day."""
    return NOON + timedelta(days=number)


def keeping(**rules: Keep) -> Retention:
    """Make rules that keep all but what is said."""
    forever = Keep()
    every: dict[str, Keep] = dict.fromkeys(("runs", "revisions", "audit", "requests"), forever)
    return Retention(**{**every, **rules})


def days(number: int) -> Keep:
    return Keep(age=timedelta(days=number))


def plan_for(environment: str = "prod", **changes: object) -> Plan:
    made = replace(a_plan(a_step("approval")), environment=an_environment(environment))
    return replace(made, **changes)  # type: ignore[arg-type] # the test says what it changes


async def begun(store: Store, name: str, on: float, plan: Plan | None = None) -> Run:
    """Add a run on a day, and let it begin."""
    chosen = plan or plan_for()

    def make(latest: Latest) -> tuple[Run, Sequence[Event]]:
        return new_run(
            run_id=RunId(name),
            number=latest.run_number + 1,
            plan=chosen,
            origin=an_origin(),
            now=day(on),
        )

    run, _ = await store.runs.add("shop", chosen.environment.name, make)
    assert run is not None
    under_way = replace(run, version=run.version + 1, phase=RunPhase.EXECUTING, began=day(on))
    await store.runs.save(under_way, [])
    return under_way


async def over(
    store: Store, run: Run, on: float, *, revision: int | None = None, shown: bool = True
) -> Run:
    """Let a run end on a day, have it told, and keep what it has delivered."""
    happened = [RunSucceeded(at=day(on), revision=revision or 1)]
    ended = replace(
        run,
        version=run.version + 1,
        events=run.events + 1,
        phase=RunPhase.SUCCEEDED,
        ended=day(on),
        revision=revision,
    )
    raised = None if revision is None else replace(a_revision(run, revision), at=day(on))
    await store.runs.save(ended, happened, revision=raised)
    await store.inventory.keep(run.id, "hangzhou", {"web": [an_item().manifest]})
    through = (await store.runs.events(run.id))[-1].sequence
    await store.ledger.announce(through, [a_card(run.id)])
    if shown:
        await store.ledger.update(replace(a_card(run.id), state=State.SHOWN, ts="1.1"))
    return ended


async def lived(
    store: Store,
    name: str,
    on: float,
    *,
    revision: int | None = None,
    plan: Plan | None = None,
    shown: bool = True,
) -> Run:
    """Add a run that began and ended on a day."""
    run = await begun(store, name, on, plan)
    return await over(store, run, on + 0.01, revision=revision, shown=shown)


async def swept(history: StoredHistory, rules: Retention, now: datetime) -> dict[str, int]:
    """Remove everything that the rules do not keep; answer how much it was."""
    gone: dict[str, int] = {}
    sweep = Sweep(rules, now)
    while (batch := await history.next(sweep)) is not None:
        for table, count in (await history.remove(batch)).items():
            gone[table] = gone.get(table, 0) + count
    return gone
