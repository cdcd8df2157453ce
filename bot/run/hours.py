"""When a stretch of working time is over. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bot.catalog.approving import WorkingHours

MINUTES = 24 * 60


def moment(start: datetime, after: float, hours: WorkingHours | None) -> datetime:
    """Answer when `after` seconds of working time have passed since `start`; without `hours` all time counts."""
    if hours is None or not hours.days:
        return start + timedelta(seconds=after)
    zone = _zone(hours.time_zone)
    left = timedelta(seconds=after)
    day = start.astimezone(zone).date()
    while True:
        if day.weekday() in hours.days:
            begins = max(start, _at(day, hours.start, zone))
            ends = _at(day, hours.end, zone)
            if begins + left <= ends:
                return begins + left
            left -= max(timedelta(), ends - begins)
        day += timedelta(days=1)


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Answer a minute of a day of the zone, as the clocks there show it."""
    whole, minute = divmod(minutes, MINUTES)
    local = datetime.combine(day + timedelta(days=whole), time(minute // 60, minute % 60), zone)
    return local.astimezone(UTC)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
