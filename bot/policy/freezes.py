"""Whether an environment is frozen, and until when: a pure function of its freezes and a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.catalog.cron import next_start
from bot.catalog.model import Freeze

MOST_TOGETHER: Final = 100
"""Windows of one schedule that follow each other without a gap; more are as good as no end."""
INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One time in which a freeze holds."""

    freeze: Freeze
    since: datetime
    until: datetime | None
    """None: its schedule begins anew before it ends, again and again."""


def frozen(freezes: Sequence[Freeze], now: datetime) -> tuple[Window, ...]:
    """Answer the windows that `now` is in, one of each freeze that holds."""
    found = (_next(each, now) for each in freezes)
    return tuple(each for each in found if each is not None and each.since <= now)


def coming(freezes: Sequence[Freeze], now: datetime, within: timedelta) -> tuple[Window, ...]:
    """Answer the windows that begin later than `now` and within a time."""
    found = (_next(each, now) for each in freezes)
    return tuple(each for each in found if each is not None and now < each.since <= now + within)


def _next(freeze: Freeze, now: datetime) -> Window | None:
    """Answer the window that `now` is in, or the next one."""
    if freeze.start is not None and freeze.end is not None:
        over = freeze.end <= now
        return None if over else Window(freeze=freeze, since=freeze.start, until=freeze.end)
    lasting = timedelta(seconds=freeze.duration)
    since = _start(freeze, now - lasting + INSTANT)
    return None if since is None else Window(freeze=freeze, since=since, until=_end(freeze, since))


def _end(freeze: Freeze, since: datetime) -> datetime | None:
    """Answer when the window that begins at `since` is over, with those that follow it without a gap."""
    lasting = timedelta(seconds=freeze.duration)
    until = since + lasting
    for _ in range(MOST_TOGETHER):
        following = _start(freeze, until - lasting + INSTANT)
        if following is None or following > until:
            return until
        until = following + lasting
    return None


def _start(freeze: Freeze, moment: datetime) -> datetime | None:
    return next_start(freeze.schedule, freeze.time_zone, moment)
