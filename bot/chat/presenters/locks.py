"""What keeps an environment from being delivered to: told in its channel, listed, and named where it was passed."""

from collections.abc import Iterable
from datetime import datetime

from bot.catalog.model import Catalog
from bot.chat.message import Bold, Code, Icon, Line, Mention, Message, Span, Text, Time
from bot.chat.presenters.words import joined, moment
from bot.operations.results import LockSet, Unlocked
from bot.policy.holds import Hold, HoldKind
from bot.run.locks import LockChange


def told(change: LockChange, catalog: Catalog) -> Message:
    """Tell everyone in a channel what became of a lock."""
    lock = change.lock
    if change.after is None:
        return _lifted(change, catalog)
    verb = "changed the lock of" if change.before else "locked"
    first: Line = (Icon("lock"), " ", Bold(change.by), f" {verb} ", Bold(lock.place))
    rest = joined(*_terms(lock.by, lock.version, lock.until, at_once=True))
    how = f"unlock {lock.environment}"
    if lock.application:
        how += f" --app {lock.application}"
    summary = f"{change.by} {verb} {lock.place}: {lock.reason}, {_plain(rest)}"
    return Message(
        summary=summary,
        blocks=(
            Text(lines=((*first, f": {lock.reason}"), rest)),
            Text(lines=(("To lift it: ", Code(f"/shipmate {how}")),), faint=True),
        ),
    )


def _lifted(change: LockChange, catalog: Catalog) -> Message:
    lock = change.lock
    line: list[Span] = [Icon("unlock"), " ", Bold(change.by), " unlocked ", Bold(lock.place)]
    summary = f"{change.by} unlocked {lock.place}"
    if change.by != lock.by:
        known = lock.by in catalog.people
        line += [", which ", Mention(lock.by, notify=True) if known else lock.by, " had locked"]
        summary += f", which {lock.by} had locked"
    line.append(f" ({lock.reason})")
    return Message(summary=f"{summary} ({lock.reason})", blocks=(Text(lines=(tuple(line),)),))


def done(result: LockSet | Unlocked) -> Message:
    """Answer whoever locked or unlocked."""
    lock = result.lock
    if isinstance(result, Unlocked):
        said = f"{lock.place} is unlocked."
        return Message(summary=said, blocks=(Text(lines=((Icon("unlock"), f" {said}"),)),))
    said = f"{'The lock of ' if result.before else ''}{lock.place} is "
    said += "changed." if result.before else "locked."
    terms = joined(*_terms(lock.by, lock.version, lock.until, at_once=True))
    return Message(summary=said, blocks=(Text(lines=((Icon("lock"), f" {said}"), terms)),))


def listed(holds: Iterable[Hold], now: datetime | None) -> tuple[Line, ...]:
    """Write a line for each thing that holds an environment, or will soon."""
    return tuple(_line(each, now or each.since) for each in holds)


def _line(hold: Hold, now: datetime) -> Line:
    place = f"{hold.application} in {hold.environment}" if hold.application else hold.environment
    reason: Line = (hold.reason,) if hold.reason else ()
    if hold.kind is HoldKind.LOCK:
        head: Line = (Icon("lock"), " ", Bold(place), f" is locked by {hold.by}")
        return joined(head, reason, *_terms(hold.by, hold.version, hold.until))
    if hold.since > now:
        head = (Icon("freeze"), " ", Bold(place), f": the freeze {hold.name} begins ")
        return joined((*head, Time(hold.since, dated=True)), reason, *_terms("", "", hold.until))
    head = (Icon("freeze"), " ", Bold(place), f" is frozen: {hold.name}")
    passing: Line = (f"{' and '.join(hold.roles)} may pass",) if hold.roles else ()
    return joined(head, reason, *_terms("", "", hold.until), passing)


def _terms(
    by: str, version: str, until: datetime | None, *, at_once: bool = False
) -> tuple[Line, ...]:
    """Say until when, and what goes through; `at_once` also that there is no end."""
    end: Line = ("until ", Time(until, dated=True)) if until else ()
    if not until and at_once:
        end = ("until it is lifted",)
    through: Line = (f"{by} may deliver ", Code(version)) if version else ()
    return (end, through)


def _plain(line: Line) -> str:
    """Write a line without markup, for a notification and a screen reader."""
    said = ""
    for span in line:
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
