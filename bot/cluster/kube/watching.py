"""One list and watch: the objects of one kind in one namespace of one cluster, kept up to date and trimmed."""

import asyncio
import logging
import random
from collections.abc import Mapping
from typing import Any

from bot.cluster.kube.api import ClusterApi, Silent
from bot.cluster.kube.errors import Gone, Missing, Unauthorized
from bot.cluster.kube.paths import Paths
from bot.cluster.port import Manifest
from bot.cluster.trimming import Trimming
from bot.errors import Permanent, Temporary

log = logging.getLogger(__name__)

PAGE = 500
"""Objects a page of a list."""
LONGEST_PAUSE = 15.0
SOON = 0.5
"""Seconds: the first pause after a failure, and what a watch has to last to count as one that worked."""
SILENCES = 2
"""After so many silent watches in a row it lists again: a server may hold a watch and know nothing any more."""

Objects = Mapping[str, Manifest]


class SharedWatch:
    """The objects, and whether that is how they are now."""

    def __init__(
        self, api: ClusterApi, paths: Paths, api_version: str, kind: str, namespace: str
    ) -> None:
        self.objects: dict[str, Manifest] = {}
        """By name."""
        self.listed = False
        """Whether they have been read once."""
        self.connected = False
        """Whether changes come in now."""
        self.trouble = ""
        """Why it is not connected, for a person, once it is more than a hiccup."""
        self.error: Permanent | Temporary | None = None
        """Why it will never be again."""
        self.title = f"{kind} in {namespace or 'the cluster'} of {api.name}"
        self._api = api
        self._paths = paths
        self._kind = (api_version, kind, namespace)
        self._owned: dict[str, dict[str, Manifest]] = {}
        self._trim = Trimming()
        self._version = ""
        self._failures = 0
        self._silences = 0
        self._followers: set[asyncio.Event] = set()

    def join(self, changed: asyncio.Event) -> None:
        """Set `changed` at each change from now on."""
        self._followers.add(changed)

    def leave(self, changed: asyncio.Event) -> bool:
        """Stop; answer whether nobody follows any more."""
        self._followers.discard(changed)
        return not self._followers

    def owned_by(self, uid: str) -> list[Manifest]:
        """List the objects that belong to the one with this uid."""
        return list(self._owned.get(uid, {}).values())

    async def run(self) -> None:
        """List, then watch, again and again, until cancelled or refused for good."""
        try:
            while self.error is None:
                await self._once()
        finally:
            if self.error is None:  # nobody is to wait for what has ended
                self.error = Temporary(f"the watch of {self.title} has ended")
            self.connected = False
            self._tell()

    async def _once(self) -> None:
        """Go on until something happens to the watch, and wait as long as that asks for."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            path = await self._paths.of_list(*self._kind)
            if not self._version:
                await self._list(path)
            await self._watch(path)
        except Gone:
            self._version = ""
        except Silent:
            self._silences += 1
            if self._silences >= SILENCES:
                self._version, self._silences = "", 0
            return
        except Missing:
            self._take_all([])  # the kind is not served: whoever waits for it waits for that
            self._paths.forget(self._kind[0])
            self._version, self.connected, self.trouble = "", True, ""
            await self._pause(None)
            return
        except Temporary as error:
            await self._failed(error)
            return
        except Permanent as error:
            self.error = error
            return
        if loop.time() - began < SOON:
            await self._pause(None)  # it worked, and not for long: not a busy loop

    async def _list(self, path: str) -> None:
        """Read all objects, page by page."""
        found: list[Manifest] = []
        version = ""  # of the first page: what has changed since is told by the watch
        query: dict[str, str] = {"limit": str(PAGE)}
        while True:
            try:
                page = await self._api.call("GET", path, query=query)
            except Gone:  # the pages have grown too old: in one piece, then
                if "continue" not in query:
                    raise
                found, version, query = [], "", {}
                continue
            version = version or str(page["metadata"]["resourceVersion"])
            api_version, kind = page["apiVersion"], str(page["kind"]).removesuffix("List")
            found += [
                self._trim({"apiVersion": api_version, "kind": kind, **each})
                for each in page.get("items") or []
            ]
            more = page["metadata"].get("continue")
            if not more:
                break
            query = {"limit": str(PAGE), "continue": str(more)}
        self._version = version
        self._take_all(found)
        self._reached()

    async def _watch(self, path: str) -> None:
        query = {
            "resourceVersion": self._version,
            "allowWatchBookmarks": "true",
            # Not all at the same moment: a server that comes back is asked by all.
            "timeoutSeconds": str(random.randint(240, 300)),  # noqa: S311
        }
        async with self._api.watch(path, query) as events:
            self._reached()
            async for event in events:
                self._silences = 0
                self._take(event["type"], event["object"])

    def _take(self, change: str, subject: Manifest) -> None:
        self._version = str(subject["metadata"]["resourceVersion"])
        if change == "BOOKMARK":
            return
        name = subject["metadata"]["name"]
        before = self.objects.get(name)
        if change == "DELETED":
            self._drop(name)
        else:
            after = self._trim(subject)
            if after == before:
                return  # a heartbeat, or what nobody looks at
            self._drop(name)
            self._keep(name, after)
        self._tell()

    def _take_all(self, found: list[Manifest]) -> None:
        self.objects, self._owned = {}, {}
        for each in found:
            self._keep(each["metadata"]["name"], each)
        self.listed = True
        self._tell()

    def _keep(self, name: str, subject: Manifest) -> None:
        self.objects[name] = subject
        for uid in _owners(subject):
            self._owned.setdefault(uid, {})[name] = subject

    def _drop(self, name: str) -> None:
        before = self.objects.pop(name, None)
        for uid in _owners(before or {"metadata": {}}):
            owned = self._owned.get(uid, {})
            owned.pop(name, None)
            if not owned:
                self._owned.pop(uid, None)

    def _reached(self) -> None:
        self._failures = 0
        if not self.connected or self.trouble:
            self.connected, self.trouble = True, ""
            self._tell()

    async def _failed(self, error: Temporary) -> None:
        """Say that it is not connected, and why when it is the second time; wait before the next try."""
        log.info("the watch of %s stopped: %s", self.title, error)
        self.connected = False
        if self._failures:
            self.trouble = said_of(self._api.name, error)
        self._tell()
        await self._pause(error.retry_after)

    async def _pause(self, asked: float | None) -> None:
        grown = min(LONGEST_PAUSE, SOON * 2 ** min(self._failures, 10))
        self._failures += 1
        await asyncio.sleep(max(asked or 0.0, grown) * random.uniform(1.0, 1.3))  # noqa: S311

    def _tell(self) -> None:
        for each in self._followers:
            each.set()


def said_of(cluster: str, error: Temporary) -> str:
    """Say in a few words why a cluster does not tell what happens."""
    if isinstance(error, Unauthorized):
        return f"{cluster}: the credentials are refused"
    if error.retry_after is not None:
        return f"{cluster} is overloaded"
    return f"{cluster} cannot be reached"


def _owners(subject: Mapping[str, Any]) -> list[str]:
    return [each["uid"] for each in subject["metadata"].get("ownerReferences") or []]
