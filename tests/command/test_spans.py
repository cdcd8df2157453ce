"""How people say how long, and since when."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.command.grammar import parse
from bot.command.requests import Audit, Lock, Misunderstood
from bot.command.spans import parse_since, parse_span
from tests.builders import NOON


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("3D", timedelta(days=3)),
    ],
)
def test_a_span_is_read(text: str, length: timedelta) -> None:
    assert parse_span(text) == length


@pytest.mark.parametrize("text", ["", "0m", "2", "h", "2 h", "12h1d", "-1h", "367d", "tomorrow"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time such as 30m, 2h or 3d"):
        parse_span(text)


def test_since_is_a_while_ago_or_a_day() -> None:
    assert parse_since("2h", NOON) == NOON - timedelta(hours=2)
    assert parse_since("2026-11-20", NOON) == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-13-01", "yesterday", "0h"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time: say how long ago"):
        parse_since(text, NOON)


def test_a_lock_is_typed_without_quotation_marks() -> None:
    assert parse("lock prod the database moves —for 2h --app shop --version v2") == Lock(
        environment="prod",
        reason="the database moves",
        application="shop",
        lasting="2h",
        version="v2",
    )
    assert parse("audit shop/prod --person @dev --since 2d") == Audit(
        application="shop", environment="prod", person="dev", since="2d"
    )


@pytest.mark.parametrize(
    ("text", "problem", "missing"),
    [
        ("lock", "lock needs an environment and a reason.", ("environment", "reason")),
        ("lock prod", "lock needs a reason.", ("reason",)),
        ('lock prod " "', "lock needs a reason.", ("reason",)),
        ("lock prod x --for ever", "“ever” is not a time such as", ()),
        ("audit --since monday", "“monday” is no time", ()),
    ],
)
def test_what_is_missing_or_wrong_is_said(text: str, problem: str, missing: tuple[str]) -> None:
    found = parse(text)
    assert isinstance(found, Misunderstood)
    assert problem in found.problem
    assert found.missing == missing
