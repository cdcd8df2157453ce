"""Working time goes on in working hours only, by the clocks of the place."""

from datetime import UTC, datetime

import pytest

from bot.catalog.approving import WorkingHours
from bot.run.hours import moment

SHANGHAI = WorkingHours(time_zone="Asia/Shanghai", days=(0, 1, 2, 3, 4), start=9 * 60, end=18 * 60)
BERLIN = WorkingHours(time_zone="Europe/Berlin", days=tuple(range(7)), start=0, end=24 * 60)
HOUR = 3600.0


@pytest.mark.parametrize(
    ("start", "hours", "rings"),
    [
        ("2026-11-23T02:00", 2, "2026-11-23T04:00"),  # Monday, 10:00 there
        ("2026-11-23T09:30", 2, "2026-11-24T02:30"),  # 17:30: half an hour is left of the day
        ("2026-11-23T10:00", 2, "2026-11-24T03:00"),  # 18:00: the day is over
        ("2026-11-23T09:00", 1, "2026-11-23T10:00"),  # to the minute
        ("2026-11-20T16:00", 1, "2026-11-23T02:00"),  # Friday night: Monday
        ("2026-11-21T04:00", 10, "2026-11-24T02:00"),  # Saturday, more than a day
        ("2026-11-22T23:30", 0.5, "2026-11-23T01:30"),  # Monday, 07:30: it is not nine yet
    ],
)
def test_it_rings_in_working_hours(start: str, hours: float, rings: str) -> None:
    begun = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert moment(begun, hours * HOUR, SHANGHAI) == datetime.fromisoformat(rings).replace(
        tzinfo=UTC
    )


def test_without_hours_all_time_counts() -> None:
    begun = datetime(2026, 11, 21, 4, tzinfo=UTC)
    assert moment(begun, 90.0, None) == datetime(2026, 11, 21, 4, 1, 30, tzinfo=UTC)


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is() -> None:
    begun = datetime(2026, 3, 28, 22, tzinfo=UTC)  # 23:00; the day after has 23 hours
    assert moment(begun, 26 * HOUR, BERLIN) == datetime(2026, 3, 30, 0, tzinfo=UTC)
