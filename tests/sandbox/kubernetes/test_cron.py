"""When a schedule is due."""

from datetime import UTC, datetime

import pytest

from bot.sandbox.kubernetes import cron


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "zone", "moment", "due"),
    [
        ("*/5 * * * *", None, "2026-11-25T10:02", "2026-11-25T10:05"),
        ("*/5 * * * *", None, "2026-11-25T10:05", "2026-11-25T10:10"),
        ("0 3 * * *", None, "2026-11-25T10:00", "2026-11-26T03:00"),
        ("0 3 * * *", "Asia/Shanghai", "2026-11-25T10:00", "2026-11-25T19:00"),
        ("0 0 1 jan *", None, "2026-11-25T10:00", "2027-01-01T00:00"),
        ("0 0 13 * fri", None, "2026-11-25T10:00", "2026-11-27T00:00"),
        ("30 8-9 * * mon-fri", None, "2026-11-27T09:30", "2026-11-30T08:30"),
        ("@hourly", None, "2026-11-25T10:02", "2026-11-25T11:00"),
        ("0 0 29 2 *", None, "2026-11-25T10:00", "2028-02-29T00:00"),
        ("@every 90s", None, "2026-11-25T10:00", "2026-11-25T10:01:30"),
    ],
)
def test_the_next_time_is_found(schedule: str, zone: str | None, moment: str, due: str) -> None:
    assert cron.parse(schedule, zone).after(at(moment)) == at(due)


def test_a_day_that_never_comes_is_never_due() -> None:
    assert cron.parse("0 0 31 2 *").after(at("2026-11-25T10:00")) is None


@pytest.mark.parametrize(
    "schedule", ["@noon", "* * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *"]
)
def test_what_is_no_schedule_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        cron.parse(schedule)
