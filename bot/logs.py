"""Logging: set up once by the command line, with the run and step that a line is about on every line.

Lines go to standard error, for people or, as JSON, for machines. Payloads, tokens and message texts are never logged.
"""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType

from typing_extensions import override

_subject: ContextVar[Mapping[str, str]] = ContextVar("subject", default=MappingProxyType({}))

LEVELS = {
    "aiohttp": logging.WARNING,
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
    "httpx": logging.WARNING,
    "mail.log": logging.WARNING,
    "slack_bolt": logging.ERROR,  # it warns of the token that it finds in the environment beside our client
    "slack_sdk": logging.WARNING,
    "uvicorn.error": logging.WARNING,
}
"""What libraries say below this is of no use to whoever runs Shipmate."""


@contextmanager
def about(**what: str) -> Iterator[None]:
    """Say on every line logged inside what it is about: `about(run="shop/prod#17", step="approval")`; empty: not any more."""
    now = {**_subject.get(), **what}
    token = _subject.set({key: value for key, value in now.items() if value})
    try:
        yield
    finally:
        _subject.reset(token)


class _Subject(logging.Filter):
    @override
    def filter(self, record: logging.LogRecord) -> bool:
        subject = " ".join(f"{key}={value}" for key, value in _subject.get().items())
        record.subject = f" [{subject}]" if subject else ""
        return True


class JsonLines(logging.Formatter):
    """A line as one JSON object: when, how bad, where, what, and what it is about."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_subject.get(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(level: str, form: str = "text") -> None:
    """Send log lines of `level` and above to standard error; `form` is `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Subject())
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s%(subject)s: %(message)s")
    handler.setFormatter(JsonLines() if form == "json" else text)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name, least in LEVELS.items():
        logging.getLogger(name).setLevel(max(least, logging.getLogger().level))
