"""Deploying, now or at a moment, and promoting: the run that delivers what is wished for.

What a wish means is `deliveries`' business; whoever may deploy in an environment may promote to it.
"""

from dataclasses import replace

from bot.operations.deliveries import plan_delivery, unfit
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import application_called, enter, environment_called
from bot.operations.moments import resolve
from bot.operations.results import Started
from bot.operations.starting import start
from bot.policy.decisions import Action
from bot.policy.refusals import Code, Refusal
from bot.run.waiting import Wish


async def deploy(
    desk: Desk, visitor: Visitor, *, application: str, environment: str, wish: Wish, at: str = ""
) -> Started | Refusal:
    """Start the run that delivers what is wished for, `at` a moment as `moments` has them, or now."""
    destination = enter(
        desk.catalog(),
        visitor.person,
        Action.DEPLOY,
        application=application,
        environment=environment,
    )
    if isinstance(destination, Refusal):
        return destination
    senseless = unfit(destination.application, wish)
    if senseless is not None:
        return senseless
    moment = resolve(at, desk.clock.now(), visitor.zone) if at else None
    if isinstance(moment, Refusal):
        return moment
    return await start(
        desk,
        visitor,
        destination,
        lambda latest: plan_delivery(destination, wish, latest),
        wish=wish,
        at=moment,
    )


async def promoted(
    desk: Desk, *, application: str, origin: str, environment: str, note: str
) -> Wish | Refusal:
    """Answer the wish for what `origin` runs now: its newest revision, as far as the application still has its parts."""
    catalog = desk.catalog()
    found = application_called(catalog, application)
    if isinstance(found, Refusal):
        return found
    for name in (origin, environment):
        place = environment_called(catalog, name)
        if isinstance(place, Refusal):
            return place
    if origin == environment:
        return Refusal(code=Code.SAME_ENVIRONMENT, facts={"environment": environment})
    revision = await desk.runs.revision(application, origin)
    if revision is None:
        facts = {"application": application, "environment": origin}
        return Refusal(code=Code.NOTHING_TO_PROMOTE, facts=facts)
    with_images = {each.name for each in found.components if each.has_image}
    images = revision.plan.images
    return Wish(
        version=revision.plan.version,
        images={name: images[name] for name in images if name in with_images},
        commit=revision.plan.commit,
        code=revision.plan.code,
        note=note,
        promoted_from=origin,
        revision=revision.number,
    )


async def promote(
    desk: Desk,
    visitor: Visitor,
    *,
    application: str,
    origin: str,
    environment: str,
    note: str,
    at: str = "",
) -> Started | Refusal:
    """Start the run that delivers to `environment` what `origin` runs now: that, whenever it begins (`at`)."""
    wish = await promoted(
        desk, application=application, origin=origin, environment=environment, note=note
    )
    if isinstance(wish, Refusal):
        return wish
    started = await deploy(
        desk, visitor, application=application, environment=environment, wish=wish, at=at
    )
    if isinstance(started, Refusal):
        return started
    there = await desk.runs.latest(application, origin)
    return replace(started, not_in_it=there.unfinished)
