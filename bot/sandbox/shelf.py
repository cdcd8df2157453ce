"""Keeps the sandbox's state over a restart, also one by SIGKILL.

A shelf is a set of named collections of JSON documents in one SQLite file. Every change is committed
before the call returns, so what the sandbox has answered it still knows afterwards. It is no database:
the servers hold their state in memory and only read the shelf when they start.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Document = dict[str, Any]


class Shelf:
    """Collections of JSON documents that outlive the process."""

    def __init__(self, path: Path | None) -> None:
        """Open the file at `path`, making it when it is absent; without a path, keep nothing on disk."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            path if path is not None else ":memory:", isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing with NORMAL; only a power cut could, and then the sandbox may.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS shelf (collection TEXT, key TEXT, document TEXT, "
            "PRIMARY KEY (collection, key)) WITHOUT ROWID"
        )

    def put(self, collection: str, key: str, document: Mapping[str, Any]) -> None:
        """Store `document` under `key`, in place of what was there."""
        self._db.execute(
            "INSERT OR REPLACE INTO shelf VALUES (?, ?, ?)",
            (collection, key, json.dumps(document, separators=(",", ":"))),
        )

    def delete(self, collection: str, key: str) -> None:
        """Remove the document under `key`, if there is one."""
        self._db.execute("DELETE FROM shelf WHERE collection = ? AND key = ?", (collection, key))

    def items(self, collection: str) -> Iterator[tuple[str, Document]]:
        """Yield every (key, document) of `collection`, ordered by key."""
        rows = self._db.execute(
            "SELECT key, document FROM shelf WHERE collection = ? ORDER BY key", (collection,)
        ).fetchall()
        for key, document in rows:
            yield key, json.loads(document)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
