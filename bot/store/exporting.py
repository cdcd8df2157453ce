"""Writes what is kept no more into a folder before it goes: a file a table and day, a JSON object a line.

What was written is on the disk when `write` returns. Whoever dies between that and the removal writes the same rows again
the next time: `table` and `key` of a line say that it is the same. A line that a crash or a full disk has left half
written is taken away before the next one is added. Nothing in the rows is a secret; only their owner may read the files.
"""

import fcntl
import json
import os
import zlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Table, Text

from bot.errors import Temporary
from bot.store.pruning import Rows
from bot.store.tables import audit, events, messages

DOCUMENTS: Final = ("body", "plan", "state")
"""Columns with JSON in them: objects in the line, too."""
KEYS: Final[Mapping[Table, tuple[str, ...]]] = {
    events: ("run", "number"),
    messages: ("key",),
    audit: ("sequence",),
}
"""What a row is known by where its primary key is only a count."""
BACK = 65536
"""Bytes that are read at once, from the end, in search of the last whole line."""


class Export:
    """The folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, rows: Rows, now: datetime) -> None:
        """Write rows and let them reach the disk. Raises Temporary: none of them may go then."""
        if not self._folder.is_dir():
            raise Temporary(f"there is no folder {self._folder} to export to")
        try:
            for table, each in rows.items():
                if each:
                    lines = "".join(_line(table, row) for row in each).encode()
                    _append(self._folder / f"{table.name}-{now:%Y-%m-%d}.jsonl", lines)
        except OSError as error:
            said = error.strerror or str(error)
            raise Temporary(f"nothing can be exported to {self._folder}: {said}") from error


def _line(table: Table, row: Mapping[str, Any]) -> str:
    names = KEYS.get(table) or tuple(each.name for each in table.primary_key)
    said = {name: _readable(table.c[name], value) for name, value in row.items()}
    line = {"table": table.name, "key": [row[each] for each in names], "row": said}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def _readable(column: Column[Any], value: Any) -> Any:
    if isinstance(value, bytes):
        return json.loads(zlib.decompress(value))
    document = column.name in DOCUMENTS and isinstance(column.type, Text)
    return json.loads(value) if document else value


def _append(path: Path, lines: bytes) -> None:
    """Add whole lines, or none. Another process may add some of its own at the same time."""
    fresh = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = _end_of_lines(file.fileno())
        file.truncate(end)
        try:
            _write_at(file.fileno(), lines, end)
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise
    if fresh:
        _sync_folder(path.parent)


def _write_at(file: int, lines: bytes, at: int) -> None:
    rest = memoryview(lines)
    while rest:
        written = os.pwrite(file, rest, at)
        at += written
        rest = rest[written:]


def _end_of_lines(file: int) -> int:
    """Answer where the last whole line ends."""
    end = os.fstat(file).st_size
    while end:
        begin = max(0, end - BACK)
        found = os.pread(file, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _sync_folder(folder: Path) -> None:
    """Let the name of a new file reach the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
