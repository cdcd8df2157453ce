"""What keeps an environment from being delivered to: told in its channel, listed, and named where it was passed."""

from collections.abc import Iterable
from datetime import datetime

from bot.catalog.model import Catalog
from bot.chat.language import _, line
from bot.chat.message import Bold, Code, Icon, Line, Mention, Message, Span, Text, Time
from bot.chat.presenters.words import joined, moment
from bot.command.grammar import unparse
from bot.command.requests import Unlock
from bot.operations.results import LockSet, Unlocked
from bot.policy.holds import Hold, HoldKind
from bot.run.locks import LockChange


def told(change: LockChange, catalog: Catalog) -> Message:
    """Tell everyone in a channel what became of a lock."""
    lock = change.lock
    if change.after is None:
        return _lifted(change, catalog)
    terms = joined(*_terms(lock.by, lock.version, lock.until, at_once=True))
    by, place = Bold(change.by), Bold(place_of(lock.application, lock.environment))
    first = (
        line("{by} changed the lock of {place}: {reason}", by=by, place=place, reason=lock.reason)
        if change.before
        else line("{by} locked {place}: {reason}", by=by, place=place, reason=lock.reason)
    )
    how = unparse(Unlock(environment=lock.environment, application=lock.application))
    lifting = line("To lift it: {command}", command=Code(f"/shipmate {how}"))
    return Message(
        summary=_("{what}, {terms}", what=_plain(first), terms=_plain(terms)),
        blocks=(
            Text(lines=((Icon("lock"), " ", *first), terms)),
            Text(lines=(lifting,), faint=True),
        ),
    )


def _lifted(change: LockChange, catalog: Catalog) -> Message:
    lock = change.lock
    known = lock.by in catalog.people
    said = _who_unlocked(change, Mention(lock.by, notify=True) if known else lock.by)
    summary = _plain(_who_unlocked(change, lock.by))
    return Message(summary=summary, blocks=(Text(lines=((Icon("unlock"), " ", *said),)),))


def _who_unlocked(change: LockChange, holder: Span) -> Line:
    lock = change.lock
    by, place = Bold(change.by), Bold(place_of(lock.application, lock.environment))
    if change.by == lock.by:
        return line("{by} unlocked {place} ({reason})", by=by, place=place, reason=lock.reason)
    return line(
        "{by} unlocked {place}, which {holder} had locked ({reason})",
        by=by,
        place=place,
        holder=holder,
        reason=lock.reason,
    )


def done(result: LockSet | Unlocked) -> Message:
    """Answer whoever locked or unlocked."""
    lock = result.lock
    place = place_of(lock.application, lock.environment)
    if isinstance(result, Unlocked):
        said = _("{place} is unlocked.", place=place)
        return Message(summary=said, blocks=(Text(lines=((Icon("unlock"), f" {said}"),)),))
    changed = _("The lock of {place} is changed.", place=place)
    said = changed if result.before else _("{place} is locked.", place=place)
    terms = joined(*_terms(lock.by, lock.version, lock.until, at_once=True))
    return Message(summary=said, blocks=(Text(lines=((Icon("lock"), f" {said}"), terms)),))


def listed(holds: Iterable[Hold], now: datetime | None) -> tuple[Line, ...]:
    """Write a line for each thing that holds an environment, or will soon."""
    return tuple(_line(each, now or each.since) for each in holds)


def _line(hold: Hold, now: datetime) -> Line:
    place = Bold(place_of(hold.application, hold.environment))
    reason: Line = (hold.reason,) if hold.reason else ()
    if hold.kind is HoldKind.LOCK:
        head: Line = (
            Icon("lock"),
            " ",
            *line("{place} is locked by {by}", place=place, by=hold.by),
        )
        return joined(head, reason, *_terms(hold.by, hold.version, hold.until))
    if hold.since > now:
        begins = line(
            "{place}: the freeze {name} begins {time}",
            place=place,
            name=hold.name,
            time=Time(hold.since, dated=True),
        )
        return joined((Icon("freeze"), " ", *begins), reason, *_terms("", "", hold.until))
    head = (Icon("freeze"), " ", *line("{place} is frozen: {name}", place=place, name=hold.name))
    passing: Line = ()
    if hold.roles:
        passing = (_("{roles} may pass", roles=_(" and ").join(hold.roles)),)
    return joined(head, reason, *_terms("", "", hold.until), passing)


def _terms(
    by: str, version: str, until: datetime | None, *, at_once: bool = False
) -> tuple[Line, ...]:
    """Say until when, and what goes through; `at_once` also that there is no end."""
    end: Line = line("until {time}", time=Time(until, dated=True)) if until else ()
    if not until and at_once:
        end = (_("until it is lifted"),)
    through: Line = ()
    if version:
        through = line("{by} may deliver {version}", by=by, version=Code(version))
    return (end, through)


def place_of(application: str, environment: str) -> str:
    """Answer what is held: all of an environment, or one application there."""
    if not application:
        return environment
    return _("{application} in {environment}", application=application, environment=environment)


def _plain(spans: Line) -> str:
    """Write a line without markup, for a notification and a screen reader."""
    said = ""
    for span in spans:
        match span:
            case str():
                said += span
            case Time():
                said += moment(span.at)
            case Code() | Bold():
                said += span.text
            case _:
                continue
    return said
