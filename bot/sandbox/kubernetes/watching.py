"""Streams of watch events: which changes a watcher sees, and in what form, as lines of JSON."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.storage import Change, Object, Storage

BOOKMARK_EVERY = 15.0
"""Seconds of quiet after which a watcher that allows it gets a bookmark; the real server's is a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a watcher asked for."""

    resource: Resource
    version: str
    namespace: str
    matches: Callable[[Object], bool]
    since: int | None
    bookmarks: bool
    timeout: float
    form: Callable[[Object], Any]
    """How an object is shown: itself, or a table of one row."""


async def stream(storage: Storage, wish: Wish) -> AsyncIterator[bytes]:
    """Yield the events of a watch until its time is over or the server goes down."""
    watch = storage.watch(wish.since, wish.resource)
    loop = asyncio.get_running_loop()
    end = loop.time() + wish.timeout
    try:
        if wish.since is None:
            for each in storage.of(wish.resource, wish.namespace):
                if wish.matches(each):
                    yield _line("ADDED", wish.form(each))
        while (left := end - loop.time()) > 0:
            try:
                change = await asyncio.wait_for(watch.next(), min(left, BOOKMARK_EVERY))
            except TimeoutError:
                if wish.bookmarks:
                    yield _line("BOOKMARK", _bookmark(wish, storage.version))
                continue
            if change is None:
                return
            event = _event(change, wish)
            if event is not None:
                yield event
    finally:
        storage.unwatch(watch)


def _event(change: Change, wish: Wish) -> bytes | None:
    if wish.namespace and change.subject["metadata"].get("namespace") != wish.namespace:
        return None
    before = change.old is not None and change.new is not None and wish.matches(change.old)
    if change.new is None:
        gone = change.old
        return _line("DELETED", wish.form(gone)) if gone and wish.matches(gone) else None
    after = wish.matches(change.new)
    if after:
        return _line("MODIFIED" if before else "ADDED", wish.form(change.new))
    if before and change.old is not None:
        last = {**change.old, "metadata": {**change.old["metadata"]}}
        last["metadata"]["resourceVersion"] = str(change.version)
        return _line("DELETED", wish.form(last))
    return None


def _bookmark(wish: Wish, version: int) -> Object:
    return {
        "kind": wish.resource.kind,
        "apiVersion": wish.resource.api_version_of(wish.version),
        "metadata": {"resourceVersion": str(version), "creationTimestamp": None},
    }


def _line(kind: str, subject: Any) -> bytes:
    return json.dumps({"type": kind, "object": subject}, separators=(",", ":")).encode() + b"\n"
