"""How people say how long: `30m`, `2h`, `1d12h`, `3d`; and since when: a while ago, or a day. Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.wording import Sentence

SPAN: Final = re.compile(
    r"(?:(?P<days>\d{1,4})d)?(?:(?P<hours>\d{1,4})h)?(?:(?P<minutes>\d{1,5})m)?", re.ASCII
)
LONGEST: Final = timedelta(days=366)


class SpanError(ValueError):
    """A text says no time; `problem` says so to a person."""

    def __init__(self, problem: Sentence) -> None:
        super().__init__(problem)
        self.problem = problem


def parse_span(text: str) -> timedelta:
    """Answer how long `text` says. Raises SpanError for what is none or too long."""
    found = SPAN.fullmatch(text.lower())
    parts = found.groupdict(default="0") if found else {}
    length = timedelta(**{unit: int(number) for unit, number in parts.items()})
    if not timedelta() < length <= LONGEST:
        raise SpanError(
            Sentence("“{text}” is not a time such as 30m, 2h or 3d, of at most a year.", text=text)
        )
    return length


def parse_since(text: str, now: datetime) -> datetime:
    """Answer the moment that `text` means: `2h` ago, or the beginning of a day in UTC (`2026-11-20`). Raises SpanError."""
    try:
        if SPAN.fullmatch(text.lower()):
            return now - parse_span(text)
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - the zone is given in the next line
        return day.replace(tzinfo=UTC)
    except ValueError as error:
        problem = Sentence(
            "“{text}” is no time: say how long ago, such as 2h or 3d, or a day such as 2026-11-20.",
            text=text,
        )
        raise SpanError(problem) from error
