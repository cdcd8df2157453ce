"""What all commands share: settings that are read, and errors that become a sentence and an exit code.

Exit codes: 0 done, 1 it went wrong, 2 it was asked for wrongly.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NoReturn

import typer

from bot.command.spans import parse_span
from bot.errors import ShipmateError
from bot.logs import set_up
from bot.secrecy import kept_here
from bot.settings import Settings, read


def configured(level: str = "") -> Settings:
    """Read the settings and set the log up, at `level` or as they say; end with 2 where one of them cannot be used."""
    try:
        settings = read()
    except ShipmateError as error:
        fail(str(error), 2)
    set_up(
        level or settings.log_level,
        settings.log_format,
        partial(kept_here, otherwise=settings.secrecy),
    )
    return settings


@contextmanager
def telling() -> Iterator[None]:
    """Turn what whoever asks can mend into a sentence."""
    try:
        yield
    except ShipmateError as error:
        fail(str(error), 1)


def span(text: str) -> float:
    """Read a span such as `30m`, in seconds, 0 for none; end with 2 where it is none."""
    try:
        return parse_span(text).total_seconds() if text else 0.0
    except ValueError as error:
        fail(str(error), 2)


def fail(text: str, code: int) -> NoReturn:
    """Say `text` on the error stream and end with `code`."""
    print(text, file=sys.stderr)
    raise typer.Exit(code)
