"""Rules as people write them."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.retention import Keep, Retention, parse_keep
from bot.settings import read


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("90d", Keep(age=timedelta(days=90))),
        ("2w", Keep(age=timedelta(days=14))),
        ("1y", Keep(age=timedelta(days=365))),
        ("50", Keep(newest=50)),
        ("365d, 50", Keep(age=timedelta(days=365), newest=50)),
        ("50 365D", Keep(age=timedelta(days=365), newest=50)),
        ("forever", Keep()),
    ],
)
def test_a_rule_is_a_time_a_number_or_both(text: str, rule: Keep) -> None:
    assert parse_keep(text) == rule
    assert parse_keep(str(rule)) == rule


@pytest.mark.parametrize(
    "text", ["", "0d", "0", "12h", "soon", "1d 2d", "5 6", "forever 5", "-1d", "1.5d", "٣d"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_keep(text)


def test_settings_say_how_long_everything_is_kept() -> None:
    assert read({}).keep == Retention()
    given = {
        "SHIPMATE_KEEP_RUNS": "forever",
        "SHIPMATE_KEEP_REVISIONS": "20",
        "SHIPMATE_KEEP_AUDIT": "5y",
        "SHIPMATE_KEEP_REQUESTS": "7d",
        "SHIPMATE_EXPORT": "/exports",
    }
    settings = read(given)
    assert settings.export == Path("/exports")
    assert settings.keep == Retention(
        runs=Keep(),
        revisions=Keep(newest=20),
        audit=Keep(age=timedelta(days=5 * 365)),
        requests=Keep(age=timedelta(days=7)),
    )


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("SHIPMATE_KEEP_RUNS", "0", "expected 365d, 50, both"),
        ("SHIPMATE_KEEP_REVISIONS", "9", "expected at least 10"),
        ("SHIPMATE_KEEP_AUDIT", "50", "expected a time such as 90d or forever"),
        ("SHIPMATE_KEEP_REQUESTS", "1d", "expected at least 2d"),
    ],
)
def test_a_rule_by_which_something_would_be_missed_is_refused(
    name: str, value: str, why: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name} is '{value}'; {why}"):
        read({name: value})
