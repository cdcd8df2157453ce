"""Schedules as cron writes them: five fields, in a time zone. Pure: a moment goes in, the next one comes out.

The fields are APScheduler's, which counts the days of the week from Monday and wants a day of the month and of the week
to fit both; here they mean what cron's own manual says: 0 and 7 are Sunday, and one of the two days is enough.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS: Final = 5
EXPECTED: Final = "expected a cron schedule of five fields such as 0 18 * * FRI"


def zone_of(name: str) -> ZoneInfo:
    """Find a time zone by its IANA name. Raises ValueError with a sentence for a person."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise ValueError(f"expected a time zone such as Asia/Shanghai, found {name!r}") from error


def check_cron(schedule: str) -> None:
    """Raise ValueError, with a sentence for a person, for a schedule that is none or never comes."""
    if next_start(schedule, "UTC", datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise ValueError(f"{EXPECTED}, found {schedule!r}, which never comes")


def next_start(schedule: str, zone: str, moment: datetime) -> datetime | None:
    """Answer the first time, in UTC, at or after `moment` that a schedule names in a zone; None: there is none.

    Raises ValueError for what is no schedule, or no zone.
    """
    found = [each.get_next_fire_time(None, moment) for each in _triggers(schedule, zone)]
    return min((each.astimezone(UTC) for each in found if each is not None), default=None)


@lru_cache(maxsize=256)
def _triggers(schedule: str, zone: str) -> tuple[CronTrigger, ...]:
    """Make what knows the times of a schedule: two where either of two days is enough."""
    fields = schedule.split()
    if len(fields) != FIELDS:
        raise ValueError(f"{EXPECTED}, found {schedule!r}")
    minute, hour, day, month, weekday = fields
    either = "*" not in (day[0], weekday[0])
    days = [(day, "*"), ("*", weekday)] if either else [(day, weekday)]
    try:
        return tuple(
            CronTrigger(
                minute=minute,
                hour=hour,
                day=of_month,
                month=month,
                day_of_week=_weekdays(of_week),
                timezone=zone_of(zone),
            )
            for of_month, of_week in days
        )
    except (ValueError, TypeError) as error:
        raise ValueError(f"{EXPECTED}, found {schedule!r} ({error})") from error


def _weekdays(field: str) -> str:
    """Write a field of weekdays with names, which mean the same everywhere."""
    return field if field == "*" else ",".join(dict.fromkeys(_named(field)))


def _named(field: str) -> Iterator[str]:
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = ("0", "-", "6") if span == "*" else span.partition("-")
        start = _day(first)
        end = _day(last) if dash else start
        if end < start:
            end += 7
        every = int(step) if slash and step.isdecimal() else 1
        if (slash and not step.isdecimal()) or every == 0:
            raise ValueError(f"{part!r} has no step")
        yield from (DAYS[each % 7] for each in range(start, end + 1, every))


def _day(text: str) -> int:
    """Answer the number of a day of the week, by its number or name; Sunday is 0."""
    if text.isdecimal() and int(text) <= 7:
        return int(text)
    if text.lower()[:3] in DAYS and len(text) == 3:
        return DAYS.index(text.lower())
    raise ValueError(f"{text!r} is no day of the week")
