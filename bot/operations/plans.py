"""Planning: what a deployment would change in the clusters, shown and not started.

Whoever may look may ask, also while a run is under way. What is shown is what a run would do that began now.
"""

from bot.events import RunId
from bot.operations.admission import admitted
from bot.operations.deliveries import plan_delivery, unfit
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import enter
from bot.operations.forecasts import PlanShown
from bot.operations.previews import foresee
from bot.policy.decisions import Action, Allowed, may
from bot.policy.refusals import Refusal
from bot.run.model import Plan, Run
from bot.run.ports import Latest
from bot.run.transitions import new_run
from bot.run.waiting import Wish

TENTATIVE = RunId("plan")
"""The id of a run that is only thought of: it is never stored."""


async def plan(
    desk: Desk,
    visitor: Visitor,
    *,
    application: str,
    environment: str,
    wish: Wish,
    show: str = "",
) -> PlanShown | Refusal:
    """Show what the run would change that delivers what is wished for."""
    catalog = desk.catalog()
    destination = enter(
        catalog, visitor.person, Action.VIEW, application=application, environment=environment
    )
    if isinstance(destination, Refusal):
        return destination
    senseless = unfit(destination.application, wish)
    if senseless is not None:
        return senseless
    latest = await latest_of(desk, application, environment)
    decided = plan_delivery(destination, wish, latest)
    if isinstance(decided, Refusal):
        return decided
    allowed = may(
        catalog,
        visitor.person,
        Action.DEPLOY,
        destination.environment,
        application=application,
    )
    let = admitted(
        catalog, visitor.person, destination.environment, decided, latest, desk.clock.now()
    )
    return PlanShown(
        plan=decided,
        base=latest.revision,
        forecast=await foresee(desk, tentative(desk, visitor, decided, latest)),
        wish=wish,
        under_way=latest.unfinished,
        may_deploy=allowed == Allowed() and not isinstance(let, Refusal),
        show=show,
    )


def tentative(desk: Desk, visitor: Visitor, decided: Plan, latest: Latest) -> Run:
    """Make the run that would be started; it is not stored."""
    run, _ = new_run(
        run_id=TENTATIVE,
        number=latest.run_number + 1,
        plan=decided,
        origin=visitor.origin,
        now=desk.clock.now(),
    )
    return run


async def latest_of(desk: Desk, application: str, environment: str) -> Latest:
    """Answer what a run would be decided on now."""
    return await desk.runs.latest(application, environment)
