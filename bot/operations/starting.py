"""Adds a run, which begins when its turn comes: what deploying, promoting and rolling back have in common.

What the run delivers is decided inside the store's transaction, on the newest run and revision as they are
then, and once more when its turn comes. One request makes one run, however often it is answered.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.errors import Temporary
from bot.events import Event
from bot.operations.admission import HOLDING, admitted
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import Destination
from bot.operations.results import Started
from bot.operations.turns import move, stands
from bot.policy.queueing import fits_in, giving_way, why_it_gives_way
from bot.policy.refusals import Refusal
from bot.run.model import Plan, Run
from bot.run.ports import Latest
from bot.run.stimuli import GaveWay
from bot.run.transitions import Transition, apply, new_run
from bot.run.waiting import Wish

log = logging.getLogger(__name__)

Decision = Callable[[Latest], Plan | Refusal]


async def start(
    desk: Desk,
    visitor: Visitor,
    destination: Destination,
    decide: Decision,
    *,
    wish: Wish | None = None,
    at: datetime | None = None,
    back_to: int | None = None,
) -> Started | Refusal:
    """Add the run whose plan `decide` answers, and let it begin if it is its turn. `decide` is pure and may be asked twice.

    With a `wish` it is decided again when its turn comes; it joins the line `at` a moment, or now. `back_to`: see `Runs.add`.
    """
    run_id, now, catalog = desk.new_id(), desk.clock.now(), desk.catalog()
    rule = destination.environment.concurrency
    gave_way: list[Transition] = []

    def decided(latest: Latest) -> Plan | Refusal:
        plan = decide(latest)
        # What holds the place now says nothing of a later moment: then it keeps the run waiting.
        if isinstance(plan, Plan) and at is None:
            plan = admitted(catalog, visitor.person, destination.environment, plan, latest, now)
        return _first_of(plan, fits_in(latest, rule, later=at is not None, now=now))

    def make(latest: Latest) -> tuple[Run, Sequence[Event]] | None:
        plan = decided(latest)
        if isinstance(plan, Refusal):
            return None
        return new_run(
            run_id=run_id,
            number=latest.run_number + 1,
            plan=plan,
            origin=visitor.origin,
            now=now,
            wish=wish,
            at=at,
        )

    def give_way(run: Run, latest: Latest) -> Sequence[Transition]:
        gave_way[:] = _moved_aside(run, giving_way(run, latest, rule, now), now)
        return gave_way

    place = (destination.application.name, destination.environment.name)
    run, latest = await desk.runs.add(
        *place, make, request=visitor.request, also=give_way, back_to=back_to
    )
    if run is None:
        return _refused(decided(latest))
    return await _set_out(desk, run, gave_way, again=run.id != run_id)


def _refused(decided: Plan | Refusal) -> Refusal:
    assert isinstance(decided, Refusal), "a pure decision answers the same for the same facts"
    return decided


def _moved_aside(new: Run, others: Sequence[Run], now: datetime) -> list[Transition]:
    """End the runs of the line that give way to a new one."""
    away = GaveWay(by=new.origin.person, reason=why_it_gives_way(new))
    changes = (apply(each, away, now) for each in others)
    return [each for each in changes if isinstance(each, Transition)]


def _first_of(plan: Plan | Refusal, busy: Refusal | None) -> Plan | Refusal:
    """Answer the refusal that is to be said, if any: what holds a place may outlast who is busy there."""
    if isinstance(plan, Refusal) and plan.code in HOLDING:
        return plan
    return busy or plan


async def _set_out(
    desk: Desk, run: Run, gave_way: Sequence[Transition], *, again: bool
) -> Started | Refusal:
    """Let a run that is stored begin, if it is its turn; it does so without us where the store is away."""
    for each in gave_way:
        desk.engine.noticed(each.run)
    if not run.waits:
        return Started(run=run, again=again)
    desk.engine.noticed(run)
    try:
        await move(desk, run.application, run.environment)
        after = await desk.runs.get(run.id) or run
        return Started(run=after, again=again, standing=await stands(desk, after))
    except Temporary as error:
        log.warning("%s is accepted and not looked at yet: %s", run.name, error)
        return Started(run=run, again=again)
