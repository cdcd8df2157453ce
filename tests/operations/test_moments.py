"""Moments as people write them, and what they mean where they are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.operations.moments import canonical, resolve
from bot.policy.refusals import Code, Refusal
from tests.builders import NOON


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("18:00", "18:00"),
        ("9:05", "09:05"),
        ("１８：００", "18:00"),
        ("18:00:30", "18:00:30"),
        ("18:00 Europe/Berlin", "18:00 Europe/Berlin"),
        ("18:00 +01:00", "18:00+01:00"),
        ("18:00z", "18:00Z"),
        ("2026-11-27T18:00", "2026-11-27T18:00"),
        ("2026-11-27  18:00 UTC", "2026-11-27T18:00 UTC"),
        ("in 2h", "in 2h"),
        ("In 90 minutes", "in 1h30m"),
        ("in 1 h 30 min", "in 1h30m"),
        ("in 2 days", "in 48h"),
    ],
)
def test_there_is_one_way_to_write_a_moment(text: str, written: str) -> None:
    assert canonical(text) == written
    assert canonical(written) == written


@pytest.mark.parametrize(
    "text",
    ["", "teatime", "25:00", "18:60", "18", "in", "in 0h", "in 2 hovers", "2026-02-30T10:00"],
)
def test_what_is_no_moment_has_no_form(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whoever asks has the words for it
        canonical(text)


@pytest.mark.parametrize(
    ("text", "zone", "meant"),
    [
        ("18:00", "", "2026-11-23T18:00"),
        ("18:00", "Europe/Berlin", "2026-11-23T17:00"),
        ("18:00 Asia/Shanghai", "Europe/Berlin", None),
        ("21:00 Asia/Shanghai", "Europe/Berlin", "2026-11-23T13:00"),
        ("18:00+01:00", "Asia/Shanghai", "2026-11-23T17:00"),
        ("2026-11-27T18:00", "America/New_York", "2026-11-27T23:00"),
        ("18:00", "no/where", "2026-11-23T18:00"),
        ("in 2h", "Europe/Berlin", "2026-11-23T14:00"),
    ],
)
def test_a_bare_time_is_in_the_zone_of_who_asks(text: str, zone: str, meant: str | None) -> None:
    found = resolve(text, NOON, zone)
    if meant is None:
        assert isinstance(found, Refusal)
    else:
        assert found == datetime.fromisoformat(meant).replace(tzinfo=UTC)


def test_a_time_that_is_over_today_is_not_taken_for_tomorrows() -> None:
    assert resolve("12:30", NOON, "Europe/Berlin") == Refusal(
        code=Code.TIME_PAST,
        facts={
            "time": "12:30",
            "zone": "Europe/Berlin",
            "now": "13:00",
            "instead": "2026-11-24T12:30",
        },
    )
    over = resolve("2026-11-22T18:00", NOON, "")
    assert isinstance(over, Refusal)
    assert (over.code, over.facts["instead"]) == (Code.TIME_PAST, "")


def test_a_zone_that_is_none_is_refused() -> None:
    assert resolve("18:00 Mars/Base", NOON, "") == Refusal(
        code=Code.TIME_UNKNOWN, facts={"time": "18:00 Mars/Base", "zone": "Mars/Base"}
    )


@given(st.integers(1, 59), st.integers(0, 23), st.integers(0, 59))
def test_what_is_meant_is_never_over(ahead: int, hour: int, minute: int) -> None:
    later = resolve(f"in {ahead}m", NOON, "")
    assert later == NOON + timedelta(minutes=ahead)
    found = resolve(f"{hour:02}:{minute:02}", NOON, "Asia/Kolkata")
    assert isinstance(found, Refusal) or found > NOON
