"""Streams of watch events: which changes a watcher sees, and in what form, as lines of JSON."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.storage import Change, Object, Storage

BOOKMARK_EVERY = 15.0
"""Seconds of quiet after which a watcher that allows it gets a bookmark; the real server's is a minute."""
INITIAL_END = "k8s.io/initial-events-end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a watcher asked for."""

    resource: Resource
    version: str
    namespace: str
    matches: Callable[[Object], bool]
    since: int | None
    """Begin after this moment; None: with what is there now."""
    bookmarks: bool
    timeout: float
    form: Callable[[Object], Any]
    """How an object is shown: itself, or a table of one row."""
    marked: bool = False
    """Whether the end of what is there now is to be marked by a bookmark."""


async def stream(storage: Storage, wish: Wish) -> AsyncIterator[bytes]:
    """Yield the events of a watch until its time is over or the server goes down.

    A watch that has been silenced says nothing more, as one whose connection is dead without anybody knowing.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + wish.timeout
    try:
        watch = storage.watch(wish.since, wish.resource)
    except StatusError as error:
        yield _line("ERROR", error.body)
        return
    try:
        for each in _present(storage, wish):
            if not watch.silent:
                yield each
        while (left := end - loop.time()) > 0:
            try:
                change = await asyncio.wait_for(watch.next(), min(left, BOOKMARK_EVERY))
            except TimeoutError:
                if wish.bookmarks and not watch.silent:
                    yield _line("BOOKMARK", _bookmark(wish, storage.version))
                continue
            if change is None:
                return
            event = None if watch.silent else _event(change, wish)
            if event is not None:
                yield event
    finally:
        storage.unwatch(watch)


def _present(storage: Storage, wish: Wish) -> list[bytes]:
    """Answer the events for what is there now, if they are wanted."""
    if wish.since is not None:
        return []
    found = storage.of(wish.resource, wish.namespace)
    events = [_line("ADDED", wish.form(each)) for each in found if wish.matches(each)]
    if wish.marked:
        mark = _bookmark(wish, storage.version)
        mark["metadata"]["annotations"] = {INITIAL_END: "true"}
        events.append(_line("BOOKMARK", mark))
    return events


def _event(change: Change, wish: Wish) -> bytes | None:
    if wish.namespace and change.subject["metadata"].get("namespace") != wish.namespace:
        return None
    if change.new is None:
        gone = change.gone or change.old
        return _line("DELETED", wish.form(gone)) if gone and wish.matches(gone) else None
    before = change.old is not None and wish.matches(change.old)
    if wish.matches(change.new):
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
