"""Log lines as JSON: what a machine needs of a line, and what the line is about."""

import json
import logging
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.logs import JsonLines, TextLines, about


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


def without_canaries(text: str) -> str:
    return text.replace("canary", "•••")


def test_no_line_has_a_secret_in_its_message_its_subject_or_its_traceback() -> None:
    record = a_record("canary %s", '"canary"', error=ValueError("canary in an error"))
    with about(step="canary"):
        found = json.loads(JsonLines(without_canaries).format(record))
    assert (found["message"], found["step"]) == ('••• "•••"', "•••")
    assert "ValueError: ••• in an error" in found["exception"]
    record.subject = " [step=canary]"
    text = TextLines(without_canaries).format(record)
    assert "canary" not in text
    assert 'bot.engine [step=•••]: ••• "•••"\nValueError: ••• in an error' in text


def test_the_last_words_of_a_process_have_no_secret() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "from bot.logs import set_up\n"
            "set_up('info', 'json', lambda text: text.replace('canary', '•••'))\n"
            "import logging; logging.getLogger('bot').error('it is %s', 'canary')\n"
            "raise ValueError('canary')",
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert said.returncode == 1
    assert "it is •••" in said.stderr
    assert "ValueError: •••" in said.stderr
    # The source line of the traceback is not there: the program is no file.
    assert "canary" not in said.stderr


def test_an_exception_is_part_of_its_line() -> None:
    found = json.loads(JsonLines().format(a_record("it broke", error=ValueError("why"))))
    assert "ValueError: why" in found["exception"]
