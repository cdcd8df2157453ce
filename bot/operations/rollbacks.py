"""Rolling back: an older revision delivered again, by today's workflow, after a look at what it changes.

It is asked twice: the first answer shows the difference and carries a digest of everything that was decided
on; the second has to bring it, and is refused when anything has changed in between.
"""

import hashlib
import json
from dataclasses import asdict

from bot.operations.desk import Desk, Visitor
from bot.operations.finding import Destination, enter
from bot.operations.queries import changes_between
from bot.operations.results import RollbackProposed, Started
from bot.operations.starting import busy, start
from bot.policy.decisions import Action
from bot.policy.refusals import Code, Refusal
from bot.run.model import Plan, Revision
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
) -> RollbackProposed | Started | Refusal:
    """Propose to deliver `revision` again (None: the newest one before whose contents differ), or do it.

    `confirmed` is the digest of a proposal.
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
            lambda latest: plan_return(destination, target, latest, confirmed, note),
        )
    return await _propose(desk, destination, current, target)


def plan_return(
    destination: Destination, target: Revision, latest: Latest, confirmed: str, note: str
) -> Plan | Refusal:
    """Decide what delivers `target` again, if that is still what was confirmed."""
    current = latest.revision
    if current is None or digest(destination, current, target) != confirmed:
        return Refusal(code=Code.PLAN_CHANGED, facts=_place(destination))
    return Plan(
        application=target.plan.application,
        environment=destination.environment,
        workflow=destination.workflow,
        version=target.plan.version,
        commit=target.plan.commit,
        note=note.strip(),
        based_on=current.number,
        rollback_to=target.number,
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
    desk: Desk, destination: Destination, current: Revision, target: Revision
) -> RollbackProposed | Refusal:
    names = _place(destination)
    newest = await desk.runs.recent(names["application"], names["environment"], limit=1)
    if newest and not newest[0].phase.ended:
        return busy(newest[0])
    return RollbackProposed(
        application=names["application"],
        environment=names["environment"],
        current=current,
        target=target,
        changes=changes_between(current, target),
        digest=digest(destination, current, target),
    )


async def _target(
    desk: Desk, destination: Destination, current: Revision, wanted: int | None
) -> Revision | Refusal:
    names = _place(destination)
    newest = await desk.runs.recent(names["application"], names["environment"], limit=1)
    unfinished_business = bool(newest) and newest[0].number > current.run_number
    if unfinished_business and wanted in {None, current.number}:
        # A later run ended without a revision and may have changed something: go back to what was in force.
        return current
    if wanted == current.number:
        return Refusal(code=Code.ALREADY_IN_FORCE, facts={"revision": current.name})
    if wanted is not None:
        found = await desk.runs.revision(names["application"], names["environment"], wanted)
        return found or Refusal(
            code=Code.UNKNOWN_REVISION, facts={"name": f"v{wanted}", "newest": current.name}
        )
    older = await desk.runs.revisions(names["application"], names["environment"], limit=LOOK_BACK)
    for each in older:
        if each.number < current.number and changes_between(current, each):
            return each
    return _nothing(destination)


def _nothing(destination: Destination) -> Refusal:
    return Refusal(code=Code.NOTHING_TO_ROLL_BACK, facts=_place(destination))


def _place(destination: Destination) -> dict[str, str]:
    return {
        "application": destination.application.name,
        "environment": destination.environment.name,
    }
