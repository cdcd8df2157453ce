"""Adds a run and lets it begin: what deploying and rolling back have in common.

What the run delivers is decided inside the store's transaction, on the newest run and revision as they are
then: of two people at once, the second is told of the first. One request makes one run, however often it
is answered.
"""

from collections.abc import Callable, Sequence

from bot.events import Event
from bot.operations.admission import admitted
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import Destination
from bot.operations.results import Started
from bot.policy.refusals import Code, Refusal
from bot.run.model import Plan, Run, RunPhase
from bot.run.ports import Latest
from bot.run.transitions import new_run

Decide = Callable[[Latest], Plan | Refusal]
HOLDING = frozenset({Code.LOCKED, Code.FROZEN})


async def start(
    desk: Desk, visitor: Visitor, destination: Destination, decide: Decide
) -> Started | Refusal:
    """Add the run whose plan `decide` answers, and let it begin. `decide` is pure and may be asked twice."""
    run_id, now, catalog = desk.new_id(), desk.clock.now(), desk.catalog()

    def plan_for(latest: Latest) -> Plan | Refusal:
        plan = decide(latest)
        # What holds the place is said before who is busy there: it may outlast the run under way.
        if isinstance(plan, Plan):
            plan = admitted(catalog, visitor, destination.environment, plan, latest, now)
        if isinstance(plan, Refusal) and plan.code in HOLDING:
            return plan
        return busy(latest.unfinished) if latest.unfinished else plan

    def make(latest: Latest) -> tuple[Run, Sequence[Event]] | None:
        plan = plan_for(latest)
        if isinstance(plan, Refusal):
            return None
        return new_run(
            run_id=run_id,
            number=latest.run_number + 1,
            plan=plan,
            origin=visitor.origin,
            now=now,
        )

    run, latest = await desk.runs.add(
        destination.application.name, destination.environment.name, make, request=visitor.request
    )
    if run is None:
        refusal = plan_for(latest)
        assert isinstance(refusal, Refusal), "a pure decision answers the same for the same facts"
        return refusal
    if run.phase is RunPhase.INITIALIZING:
        await desk.engine.begin(run)
    return Started(run=run, again=run.id != run_id)


def busy(unfinished: Run) -> Refusal:
    """Refuse a second run while one of the same (application, environment) has not ended."""
    return Refusal(
        code=Code.RUN_UNFINISHED,
        facts={"run": unfinished.name, "by": unfinished.origin.person},
    )
