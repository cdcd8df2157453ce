"""Objects followed until whoever asked stops asking: their health, from watches that all runs share."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime

from bot.clock import Clock
from bot.cluster.health import CLAIM, has_pods, health_of, is_at_work, is_done_at_once, kind_of
from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.claims import Classes
from bot.cluster.kube.paths import Paths
from bot.cluster.kube.watches import Subject, Watches
from bot.cluster.kube.watching import SharedWatch
from bot.cluster.patience import Patience
from bot.cluster.pods import pods_of
from bot.cluster.port import Applied, Health, Manifest

GLANCE = 2.0
"""Seconds after which what has trouble is judged again, since a verdict needs that trouble lasts."""
CATCHING_UP = 1.0
"""Seconds that watches which are behind what was applied get before anything is said."""
BREATH = 0.05
"""Seconds: changes come in flocks, and one look is enough for them."""

Key = tuple[str, str, str]
"""A version of a kind, the kind and the namespace."""

REPLICA_SET = ("apps/v1", "ReplicaSet")
POD = ("v1", "Pod")


async def follow(
    api: ClusterApi,
    paths: Paths,
    watches: Watches,
    clock: Clock,
    applied: Sequence[Applied],
    patience: float,
) -> AsyncGenerator[dict[Applied, Health], None]:
    """Yield the health of all of `applied` now and after each change. Raises Permanent."""
    changed = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        joined = {
            key: await stack.enter_async_context(
                watches.following(Subject(api, *key), paths, changed)
            )
            for key in _needed(applied)
        }
        view = _View(joined, applied, Patience(patience), Classes(api, paths))
        last: dict[Applied, Health] | None = None
        patient_until = loop.time() + CATCHING_UP
        while True:
            view.raise_errors()
            changed.clear()
            began = loop.time()
            if view.tells and (view.is_up_to_date or loop.time() >= patient_until):
                await view.learn()
                found = view.health(clock.now(), loop.time())
                if found != last:
                    last = found
                    yield found
                    began = loop.time()  # what the caller did meanwhile is no look
            # Thousands of pods take a while to look at: most of the time is the others'.
            breath = max(BREATH, 4 * (loop.time() - began))
            await _until(changed, CATCHING_UP if last is None else view.next_look(last), breath)


def pods_seen(api: ClusterApi, watches: Watches, applied: Applied) -> list[Manifest] | None:
    """List the pods of an object's newest template as the watches know them now; None when none is going on."""
    keys = [(applied.api_version, applied.kind, applied.namespace), *_below(applied)]
    found = {key: watches.objects(Subject(api, *key)) for key in keys}
    joined = {key: watch for key, watch in found.items() if watch is not None}
    if len(joined) < len(keys):
        return None
    subject = joined[keys[0]].objects.get(applied.name)
    return _pods(joined, applied, subject)


async def _until(changed: asyncio.Event, seconds: float | None, breath: float) -> None:
    """Wait for a change, at most so many seconds, and for those that come along with it."""
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return
    await asyncio.sleep(breath)


def _needed(applied: Sequence[Applied]) -> list[Key]:
    """List what has to be watched: the objects, and the pods of workloads."""
    needed: dict[Key, None] = {}
    for each in applied:
        if is_done_at_once(each.api_version, each.kind):
            continue
        needed[each.api_version, each.kind, each.namespace] = None
        for key in _below(each):
            needed[key] = None
    return list(needed)


def _below(applied: Applied) -> list[Key]:
    """List what has to be watched to know an object's pods."""
    if not has_pods(applied.api_version, applied.kind):
        return []
    sets: list[Key] = [(*REPLICA_SET, applied.namespace)] if applied.kind == "Deployment" else []
    return [*sets, (*POD, applied.namespace)]


class _View:
    """What the shared watches behind one `follow` say."""

    def __init__(
        self,
        watches: Mapping[Key, SharedWatch],
        applied: Sequence[Applied],
        patience: Patience,
        classes: Classes,
    ) -> None:
        self._watches = watches
        self._applied = applied
        self._patience = patience
        self._classes = classes

    @property
    def tells(self) -> bool:
        """Whether there is something to say: all that was asked for has come, or it is known why not."""
        return all(each.listed or each.trouble for each in self._watches.values())

    @property
    def is_up_to_date(self) -> bool:
        """Whether the watches have seen what was applied."""
        return all(
            is_done_at_once(each.api_version, each.kind) or _is_seen(self._subject(each), each)
            for each in self._applied
        )

    def raise_errors(self) -> None:
        """Raise what ended a watch for good."""
        for watch in self._watches.values():
            if watch.error is not None:
                raise watch.error

    async def learn(self) -> None:
        """Ask what has to be known of the claims among the objects, once."""
        for each in self._applied:
            if kind_of(each.api_version, each.kind) == CLAIM:
                await self._classes.learn(self._subject(each))

    def health(self, now: datetime, at: float) -> dict[Applied, Health]:
        """Judge all objects at a moment, which is `at` on the clock of the loop."""
        return {each: self._of(each, now, at) for each in self._applied}

    def next_look(self, found: Mapping[Applied, Health] | None) -> float | None:
        """Answer after how many seconds to look again although nothing has changed; None: never."""
        left = self._patience.left()
        left = None if left is None else max(left, BREATH)
        if any(each.note and not each.done for each in (found or {}).values()):
            return GLANCE if left is None else min(left, GLANCE)
        return left

    def _of(self, applied: Applied, now: datetime, at: float) -> Health:
        if is_done_at_once(applied.api_version, applied.kind):
            return Health(ready=1, wanted=1, done=True)
        subject = self._subject(applied)
        pods = _pods(self._watches, applied, subject)
        on_demand = self._classes.is_on_demand(subject)
        health = health_of(subject, applied.generation, pods, now, on_demand=on_demand)
        mine = [(applied.api_version, applied.kind, applied.namespace), *_below(applied)]
        watches = [self._watches[key] for key in mine]
        connected = all(each.listed and each.connected for each in watches)
        working = is_at_work(subject, pods)
        health = self._patience.judged(applied, health, at=at, connected=connected, at_work=working)
        trouble = next((each.trouble for each in watches if each.trouble), "")
        if trouble and not health.done and not health.failed:
            return replace(health, note=trouble)
        return health

    def _subject(self, applied: Applied) -> Manifest | None:
        watch = self._watches[applied.api_version, applied.kind, applied.namespace]
        return watch.objects.get(applied.name)


def _pods(
    watches: Mapping[Key, SharedWatch], applied: Applied, subject: Manifest | None
) -> list[Manifest]:
    """List the pods of an object's newest template."""
    below = _below(applied)
    if subject is None or not below:
        return []
    if applied.kind == "Pod":
        return [subject]
    uid = subject["metadata"]["uid"]
    pods = watches[below[-1]]
    if len(below) == 1:
        return pods_of(subject, [], pods.owned_by(uid))
    sets = watches[below[0]].owned_by(uid)
    owned = [pod for each in sets for pod in pods.owned_by(each["metadata"]["uid"])]
    return pods_of(subject, sets, owned)


def _is_seen(subject: Manifest | None, applied: Applied) -> bool:
    return subject is not None and subject["metadata"].get("generation", 0) >= applied.generation
