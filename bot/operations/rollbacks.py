"""Rolling back: an older revision delivered again, by today's workflow, after a look at what it changes.

It is asked twice: the first answer shows the difference and carries a digest of everything that was decided
on; the second has to bring it, and is refused when anything of that has changed in between: revisions, steps, targets,
rules. What others change in the clusters meanwhile is not among them, for the rollback is decided on whatever is there.
"""

import hashlib
import json
from dataclasses import asdict

from bot.forecast.lasting import (
    cloud_that_differs,
    coming_back_empty,
    data_that_stays,
    jobs_not_again,
    jobs_since,
)
from bot.forecast.outlook import outlook
from bot.operations.admission import admitted
from bot.operations.desk import Desk, Visitor
from bot.operations.differences import changes_between
from bot.operations.finding import Destination, enter, no_revision, not_kept
from bot.operations.forecasts import Return
from bot.operations.plans import latest_of, tentative
from bot.operations.previews import foresee
from bot.operations.results import RollbackProposed, Started
from bot.operations.starting import start
from bot.policy.decisions import Action
from bot.policy.queueing import fits_in, giving_way
from bot.policy.refusals import Code, Refusal
from bot.run.model import Plan, Revision, Run
from bot.run.ports import Latest

LOOK_BACK = 50
"""How many revisions are looked through for one whose contents differ."""


async def rollback(
    desk: Desk,
    visitor: Visitor,
    *,
    application: str,
    environment: str,
    revision: int | None,
    confirmed: str,
    note: str,
    show: str = "",
) -> RollbackProposed | Started | Refusal:
    """Propose to deliver `revision` again (None: the newest one before whose contents differ), or do it.

    `confirmed` is the digest of a proposal, `show` the part of it to be shown as a whole.
    """
    destination = enter(
        desk.catalog(),
        visitor.person,
        Action.ROLLBACK,
        application=application,
        environment=environment,
    )
    if isinstance(destination, Refusal):
        return destination
    current = await desk.runs.revision(application, environment)
    if current is None:
        return _nothing(destination)
    target = await _target(desk, destination, current, revision)
    if isinstance(target, Refusal):
        return target
    if confirmed:
        return await start(
            desk,
            visitor,
            destination,
            lambda latest: plan_return(desk, destination, target, latest, confirmed, note),
            back_to=target.number,
        )
    return await _propose(desk, visitor, destination, target, show)


def plan_return(
    desk: Desk,
    destination: Destination,
    target: Revision,
    latest: Latest,
    confirmed: str,
    note: str,
) -> Plan | Refusal:
    """Decide what delivers `target` again, if that is still what was confirmed and what it delivered is still kept."""
    current = latest.revision
    if current is None or digest(destination, current, target) != confirmed:
        return Refusal(code=Code.PLAN_CHANGED, facts=_place(destination))
    if latest.back_to is None:
        # Removed since it was looked up: rendered anew, it might be something else.
        return not_kept(Code.REVISION_NOT_KEPT, target.name, desk.keep.revisions)
    return _plan(destination, current, target, note)


def _plan(destination: Destination, current: Revision, target: Revision, note: str) -> Plan:
    return Plan(
        application=target.plan.application,
        environment=destination.environment,
        workflow=destination.workflow,
        version=target.plan.version,
        commit=target.plan.commit,
        code=target.plan.code,
        note=note.strip(),
        based_on=current.number,
        rollback_to=target.number,
        repeats=target.run,
    )


def digest(destination: Destination, current: Revision, target: Revision) -> str:
    """Answer what stands for everything that a rollback was decided on: revisions, steps, targets, rules."""
    decided_on = {
        "application": destination.application.name,
        "current": [current.number, current.run],
        "target": [target.number, target.run],
        "environment": asdict(destination.environment),
        "workflow": asdict(destination.workflow),
    }
    text = json.dumps(decided_on, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


async def _propose(
    desk: Desk, visitor: Visitor, destination: Destination, target: Revision, show: str
) -> RollbackProposed | Refusal:
    names = _place(destination)
    latest = await latest_of(desk, names["application"], names["environment"])
    current = latest.revision
    if current is None:
        return _nothing(destination)
    now, rule = desk.clock.now(), destination.environment.concurrency
    refused = fits_in(latest, rule, later=False, now=now)
    if refused is not None:
        return refused
    plan = admitted(
        desk.catalog(),
        visitor.person,
        destination.environment,
        _plan(destination, current, target, ""),
        latest,
        now,
    )
    if isinstance(plan, Refusal):
        return plan
    run = tentative(desk, visitor, plan, latest)
    return RollbackProposed(
        application=names["application"],
        environment=names["environment"],
        current=current,
        target=target,
        changes=changes_between(current, target),
        ahead=await _ahead(desk, run, current, target, show),
        digest=digest(destination, current, target),
        under_way=latest.unfinished,
        waiting=tuple(giving_way(run, latest, rule, now)),
    )


async def _ahead(desk: Desk, run: Run, current: Revision, target: Revision, show: str) -> Return:
    """Look what the rollback would change in the clusters, and what it does not undo."""
    kept = await desk.inventory.kept(target.run)
    forecast = await foresee(desk, run, kept=kept)
    then = kept or {at[:2]: each.manifests for at, each in outlook(run, {}).parcels.items()}
    items = await desk.inventory.items(run.application, run.environment)
    done = await desk.inventory.done(run.application, run.environment)
    revisions = await desk.runs.revisions(run.application, run.environment, limit=LOOK_BACK)
    since = [
        await desk.inventory.kept(each.run) for each in revisions if each.number > target.number
    ]
    objects = [one for each in forecast.targets for one in each.objects]
    lasting = (
        *jobs_since(then, since, items),
        *jobs_not_again(then, run.plan.environment, done),
        *cloud_that_differs(
            current.plan.application, target.plan.application, run.plan.environment
        ),
        *coming_back_empty(objects),
        *data_that_stays(then, items),
    )
    return Return(forecast=forecast, lasting=lasting, show=show)


async def _target(
    desk: Desk, destination: Destination, current: Revision, wanted: int | None
) -> Revision | Refusal:
    names = _place(destination)
    newest = await desk.runs.recent(names["application"], names["environment"], limit=1, begun=True)
    unfinished_business = bool(newest) and newest[0].number > current.run_number
    if unfinished_business and wanted in {None, current.number}:
        # A later run ended without a revision and may have changed something: go back to what was in force.
        return current
    if wanted == current.number:
        return Refusal(code=Code.ALREADY_IN_FORCE, facts={"revision": current.name})
    if wanted is not None:
        found = await desk.runs.revision(names["application"], names["environment"], wanted)
        return found or no_revision(desk, wanted, current)
    older = await desk.runs.revisions(names["application"], names["environment"], limit=LOOK_BACK)
    for each in older:
        if each.number < current.number and changes_between(current, each):
            return each
    if older[-1].number > 1 and len(older) < LOOK_BACK:
        return no_revision(desk, older[-1].number - 1, current)
    return _nothing(destination)


def _nothing(destination: Destination) -> Refusal:
    return Refusal(code=Code.NOTHING_TO_ROLL_BACK, facts=_place(destination))


def _place(destination: Destination) -> dict[str, str]:
    return {
        "application": destination.application.name,
        "environment": destination.environment.name,
    }
