"""Moments as people write them: `18:00`, `2026-11-27T18:00`, `in 2h`, with a zone behind if they like. Pure.

A moment is read twice: its form when it is typed, which gives the one way to write it, and what it means when it is
asked for, which takes the present and the zone of the one who asks. Nothing is guessed: a time that is over today is
refused, and not taken for tomorrow's.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.catalog.durations import parse_duration, write_duration
from bot.policy.refusals import Code, Refusal
from bot.wording import Sentence

FORMS = Sentence('18:00, 2026-11-27T18:00 or "in 2h"')
"""The right forms, for a person."""

ZONE = re.compile(
    r"(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}|[A-Za-z]+/[A-Za-z0-9_+/-]+|[A-Z]{2,5})", re.IGNORECASE
)
SURELY_A_ZONE = re.compile(
    r"UTC|GMT|[+-]\d{2}:?\d{2}|"
    r"(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)/\S+",
    re.IGNORECASE,
)
"""What can be nothing else in a command: `shop/prod` has the form of a zone, too."""
_IN = re.compile(r"in\s+(?P<span>\S.*)", re.IGNORECASE)
_PART = r"(\d{1,6})\s*(d|h|m|s)(?:ays?|(?:ou)?rs?|in(?:ute)?s?|ec(?:ond)?s?)?"
_SPAN = re.compile(rf"(?:{_PART}\s*)+", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?:(?P<date>\d{4}-\d{2}-\d{2})(?:T|\s+))?"
    r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
    rf"\s*(?P<zone>{ZONE.pattern})?",
    re.IGNORECASE | re.ASCII,
)
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def canonical(text: str) -> str:
    """Answer the one way to write a moment. Raises ValueError for what has no form of one."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    ahead = _IN.fullmatch(plain)
    if ahead is not None:
        return f"in {write_duration(_span(ahead['span']))}"
    clock = _CLOCK.fullmatch(plain)
    if clock is None:
        raise ValueError(text)
    day = f"{_day(clock['date'])}T" if clock["date"] else ""
    seconds = f":{clock['second']}" if int(clock["second"] or 0) else ""
    return f"{day}{int(clock['hour']):02}:{clock['minute']}{seconds}{_behind(clock['zone'])}"


def _day(text: str) -> date:
    """Read a day that is one in every zone. Raises ValueError for the first and the last year that Python has."""
    day = date.fromisoformat(text)
    if not date.min.year < day.year < date.max.year:
        raise ValueError(text)
    return day


def _behind(zone: str | None) -> str:
    """Write a zone behind a time: an offset right there, a name after a space."""
    if zone is None or zone in {"z", "Z"}:
        return zone.upper() if zone else ""
    return f" {zone}" if zone[0].isalpha() else zone


def goes_on(text: str, following: str) -> bool:
    """Say whether `following` belongs to the moment that `text` begins: `in` 2h, 18:00 UTC, 2026-11-27 18:00."""
    if re.fullmatch(r"in(?:\s+\d+)?", text, re.IGNORECASE):
        return True
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return ":" in following
    return _CLOCK.fullmatch(text) is not None and SURELY_A_ZONE.fullmatch(following) is not None


def resolve(text: str, now: datetime, own_zone: str) -> datetime | Refusal:
    """Answer the moment, in UTC, that `text` means at the time `now` for someone in `own_zone` (empty: UTC).

    `text` is canonical. Refuses a moment that is over and a zone that is none.
    """
    if text.startswith("in "):
        return now + timedelta(seconds=parse_duration(text.removeprefix("in ")))
    clock = _CLOCK.fullmatch(text)
    assert clock is not None, "only what has the form of a moment is asked for"
    zone = _zone(clock["zone"]) if clock["zone"] else (_zone(own_zone) or UTC)
    if zone is None:
        return Refusal(code=Code.TIME_UNKNOWN, facts={"time": text, "zone": clock["zone"]})
    here = now.astimezone(zone)
    day = date.fromisoformat(clock["date"]) if clock["date"] else here.date()
    time = (int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0))
    meant = datetime(day.year, day.month, day.day, *time, tzinfo=zone).astimezone(UTC)
    if meant > now:
        return meant
    tomorrow = "" if clock["date"] else f"{day + timedelta(days=1)}T{text}"
    name = clock["zone"] or own_zone or "UTC"
    return Refusal(
        code=Code.TIME_PAST,
        facts={"time": text, "zone": name, "now": f"{here:%H:%M}", "instead": tomorrow},
    )


def _span(text: str) -> float:
    """Answer the seconds of `2h`, `1 h 30 min` or `90 minutes`. Raises ValueError."""
    if _SPAN.fullmatch(text) is None:
        raise ValueError(text)
    parts = re.findall(_PART, text, re.IGNORECASE)
    seconds = sum(int(number) * _SECONDS[unit.lower()] for number, unit in parts)
    return parse_duration(f"{seconds}s")


def _zone(name: str) -> tzinfo | None:
    """Find a zone by its name or its offset."""
    if name.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    offset = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", name)
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3])
        if minutes >= 24 * 60:
            return None
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
