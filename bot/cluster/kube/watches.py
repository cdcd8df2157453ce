"""Watches that are shared: one list and watch a (cluster, kind, namespace), whoever and however many follow.

A watch begins with its first follower and ends some time after the last has left. It reconnects with growing
pauses, lists again after 410 Gone, and keeps its followers through an API server that is down. No polling.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from bot.cluster.kube.api import ClusterApi, Gone
from bot.cluster.port import Manifest
from bot.errors import Permanent, Temporary

log = logging.getLogger(__name__)

LINGER = 30.0
"""Seconds that a watch goes on without followers, for the next step of the same run."""

LONGEST_PAUSE = 15.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What is watched: the path of the list of one kind in one namespace."""

    api: ClusterApi
    path: str


class SharedWatch:
    """The objects of one kind in one namespace, kept up to date."""

    def __init__(self, api: ClusterApi, path: str) -> None:
        self.objects: dict[str, Manifest] = {}
        self.error: Permanent | None = None
        self.listed = asyncio.Event()
        self._api = api
        self._path = path
        self._followers: set[asyncio.Event] = set()

    def join(self, changed: asyncio.Event) -> None:
        """Set `changed` at each change from now on."""
        self._followers.add(changed)

    def leave(self, changed: asyncio.Event) -> bool:
        """Stop; answer whether nobody follows any more."""
        self._followers.discard(changed)
        return not self._followers

    async def run(self) -> None:
        """List, then watch, again and again, until cancelled."""
        version, pause = "", 0.5
        while True:
            try:
                if not version:
                    version = await self._list()
                    pause = 0.5
                version = await self._watch(version)
            except Gone:
                version = ""
            except Temporary as error:
                log.info("the watch of %s stopped: %s", self._path, error)
                await asyncio.sleep(error.retry_after or pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            except Permanent as error:
                self.error = error
                self.listed.set()
                self._tell()
                return

    async def _list(self) -> str:
        found = await self._api.call("GET", self._path)
        self.objects = {
            each["metadata"]["name"]: {
                "apiVersion": found["apiVersion"],
                "kind": found["kind"].removesuffix("List"),
                **each,
            }
            for each in found["items"]
        }
        self.listed.set()
        self._tell()
        return str(found["metadata"]["resourceVersion"])

    async def _watch(self, version: str) -> str:
        query = {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": "290",
        }
        async for event in self._api.stream(self._path, query):
            subject = event["object"]
            version = subject["metadata"]["resourceVersion"]
            if event["type"] == "BOOKMARK":
                continue
            name = subject["metadata"]["name"]
            if event["type"] == "DELETED":
                self.objects.pop(name, None)
            else:
                self.objects[name] = subject
            self._tell()
        return version

    def _tell(self) -> None:
        for each in self._followers:
            each.set()


class Watches:
    """All shared watches of this process."""

    def __init__(self) -> None:
        self._running: dict[Subject, tuple[SharedWatch, asyncio.Task[None]]] = {}
        self._ends: dict[Subject, asyncio.TimerHandle] = {}

    @asynccontextmanager
    async def following(
        self, api: ClusterApi, path: str, changed: asyncio.Event
    ) -> AsyncIterator[SharedWatch]:
        """Follow the objects at `path`; `changed` is set at each change while inside."""
        subject = Subject(api, path)
        watch = self._started(subject, api)
        watch.join(changed)
        try:
            yield watch
        finally:
            nobody_left = watch.leave(changed)
            current = self._running.get(subject)
            if nobody_left and current is not None and current[0] is watch:
                loop = asyncio.get_running_loop()
                self._ends[subject] = loop.call_later(LINGER, self._end, subject)

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

    def _started(self, subject: Subject, api: ClusterApi) -> SharedWatch:
        timer = self._ends.pop(subject, None)
        if timer is not None:
            timer.cancel()
        found = self._running.get(subject)
        if found is not None and not found[1].done():
            return found[0]
        watch = SharedWatch(api, subject.path)
        task = asyncio.create_task(watch.run(), name=f"watch {api.name}{subject.path}")
        self._running[subject] = (watch, task)
        return watch

    def _end(self, subject: Subject) -> None:
        self._ends.pop(subject, None)
        _, task = self._running.pop(subject)
        task.cancel()
