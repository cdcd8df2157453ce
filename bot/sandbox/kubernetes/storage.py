"""The objects of one cluster: written with optimistic concurrency, remembered on the shelf, watched.

Every write gets the next resourceVersion and becomes an event for those who watch; a bounded history of
events lets a watch begin in the past, and answers 410 Gone when that is too far back. It knows nothing of
HTTP and nothing of what a kind means, but that a CustomResourceDefinition makes one.
"""

import asyncio
import copy
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.kubernetes import errors
from bot.sandbox.kubernetes.crds import DEFINITION, is_true, resource_of
from bot.sandbox.kubernetes.kinds import Kinds
from bot.sandbox.kubernetes.owners import Owners
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.reviews import Reviewer
from bot.sandbox.shelf import Shelf

Object = dict[str, Any]
Key = tuple[str, str]

HISTORY = 2000
"""Events kept for watches that begin in the past."""


def now() -> str:
    """Answer the present as Kubernetes writes it: RFC 3339 in UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Change:
    """One write: `old` is what was there before (None: added), `new` what is there now (None: deleted).

    `gone` is a deleted object as it went, with the resourceVersion of its end.
    """

    version: int
    resource: Resource
    old: Object | None
    new: Object | None
    gone: Object | None = None

    @property
    def subject(self) -> Object:
        """The object that the change is about, as it was last."""
        found = self.new or self.gone or self.old
        assert found is not None
        return found


class Watch:
    """The changes after a moment, in order, for one reader. Ended by `close`."""

    def __init__(self, resource: Resource | None, pending: Iterable[Change]) -> None:
        self.resource = resource
        self.silent = False
        self._queue: asyncio.Queue[Change | None] = asyncio.Queue()
        for each in pending:
            self._queue.put_nowait(each)

    def push(self, change: Change | None) -> None:
        """Add a change; None ends the watch."""
        self._queue.put_nowait(change)

    async def next(self) -> Change | None:
        """Wait for the next change; None when the watch has ended."""
        return await self._queue.get()


class Storage:
    """All objects of a cluster."""

    def __init__(self, name: str, shelf: Shelf) -> None:
        self._collection = f"kubernetes/{name}"
        self._shelf = shelf
        self.kinds = Kinds()
        self._objects: defaultdict[str, dict[Key, Object]] = defaultdict(dict)
        self._owners = Owners()
        self._history: deque[Change] = deque(maxlen=HISTORY)
        self._watches: set[Watch] = set()
        self._listeners: list[Callable[[Change], None]] = []
        self.reviewers: list[Reviewer] = []
        """Who looks at a write before it is stored, in order."""
        self._done = {what for what, _ in shelf.items(f"{self._collection}/done")}
        self.silencing = False
        """Whether watches that begin now are dead from the start."""
        self.version = 1
        documents = [document for _, document in shelf.items(self._collection)]
        for each in documents:
            if each["kind"] == DEFINITION.kind and is_true(each, "Established"):
                self.kinds.add(resource_of(each))
        for each in documents:
            resource = self.kinds.of(each["apiVersion"], each["kind"])
            if resource is not None:
                self._objects[resource.qualified][_key(each)] = each
                self._owners.change((resource.qualified, *_key(each)), None, each)
                self.version = max(self.version, int(each["metadata"]["resourceVersion"]))
        for key, document in shelf.items(f"{self._collection}/version"):
            if key == "latest":
                self.version = max(self.version, int(document["version"]))
        self.oldest = self.version
        """The earliest moment of which it is still known what has changed since."""

    def first_time(self, what: str) -> bool:
        """Say whether something is done for the first time in this cluster's life; from now on it is not."""
        if what in self._done:
            return False
        self._done.add(what)
        self._shelf.put(f"{self._collection}/done", what, {})
        return True

    def get(self, resource: Resource, namespace: str, name: str) -> Object:
        """Read an object. Raises StatusError 404. The caller must not change what it gets."""
        found = self.find(resource, namespace, name)
        if found is None:
            raise errors.not_found(resource, name)
        return found

    def find(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """Read an object, or None."""
        return self._objects[resource.qualified].get(
            (namespace if resource.namespaced else "", name)
        )

    def of(self, resource: Resource, namespace: str = "") -> list[Object]:
        """Read the objects of a kind, of all namespaces without one, by namespace and name."""
        found = self._objects[resource.qualified]
        keys = sorted(key for key in found if not namespace or key[0] == namespace)
        return [found[key] for key in keys]

    def as_of(self, version: int, resource: Resource, namespace: str = "") -> list[Object]:
        """Read the objects of a kind as they were at a resourceVersion that is not older than `oldest`."""
        found = {_key(each): each for each in self.of(resource, namespace)}
        for change in reversed(self._history):
            if change.version <= version:
                break
            key = _key(change.subject)
            if not _concerns(change, resource) or (namespace and key[0] != namespace):
                continue
            if change.old is None:
                found.pop(key, None)
            else:
                found[key] = change.old
        return [found[key] for key in sorted(found)]

    def dependents(self, owner: Object) -> list[Object]:
        """Read the objects in an owner's namespace (of one that has none, anywhere) whose references name it."""
        namespace = owner["metadata"].get("namespace", "")
        return [
            self._objects[qualified][where, name]
            for qualified, where, name in self._owners.of(owner["metadata"]["uid"])
            if namespace in {"", where}
        ]

    def everything(self) -> list[Object]:
        """Read all objects."""
        return [each for found in self._objects.values() for each in found.values()]

    def create(self, resource: Resource, subject: Object) -> Object:
        """Add an object and answer it as stored. Raises StatusError 409 when it is there."""
        if self.find(resource, *_key(subject)) is not None:
            raise errors.already_exists(resource, subject["metadata"]["name"])
        made = copy.deepcopy(subject)
        meta = made["metadata"]
        meta.setdefault("uid", str(uuid.uuid4()))
        meta.setdefault("creationTimestamp", now())
        if resource.generation:
            meta["generation"] = 1
        return self._store(resource, None, made)

    def update(self, resource: Resource, subject: Object, *, by_user: bool = False) -> Object:
        """Replace an object and answer it as stored; an identical one changes nothing.

        A resourceVersion in `subject` must be the newest: raises StatusError 409 otherwise. `by_user`: somebody
        wants something else of it, not only says how far it is.
        """
        old = self.get(resource, *_key(subject))
        made = copy.deepcopy(subject)
        meta, before = made["metadata"], old["metadata"]
        if meta.get("resourceVersion") not in {None, "", before["resourceVersion"]}:
            raise errors.stale(resource, meta["name"])
        for field in (
            "uid",
            "creationTimestamp",
            "resourceVersion",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
        ):
            if field in before:
                meta[field] = before[field]
        if resource.generation:
            changed = _intent(resource, made) != _intent(resource, old)
            if by_user and resource.annotated:
                changed = changed or meta.get("annotations") != before.get("annotations")
            meta["generation"] = before.get("generation", 1) + (1 if changed else 0)
        if _without_times(made) == _without_times(old):
            return old
        going = meta.get("deletionTimestamp") and meta.get("deletionGracePeriodSeconds") == 0
        if going and not meta.get("finalizers") and resource.kind != "Namespace":
            return self.remove(resource, old)
        return self._store(resource, old, made)

    def touch(self, resource: Resource, subject: Object) -> Object:
        """Replace an object whatever its resourceVersion: for controllers that have just read it."""
        return self.update(
            resource,
            {
                **subject,
                "metadata": {
                    key: value
                    for key, value in subject["metadata"].items()
                    if key != "resourceVersion"
                },
            },
        )

    def mark(self, resource: Resource, old: Object, metadata: Object) -> Object:
        """Store only new metadata: that the object is going away, and for what it still has to wait."""
        return self._store(resource, old, {**old, "metadata": dict(metadata)})

    def remove(self, resource: Resource, subject: Object) -> Object:
        """Take an object away for good and answer its last state."""
        key = _key(subject)
        old = self._objects[resource.qualified].pop(key, None)
        if old is None:
            raise errors.not_found(resource, subject["metadata"]["name"])
        self._owners.change((resource.qualified, *key), old, None)
        self.version += 1
        gone = copy.deepcopy(old)
        gone["metadata"]["resourceVersion"] = str(self.version)
        self._shelf.put(f"{self._collection}/version", "latest", {"version": self.version})
        self._shelf.delete(self._collection, _shelf_key(resource, key))
        if resource is DEFINITION:
            self._retire(gone["metadata"]["name"])
        self._tell(Change(self.version, resource, old, None, gone))
        return gone

    def watch(self, since: int | None, resource: Resource | None = None) -> Watch:
        """Follow all changes, or those of a kind, after resourceVersion `since` (None: from now on).

        Raises StatusError 410.
        """
        pending: Iterable[Change] = ()
        if since is not None and since < self.version:
            if since < self.oldest:
                raise errors.StatusError(
                    410, f"too old resource version: {since} ({self.oldest})", reason="Expired"
                )
            pending = [
                each for each in self._history if each.version > since and _concerns(each, resource)
            ]
        made = Watch(resource, pending)
        made.silent = self.silencing
        self._watches.add(made)
        return made

    def unwatch(self, watch: Watch) -> None:
        """Stop following."""
        self._watches.discard(watch)

    def silence(self) -> None:
        """Make all watches dead without ending them: they say nothing any more."""
        for each in self._watches:
            each.silent = True

    def cut(self) -> None:
        """End all watches, as a server that goes down does."""
        for each in tuple(self._watches):
            each.push(None)

    def forget(self) -> None:
        """Drop the history, so that a watch from the past is answered with 410 Gone."""
        self._history.clear()
        self.version += 1
        self.oldest = self.version
        """The earliest moment of which it is still known what has changed since."""

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` at once after each change."""
        self._listeners.append(listener)

    def _store(self, resource: Resource, old: Object | None, made: Object) -> Object:
        self.version += 1
        made["metadata"]["resourceVersion"] = str(self.version)
        key = _key(made)
        self._shelf.put(self._collection, _shelf_key(resource, key), made)
        self._objects[resource.qualified][key] = made
        self._owners.change((resource.qualified, *key), old, made)
        if resource is DEFINITION and is_true(made, "Established"):
            self.kinds.add(resource_of(made))
        self._tell(Change(self.version, resource, old, made))
        return made

    def _retire(self, qualified: str) -> None:
        """Serve a custom kind no more: its watches end."""
        self.kinds.drop(qualified)
        for each in tuple(self._watches):
            if each.resource is not None and each.resource.qualified == qualified:
                each.push(None)

    def _tell(self, change: Change) -> None:
        if len(self._history) == HISTORY:
            self.oldest = self._history[0].version
        self._history.append(change)
        for each in tuple(self._watches):
            if _concerns(change, each.resource):
                each.push(change)
        for listener in self._listeners:
            listener(change)


def _key(subject: Object) -> Key:
    return subject["metadata"].get("namespace", ""), subject["metadata"]["name"]


def _concerns(change: Change, resource: Resource | None) -> bool:
    return resource is None or change.resource.qualified == resource.qualified


def _shelf_key(resource: Resource, key: Key) -> str:
    return f"{resource.qualified}/{key[0]}/{key[1]}"


def _intent(resource: Resource, subject: Object) -> Object:
    """Answer what a user wants of an object: all but its metadata, and the status where that is a part of its own."""
    left = {"metadata", "status"} if resource.status else {"metadata"}
    return {key: value for key, value in subject.items() if key not in left}


def _without_times(subject: Object) -> Object:
    """Answer an object without the moments at which its field managers last wrote."""
    meta = dict(subject["metadata"])
    meta["managedFields"] = [
        {key: value for key, value in entry.items() if key != "time"}
        for entry in meta.get("managedFields", [])
    ]
    return {**subject, "metadata": meta}
