"""What differs: between two revisions as they were rendered then, and between what is in force and the clusters."""

from dataclasses import replace

from bot.catalog.model import Target
from bot.forecast.applications import changes
from bot.forecast.fates import ObjectForecast
from bot.forecast.revisions import between
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import enter, no_revision
from bot.operations.forecasts import LiveShown, TargetForecast
from bot.operations.previews import compare_live
from bot.operations.results import Change, Difference
from bot.policy.decisions import Action
from bot.policy.refusals import Code, Refusal
from bot.run.model import Revision


async def diff(
    desk: Desk,
    visitor: Visitor,
    *,
    application: str,
    environment: str,
    older: int | None,
    newer: int | None,
    show: str = "",
) -> Difference | Refusal:
    """Compare two revisions, in the order of their numbers whichever was named first.

    With one, it and the newest; with none, or with the newest alone, the newest and the one before.
    """
    place = enter(
        desk.catalog(),
        visitor.person,
        Action.VIEW,
        application=application,
        environment=environment,
    )
    if isinstance(place, Refusal):
        return place
    newest = await desk.runs.revision(application, environment)
    if newest is None or newest.number == 1:
        facts = {"application": application, "environment": environment}
        return Refusal(code=Code.NOTHING_TO_COMPARE, facts=facts)
    found: list[Revision] = []
    for number in _compared(older, newer, newest.number):
        revision = await desk.runs.revision(application, environment, number)
        if revision is None:
            return no_revision(desk, number, newest)
        found.append(revision)
    later, earlier = found
    return Difference(
        application=application,
        environment=environment,
        older=earlier,
        newer=later,
        changes=changes_between(earlier, later),
        targets=await _objects(desk, earlier, later),
        show=show,
    )


async def live(
    desk: Desk, visitor: Visitor, *, application: str, environment: str, show: str = ""
) -> LiveShown | Refusal:
    """Compare what was sent last with what is there: what others have changed since."""
    place = enter(
        desk.catalog(),
        visitor.person,
        Action.VIEW,
        application=application,
        environment=environment,
    )
    if isinstance(place, Refusal):
        return place
    revision = await desk.runs.revision(application, environment)
    recent = await desk.runs.recent(application, environment, limit=1, begun=True)
    newest = recent[0] if recent else None
    sent = revision.plan.application if revision else place.application
    return LiveShown(
        application=application,
        environment=environment,
        revision=revision,
        forecast=await compare_live(desk, sent, place.environment),
        newest=newest
        if newest and newest.number > (revision.run_number if revision else 0)
        else None,
        show=show,
    )


def changes_between(before: Revision, after: Revision) -> tuple[Change, ...]:
    """Answer what changes of the application, field by field, when `after` follows `before`."""
    return tuple(
        Change(component=component, path=path, before=was, after=becomes)
        for component, path, was, becomes in changes(
            before.plan.application, after.plan.application
        )
    )


async def _objects(desk: Desk, older: Revision, newer: Revision) -> tuple[TargetForecast, ...]:
    """Answer what changed object by object; nothing when one of them is of a Shipmate that kept no objects."""
    before = await desk.inventory.kept(older.run)
    after = await desk.inventory.kept(newer.run)
    if not before or not after:
        return ()
    environment = newer.plan.environment
    targets = {each.name: each for each in (*older.plan.environment.targets, *environment.targets)}
    rank = {each.name: at for at, each in enumerate(environment.targets)}
    found = between(before, after)
    return tuple(
        TargetForecast(
            name=name,
            cluster=targets[name].cluster if name in targets else "",
            objects=tuple(_at_home(each, targets.get(name)) for each in found[name]),
        )
        for name in sorted(found, key=lambda each: rank.get(each, len(rank)))
    )


def _at_home(found: ObjectForecast, target: Target | None) -> ObjectForecast:
    """Leave the namespace out where it is the target's own."""
    own = target is not None and found.namespace == target.namespace
    return replace(found, namespace="") if own else found


def _compared(older: int | None, newer: int | None, newest: int) -> tuple[int, int]:
    """Answer the numbers of the two revisions to compare, the later one first."""
    named = sorted(number for number in (older, newer) if number is not None)
    if not named or named == [newest]:
        return newest, newest - 1
    first, last = named if len(named) == 2 else sorted([*named, newest])
    return last, first
