"""Logging: set up once by the command line, with the run and step that a line is about on every line.

Lines go to standard error, for people or, as JSON, for machines. Payloads, tokens and message texts are never logged; what is
known to be secret is taken out of what others say in them, tracebacks included.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType

from typing_extensions import override

Clean = Callable[[str], str]
"""Answers a text without what is secret."""

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


class TextLines(logging.Formatter):
    """A line for people."""

    def __init__(self, clean: Clean = str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(subject)s: %(message)s")
        self._clean = clean

    @override
    def format(self, record: logging.LogRecord) -> str:
        return self._clean(super().format(record))


class JsonLines(logging.Formatter):
    """A line as one JSON object: when, how bad, where, what, and what it is about."""

    def __init__(self, clean: Clean = str) -> None:
        super().__init__()
        self._clean = clean

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
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        # Each text by itself: what is taken out of the whole line could take a quote with it.
        return json.dumps(
            {key: self._clean(value) for key, value in line.items()}, ensure_ascii=False
        )


def set_up(level: str, form: str = "text", clean: Clean = str) -> None:
    """Send log lines of `level` and above to standard error; `form` is `text` or `json`.

    `clean` takes out of them what is secret, and out of the last words of a process that breaks.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Subject())
    handler.setFormatter(JsonLines(clean) if form == "json" else TextLines(clean))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name, least in LEVELS.items():
        logging.getLogger(name).setLevel(max(least, logging.getLogger().level))

    def last_words(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        sys.stderr.write(clean("".join(traceback.format_exception(kind, error, trace))))

    sys.excepthook = last_words
