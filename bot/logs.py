"""Logging: set up once by the command line, with the run and step that a line is about on every line.

Lines go to standard error. Payloads, tokens and message texts are never logged.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from typing_extensions import override

_subject: ContextVar[str] = ContextVar("subject", default="")


@contextmanager
def about(**what: str) -> Iterator[None]:
    """Say on every line logged inside what it is about: `about(run="shop/prod#17", step="approval")`."""
    told = " ".join(f"{key}={value}" for key, value in what.items())
    token = _subject.set(f"{_subject.get()} {told}".strip())
    try:
        yield
    finally:
        _subject.reset(token)


class _Subject(logging.Filter):
    @override
    def filter(self, record: logging.LogRecord) -> bool:
        subject = _subject.get()
        record.subject = f" [{subject}]" if subject else ""
        return True


def set_up(level: str) -> None:
    """Send log lines of `level` and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Subject())
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s%(subject)s: %(message)s")
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in (
        "slack_bolt",
        "slack_sdk",
        "aiohttp",
        "httpx",
        "apscheduler",
        "uvicorn.error",
        "mail.log",
    ):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
