"""Whether an environment is frozen now, until when, and what begins soon."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalog.model import Freeze
from bot.policy.freezes import Window, coming, frozen

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEKEND = Freeze(
    name="weekend", schedule="0 18 * * FRI", duration=62 * 3600.0, time_zone="Asia/Shanghai"
)
FRIDAY = datetime(2026, 11, 27, 10, tzinfo=UTC)
"""18:00 in Shanghai."""
MONDAY = datetime(2026, 11, 30, 0, tzinfo=UTC)
HOLIDAYS = Freeze(
    name="holidays",
    start=datetime(2026, 12, 24, tzinfo=UTC),
    end=datetime(2026, 12, 27, tzinfo=UTC),
)


def holding(now: datetime, *freezes: Freeze) -> list[tuple[str, datetime, datetime | None]]:
    return [(each.freeze.name, each.since, each.until) for each in frozen(freezes, now)]


def test_a_freeze_holds_from_its_first_moment_and_not_at_its_last() -> None:
    weekend = [("weekend", FRIDAY, MONDAY)]
    instant = timedelta(microseconds=1)

    assert holding(FRIDAY - instant, WEEKEND) == []
    assert holding(FRIDAY, WEEKEND) == weekend
    assert holding(FRIDAY + 30 * HOUR, WEEKEND) == weekend
    assert holding(MONDAY - instant, WEEKEND) == weekend
    assert holding(MONDAY, WEEKEND) == []


def test_a_freeze_of_fixed_times_holds_once() -> None:
    first, last = HOLIDAYS.start, HOLIDAYS.end
    assert first is not None
    assert last is not None

    assert holding(first - HOUR, HOLIDAYS) == []
    assert holding(first, WEEKEND, HOLIDAYS) == [("holidays", first, last)]
    assert holding(last, HOLIDAYS) == []
    assert holding(first + 366 * DAY, HOLIDAYS) == []


def test_two_freezes_hold_beside_each_other() -> None:
    christmas = datetime(2026, 12, 26, tzinfo=UTC)

    assert [name for name, _, _ in holding(christmas, WEEKEND, HOLIDAYS)] == ["weekend", "holidays"]


def test_windows_that_follow_each_other_without_a_gap_are_one() -> None:
    evenings = Freeze(name="days", schedule="0 0 * * SAT,SUN", duration=24 * 3600.0)
    saturday = datetime(2026, 11, 28, tzinfo=UTC)

    assert holding(saturday + HOUR, evenings) == [("days", saturday, saturday + 2 * DAY)]


def test_a_schedule_that_begins_anew_before_it_ends_has_no_end() -> None:
    always = Freeze(name="always", schedule="0 * * * *", duration=2 * 3600.0)

    assert [until for _, _, until in holding(FRIDAY, always)] == [None]


def test_what_begins_within_a_day_is_coming_and_what_holds_is_not() -> None:
    soon = Window(freeze=WEEKEND, since=FRIDAY, until=MONDAY)

    assert coming([WEEKEND], FRIDAY - 25 * HOUR, DAY) == ()
    assert coming([WEEKEND], FRIDAY - 24 * HOUR, DAY) == (soon,)
    assert coming([WEEKEND], FRIDAY - HOUR, DAY) == (soon,)
    assert coming([WEEKEND], FRIDAY, DAY) == ()


def test_a_zone_that_changes_its_clocks_keeps_the_hour_of_the_beginning() -> None:
    nights = Freeze(
        name="nights", schedule="0 22 * * *", duration=3600.0, time_zone="Europe/Berlin"
    )

    starts = [
        frozen([nights], datetime(2026, 3, day, hour, 30, tzinfo=UTC))
        for day, hour in ((28, 21), (29, 20))
    ]

    assert [each[0].since.hour for each in starts] == [21, 20]


@settings(max_examples=60)
@given(
    st.sampled_from(["0 18 * * FRI", "*/30 9-17 * * *", "0 0 1 * *", "15 3 * * 1-5"]),
    st.integers(60, 100 * 3600),
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
)
def test_a_moment_is_in_the_window_that_is_said_to_hold(
    schedule: str, duration: int, zone: str, now: datetime
) -> None:
    freeze = Freeze(name="any", schedule=schedule, duration=float(duration), time_zone=zone)

    for each in frozen([freeze], now):
        assert each.since <= now
        assert each.until is None or now < each.until
        if each.until is not None:
            assert frozen([freeze], each.until) == ()
            assert frozen([freeze], each.until - timedelta(microseconds=1)) != ()
    found = coming([freeze], now, 400 * DAY)
    assert not (found and frozen([freeze], now))
    for before, after in pairwise((now, *(each.since for each in found))):
        assert before < after
