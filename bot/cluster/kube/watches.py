"""Watches that are shared: one list and watch a (cluster, kind, namespace), whoever and however many follow.

A watch begins with its first follower and ends some time after the last has left. It reconnects with growing pauses, lists
again after 410 Gone, begins again where it was when it falls silent, and keeps its followers through an API server that is
down or takes the credentials no more: they see that it is not connected, and why. No polling.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.paths import Paths
from bot.cluster.kube.watching import SharedWatch

log = logging.getLogger(__name__)

LINGER = 30.0
"""Seconds that a watch goes on without followers, for the next step of the same run."""


class Subject(NamedTuple):
    """What is watched: one kind in one namespace of one cluster."""

    api: ClusterApi
    api_version: str
    kind: str
    namespace: str


class Watches:
    """All shared watches of this process."""

    def __init__(self, linger: float = LINGER) -> None:
        """`linger`: seconds that a watch goes on without followers."""
        self._linger = linger
        self._running: dict[Subject, tuple[SharedWatch, asyncio.Task[None]]] = {}
        self._ends: dict[Subject, asyncio.TimerHandle] = {}

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._running)

    def objects(self, subject: Subject) -> SharedWatch | None:
        """Answer the watch of `subject` if it goes on and has seen what there is."""
        watch, _ = self._running.get(subject, (None, None))
        return watch if watch is not None and watch.listed and watch.connected else None

    @asynccontextmanager
    async def following(
        self, subject: Subject, paths: Paths, changed: asyncio.Event
    ) -> AsyncIterator[SharedWatch]:
        """Follow the objects of `subject`; `changed` is set at each change while inside."""
        watch = self._started(subject, paths)
        watch.join(changed)
        try:
            yield watch
        finally:
            nobody_left = watch.leave(changed)
            current = self._running.get(subject)
            if nobody_left and current is not None and current[0] is watch:
                loop = asyncio.get_running_loop()
                self._ends[subject] = loop.call_later(self._linger, self._end, subject)

    async def close(self) -> None:
        """End all watches."""
        for timer in self._ends.values():
            timer.cancel()
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def _started(self, subject: Subject, paths: Paths) -> SharedWatch:
        timer = self._ends.pop(subject, None)
        if timer is not None:
            timer.cancel()
        found = self._running.get(subject)
        if found is not None and not found[1].done():
            return found[0]
        watch = SharedWatch(
            subject.api, paths, subject.api_version, subject.kind, subject.namespace
        )
        task = asyncio.create_task(watch.run(), name=f"watch {watch.title}")
        task.add_done_callback(_tell_mistake)
        self._running[subject] = (watch, task)
        return watch

    def _end(self, subject: Subject) -> None:
        self._ends.pop(subject, None)
        _, task = self._running.pop(subject)
        task.cancel()


def _tell_mistake(task: asyncio.Task[None]) -> None:
    """Write down what ended a watch that was to go on: whoever followed it begins another."""
    if not task.cancelled() and task.exception() is not None:
        log.error("the %s broke", task.get_name(), exc_info=task.exception())
