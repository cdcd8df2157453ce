"""The audit log on the command line: read from the store by the settings of `shipmate run`, a line for each answer."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from bot.operations.results import Audited
from bot.settings import Settings
from bot.store.reading import audit_lines

OUTPUTS = ("table", "jsonl")


def audited(
    settings: Settings,
    *,
    output: str,
    since: datetime | None,
    application: str,
    environment: str,
    person: str,
) -> Iterator[str]:
    """Yield the lines of the log, oldest first, as text for a terminal or as JSON. Raises UserError."""
    write = as_json if output == "jsonl" else as_text
    found = audit_lines(
        settings.store_url,
        since=since,
        application=application,
        environment=environment,
        person=person,
    )
    return (write(each) for each in found)


def as_json(line: Audited) -> str:
    """Write a line as one JSON object."""
    return json.dumps({**asdict(line), "at": line.at.isoformat()}, ensure_ascii=False)


def as_text(line: Audited) -> str:
    """Write a line for a terminal."""
    where = f"{line.chat} {line.via} in {line.channel}" if line.channel else line.via
    about = line.run or "/".join(filter(None, (line.application, line.environment)))
    more = [each for each in (about, *line.passed, where) if each]
    return (
        f"{line.at:%Y-%m-%d %H:%M:%S}Z  {line.person:<12}  {line.outcome:<16}  {line.request}"
        f"  [{'; '.join(more)}]"
    )
