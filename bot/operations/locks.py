"""Locking an environment and lifting the lock again, once, with everyone in its channel told.

What becomes of a lock is decided inside the store's transaction, on the lock as it is then: of two people at once, the
second is told of the first. One request changes a lock once, however often it is answered.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.catalog.model import Environment
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import application_called, environment_called
from bot.operations.results import LockSet, Unlocked
from bot.policy.decisions import Action, may
from bot.policy.holds import held, may_lift, refused
from bot.policy.refusals import Code, Refusal
from bot.run.locks import Lock, LockChange


async def lock(
    desk: Desk,
    visitor: Visitor,
    *,
    environment: str,
    application: str,
    reason: str,
    lasting: timedelta | None,
    version: str,
) -> LockSet | Refusal:
    """Lock an environment, or one application in it; its holder changes reason, end and version that way.

    `lasting` None means until somebody lifts it, and of a lock that is changed that its end stays as it is; so does the
    `version`, which is what the holder goes on delivering.
    """
    place = _enter(desk, visitor, environment, application)
    if isinstance(place, Refusal):
        return place
    now = desk.clock.now()
    wanted = Lock(
        environment=place.name,
        application=application,
        by=visitor.person.name,
        reason=" ".join(reason.split()),
        since=now,
        until=None if lasting is None else now + lasting,
        version=version,
    )
    change, found = await desk.locks.change(
        place.name,
        application,
        lambda present: _locking(visitor, wanted, present, now),
        request=visitor.request,
    )
    if change is None:
        return _taken(desk, place, found, now)
    desk.announce()
    return LockSet(lock=change.lock, before=change.before)


async def unlock(
    desk: Desk, visitor: Visitor, *, environment: str, application: str
) -> Unlocked | Refusal:
    """Lift the lock of an environment, or of one application in it."""
    place = _place(desk, environment, application)
    if isinstance(place, Refusal):
        return place
    now, catalog = desk.clock.now(), desk.catalog()

    def decide(present: Lock | None) -> LockChange | None:
        if present is None or not present.holds(now):
            return None
        if isinstance(may_lift(catalog, visitor.person, place, present), Refusal):
            return None
        return _change(visitor, now, present, None)

    change, found = await desk.locks.change(
        place.name, application, decide, request=visitor.request
    )
    if change is not None:
        desk.announce()
        return Unlocked(lock=change.lock)
    if found is not None and found.holds(now):
        answer = may_lift(catalog, visitor.person, place, found)
        assert isinstance(answer, Refusal), "a pure decision answers the same for the same facts"
        return answer
    others = [each for each in await desk.locks.there_are(place.name) if each.holds(now)]
    facts = {
        "environment": place.name,
        "application": application,
        "others": ", ".join(each.application for each in others if each.application),
        "whole": next((each.by for each in others if not each.application), ""),
    }
    return Refusal(code=Code.NOT_LOCKED, facts=facts)


def _locking(
    visitor: Visitor, wanted: Lock, present: Lock | None, now: datetime
) -> LockChange | None:
    """Decide what locking changes; None when somebody else has the lock."""
    if present is None or not present.holds(now):
        return _change(visitor, now, None, wanted)
    if present.by != wanted.by:
        return None
    changed = replace(
        wanted,
        since=present.since,
        until=wanted.until or present.until,
        version=wanted.version or present.version,
    )
    return _change(visitor, now, present, changed)


def _change(visitor: Visitor, now: datetime, before: Lock | None, after: Lock | None) -> LockChange:
    return LockChange(
        at=now,
        by=visitor.person.name,
        channel=visitor.origin.channel,
        chat=visitor.origin.chat,
        before=before,
        after=after,
    )


def _taken(desk: Desk, place: Environment, found: Lock | None, now: datetime) -> Refusal:
    assert found is not None, "nothing else keeps a lock from being set"
    hold = held(place, found.application, [found], now)
    assert hold is not None, "a pure decision answers the same for the same facts"
    return refused(desk.catalog(), hold)


def _enter(
    desk: Desk, visitor: Visitor, environment: str, application: str
) -> Environment | Refusal:
    place = _place(desk, environment, application)
    if isinstance(place, Refusal):
        return place
    answer = may(desk.catalog(), visitor.person, Action.LOCK, place, application=application)
    return answer if isinstance(answer, Refusal) else place


def _place(desk: Desk, environment: str, application: str) -> Environment | Refusal:
    place = environment_called(desk.catalog(), environment)
    if isinstance(place, Refusal) or not application:
        return place
    found = application_called(desk.catalog(), application)
    return found if isinstance(found, Refusal) else place
