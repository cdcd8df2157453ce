"""Log lines as JSON: what a machine needs of a line, and what the line is about."""

import json
import logging
from datetime import UTC, datetime

from bot.logs import JsonLines, about


def a_record(message: str, *arguments: object, error: Exception | None = None) -> logging.LogRecord:
    info = (type(error), error, None) if error else None
    record = logging.LogRecord("bot.engine", logging.WARNING, "", 1, message, arguments, info)
    record.created = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
    return record


def test_a_line_says_what_it_is_about() -> None:
    with about(run="shop/prod#17"), about(person="sre"):
        line = JsonLines().format(a_record("step %s “failed”\n", "hangzhou"))
    assert json.loads(line) == {
        "at": "2026-11-20T12:00:00.000+00:00",
        "level": "warning",
        "logger": "bot.engine",
        "message": "step hangzhou “failed”\n",
        "run": "shop/prod#17",
        "person": "sre",
    }
    assert "\n" not in line


def test_a_line_is_about_nothing_that_was_taken_back() -> None:
    with about(run="shop/prod#17", step="hangzhou"), about(step=""):
        line = json.loads(JsonLines().format(a_record("it is over")))
    assert (line["run"], "step" in line) == ("shop/prod#17", False)


def test_an_exception_is_part_of_its_line() -> None:
    found = json.loads(JsonLines().format(a_record("it broke", error=ValueError("why"))))
    assert "ValueError: why" in found["exception"]
