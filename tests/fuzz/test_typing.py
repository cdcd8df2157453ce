"""What people type, and the small languages in it: commands, lengths of time, moments, images."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.catalog.cron import check_cron, next_start, zone_of
from bot.catalog.durations import parse_duration, write_duration
from bot.catalog.model import Freeze
from bot.chat.completion import completed, mistakes
from bot.command.grammar import LONGEST_COMMAND, from_slash, parse, unparse
from bot.command.requests import Misunderstood
from bot.command.spans import LONGEST, SpanError, parse_since, parse_span
from bot.command.verbs import VERBS
from bot.operations.moments import canonical, resolve
from bot.policy.freezes import coming, frozen
from bot.policy.refusals import Refusal
from bot.rendering.images import is_image, parse_image
from tests.command.test_round_trip import by_type
from tests.fuzz.anything import TEXT, bent, fuzzed

NOW: Final = datetime(2026, 11, 26, 12, tzinfo=UTC)
EXAMPLES: Final = tuple(each.example for each in VERBS)
CHINESE: Final = (
    "部署 shop prod v1.4.2 --备注 “修好了 购物车” --时间 2小时后",
    "批准shop/prod#17 看过了",
    "锁定 prod 数据库迁移 --时长 2小时30分钟",
    "审计 shop --自从 3天",
    "@shipmate：回滚 shop/prod v3",
)


@fuzzed
@given(st.one_of(TEXT, bent(*EXAMPLES, *CHINESE)))
def test_a_command_is_a_request_or_says_why_not(text: str) -> None:
    for read in (parse(text), from_slash("/deploy", text), from_slash("/shipmate", text)):
        if isinstance(read, Misunderstood):
            assert str(read.problem)
            for each in (read.corrected,) if read.corrected else ():
                assert not isinstance(parse(each), Misunderstood)
        else:
            # A button is the same request as the typed one.
            written = unparse(read)
            if len(written) <= LONGEST_COMMAND:
                assert parse(written) == read


@fuzzed
@given(st.one_of(*by_type.values()), st.dictionaries(TEXT, TEXT, max_size=3))
def test_a_filled_in_form_is_a_command_or_says_why_not(
    request: object, values: dict[str, str]
) -> None:
    command = unparse(request)  # type: ignore[arg-type] # each of them is a request
    wrong = mistakes(command, values)
    assert all(wrong.values())
    parse(completed(command, values))


@fuzzed
@given(st.one_of(TEXT, st.from_regex(r"\A(\d{1,7}[dhm]){1,4}\Z"), bent("1d12h30m")))
def test_a_length_of_time_is_one_or_none(text: str) -> None:
    try:
        assert timedelta() < parse_span(text) <= LONGEST
    except SpanError as error:
        assert str(error.problem)


@fuzzed
@given(st.one_of(TEXT, bent("2026-11-20", "0001-01-01", "9999-12-31", "2h")))
def test_a_moment_that_is_over_is_one_or_none(text: str) -> None:
    try:
        assert parse_since(text, NOW).tzinfo is not None
    except SpanError as error:
        assert str(error.problem)


MOMENTS: Final = (
    "18:00",
    "2026-11-27T18:00:30 Asia/Shanghai",
    "2026-11-27 18:00+08:00",
    "in 2h",
    "in 1 day 3 hours 5 min",
)


@fuzzed
@given(
    st.one_of(
        TEXT,
        bent(*MOMENTS),
        st.from_regex(r"\A\d{4}-[01]\d-[0-3]\d[T ]([01]\d|2[0-3]):[0-5]\d([+-]\d\d:?\d\d)?\Z"),
    ),
    st.sampled_from(["", "Asia/Shanghai", "America/New_York", "Nowhere/Land"]),
)
@example("0001-01-01T00:00+08:00", "")
@example("9999-12-31T23:59-08:00", "")
@example("0001-01-01T00:00", "Asia/Shanghai")
def test_a_moment_ahead_is_one_or_refused(text: str, zone: str) -> None:
    try:
        written = canonical(text)
    except ValueError:
        return
    assert canonical(written) == written
    found = resolve(written, NOW, zone)
    assert isinstance(found, Refusal) or found > NOW


@fuzzed
@given(st.one_of(TEXT, bent("1h30m", "2m15s", "300ms", "1.5h")))
def test_a_duration_of_a_file_is_one_or_none(text: str) -> None:
    try:
        found = parse_duration(text)
    except ValueError as error:
        assert "expected" in str(error)
    else:
        assert found > 0
        if found >= 0.001:
            assert parse_duration(write_duration(found)) == pytest.approx(found, abs=0.001)


FIELD: Final = st.one_of(
    st.sampled_from(["*", "*/5", "0", "7", "FRI", "1-5", "L", "?", "31", "mon-sun/2", "*/0"]),
    st.from_regex(r"\A[0-9*,/-]{1,8}\Z"),
)
CRONS: Final = st.one_of(
    TEXT,
    bent("0 18 * * FRI", "*/5 0-6 1,15 * 1-5/2"),
    st.lists(FIELD, min_size=5, max_size=5).map(" ".join),
)


@fuzzed
@given(CRONS, st.one_of(TEXT, st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin"])))
@example("0 0 30 2 *", "UTC")
@example("0 0 * * 1-5/" + "9" * 5000, "UTC")
def test_a_schedule_is_one_or_none(schedule: str, zone: str) -> None:
    try:
        zone_of(zone)
        check_cron(schedule)
    except ValueError as error:
        assert "expected" in str(error)
        return
    found = next_start(schedule, zone, NOW)
    assert found is None or found >= NOW
    freeze = Freeze(name="f", reason="r", schedule=schedule, duration=7200, time_zone=zone)
    assert all(each.since <= NOW for each in frozen([freeze], NOW))
    assert all(each.since > NOW for each in coming([freeze], NOW, timedelta(days=7)))


IMAGES: Final = (
    "registry.shop.example:5000/web/api:v1.4.2",
    "redis",
    f"docker.io/library/redis:7.4@sha256:{'a' * 64}",
)
LONGEST_RIGHT: Final = f"{'a' * 246}:{'t' * 128}@sha512:{'0' * 128}"


@fuzzed
@given(st.one_of(TEXT, bent(*IMAGES, LONGEST_RIGHT)))
@example(LONGEST_RIGHT + "; and more")
def test_an_image_is_read_as_it_is_written_or_none(text: str) -> None:
    try:
        found = parse_image(text)
    except ValueError as error:
        assert "expected" in str(error)
        assert not is_image(text)
    else:
        assert str(found) == text
