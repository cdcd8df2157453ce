"""When a CronJob is due: the five fields of a schedule, its macros and its time zone. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
EVERY = re.compile(r"@every\s+((?:\d+[hms])+)")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS: tuple[tuple[int, int, Mapping[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: at for at, name in enumerate(MONTHS, 1)}),
    (0, 6, {name: at for at, name in enumerate(DAYS)}),
)
LONGEST = timedelta(days=366 * 5)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due, again and again."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool
    zone: ZoneInfo | None = None
    every: timedelta | None = None

    def after(self, moment: datetime) -> datetime | None:
        """Answer the first time after a moment; None when there is none within five years."""
        if self.every is not None:
            return (moment + self.every).replace(microsecond=0)
        zone = self.zone or UTC
        here = moment.astimezone(zone).replace(second=0, microsecond=0) + timedelta(minutes=1)
        end = here + LONGEST
        while here < end:
            if here.month not in self.months or not self._is_day(here):
                here = (here + timedelta(days=1)).replace(hour=0, minute=0)
            elif here.hour not in self.hours:
                here = (here + timedelta(hours=1)).replace(minute=0)
            elif here.minute not in self.minutes:
                here += timedelta(minutes=1)
            else:
                return here.astimezone(UTC)
        return None

    def _is_day(self, here: datetime) -> bool:
        """Say whether a day is meant: by both fields, or by either when both narrow it, as cron has it."""
        by_month = here.day in self.days
        by_week = here.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_month and by_week
        return by_month or by_week


def parse(text: str, zone: str | None = None) -> Schedule:
    """Read a schedule. Raises ValueError in the words of the real parser."""
    place = ZoneInfo(zone) if zone else None
    every = EVERY.fullmatch(text)
    if every is not None:
        return _schedule("* * * * *", place, _duration(every[1]))
    return _schedule(MACROS.get(text, text), place, None)


def _schedule(text: str, zone: ZoneInfo | None, every: timedelta | None) -> Schedule:
    if text.startswith("@"):
        raise ValueError(f"unrecognized descriptor: {text}")
    parts = text.split()
    if len(parts) != len(FIELDS):
        raise ValueError(f"expected exactly 5 fields, found {len(parts)}: [{' '.join(parts)}]")
    minutes, hours, days, months, weekdays = (
        _field(part, *about) for part, about in zip(parts, FIELDS, strict=True)
    )
    return Schedule(
        minutes,
        hours,
        days,
        months,
        weekdays,
        any_day=parts[2].startswith(("*", "?")),
        any_weekday=parts[4].startswith(("*", "?")),
        zone=zone,
        every=every,
    )


def _field(text: str, least: int, most: int, names: Mapping[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span in {"*", "?"}:
            first, last = least, most
        else:
            low, dash, high = span.partition("-")
            first = _number(low, names)
            last = _number(high, names) if dash else (most if step else first)
        if first < least:
            raise ValueError(f"beginning of range ({first}) below minimum ({least}): {part}")
        if last > most:
            raise ValueError(f"end of range ({last}) above maximum ({most}): {part}")
        if first > last:
            raise ValueError(f"beginning of range ({first}) beyond end of range ({last}): {part}")
        width = _number(step, {}) if step else 1
        if width == 0:
            raise ValueError(f"step of range should be a positive number: {part}")
        found.update(range(first, last + 1, width))
    return frozenset(found)


def _number(text: str, names: Mapping[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not text.isdigit():
        raise ValueError(
            f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax'
        )
    return int(text)


def _duration(text: str) -> timedelta:
    units = {"h": 3600, "m": 60, "s": 1}
    found = re.findall(r"(\d+)([hms])", text)
    return timedelta(seconds=max(1, sum(int(number) * units[unit] for number, unit in found)))
