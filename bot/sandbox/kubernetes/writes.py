"""What a write request does to an object: decoding, merging, defaults, validation, ownership, then storage.

One path for create, update, every kind of patch and server-side apply, with and without `dryRun`, so that
what a dry run answers is what the real request would.
"""

import copy
import random
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from typing import Any

from bot.sandbox.kubernetes import (
    decoding,
    defaults,
    errors,
    strategies,
    structural,
    typed,
)
from bot.sandbox.kubernetes.ownership import rules
from bot.sandbox.kubernetes.ownership.managers import Manager, Owners, with_owners
from bot.sandbox.kubernetes.ownership.paths import Path
from bot.sandbox.kubernetes.ownership.rules import Writer
from bot.sandbox.kubernetes.patch import json_patch, merge_patch, strategic_merge
from bot.sandbox.kubernetes.registry import BY_KIND, Resource
from bot.sandbox.kubernetes.reviews import Review
from bot.sandbox.kubernetes.scales import scale_of, scaled
from bot.sandbox.kubernetes.storage import Object, Storage, now
from bot.sandbox.kubernetes.validating.check import check

APPLY = "application/apply-patch+yaml"
SCALE = "autoscaling/v1"
SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
CUSTOM_PATCHES = f"application/json-patch+json, application/merge-patch+json, {APPLY}"
PATCHES = CUSTOM_PATCHES.replace(APPLY, f"application/strategic-merge-patch+json, {APPLY}")
STATUS: tuple[Path, ...] = (("f:status",),)
ALL_BUT_STATUS: tuple[Path, ...] = (("f:spec",), ("f:metadata", "f:labels"))
NAMESPACE = BY_KIND["v1", "Namespace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Where a write goes and how it is meant."""

    resource: Resource
    version: str
    namespace: str
    name: str = ""
    subresource: str = ""
    manager: str = "unknown"
    force: bool = False
    dry_run: bool = False
    strict: bool = False

    def writer(self, operation: str) -> Writer:
        """Answer who writes, for the account of owners."""
        ignored: tuple[Path, ...] = ()
        if self.subresource == "status":
            ignored = ALL_BUT_STATUS
        elif self.resource.status:
            ignored = STATUS
        return Writer(
            manager=Manager(self.manager, operation, self.subresource),
            shape=self.resource.shape_at(self.version),
            version=self.resource.api_version_of(self.version),
            moment=now(),
            ignored=ignored,
        )


def create(storage: Storage, ask: Ask, body: Object) -> Object:
    """Add an object. Raises StatusError."""
    subject = _read(storage, ask, body)
    meta = subject["metadata"]
    if not meta.get("name") and meta.get("generateName"):
        meta["name"] = meta["generateName"] + "".join(random.choices(SUFFIX, k=5))  # noqa: S311 - a name, not a secret
    for field in ("resourceVersion", "deletionTimestamp", "managedFields", "generation", "uid"):
        meta.pop(field, None)
    if ask.resource.status:
        subject.pop("status", None)
    _fill(ask, subject)
    writer = ask.writer("Update")
    owners = rules.update(rules.blank(writer.shape), subject, writer)
    _require_namespace(storage, ask)
    if storage.find(ask.resource, ask.namespace, meta.get("name", "")) is not None:
        raise errors.already_exists(ask.resource, meta["name"])
    return _finish(storage, ask, None, subject, owners)


def replace(storage: Storage, ask: Ask, body: Object) -> Object:
    """Replace an object, or its status or scale. Raises StatusError."""
    live = storage.get(ask.resource, ask.namespace, ask.name)
    if ask.subresource == "scale":
        return _rescale(storage, ask, live, body)
    return _written(storage, ask, live, _read(storage, ask, body))


def patch(storage: Storage, ask: Ask, body: Any, kind: str) -> tuple[Object, bool]:
    """Change an object by a patch of media type `kind`; answer it and whether it was made by this.

    Raises StatusError.
    """
    if kind == APPLY:
        return _applied(storage, ask, body)
    live = storage.get(ask.resource, ask.namespace, ask.name)
    if ask.subresource == "scale":
        return _rescale(storage, ask, live, _patched(ask, scale_of(live), body, kind)), False
    patched = _patched(ask, copy.deepcopy(live), body, kind)
    try:
        made = _read(storage, ask, patched)
    except errors.StatusError as error:
        raise errors.invalid_patch(patched, str(error)) from error
    return _written(storage, ask, live, made), False


def _patched(ask: Ask, live: Object, body: Any, kind: str) -> Any:
    """Answer an object as a patch makes it. Raises StatusError."""
    if kind == "application/json-patch+json":
        return json_patch(live, body)
    if kind == "application/merge-patch+json":
        return merge_patch(live, body)
    if kind == "application/strategic-merge-patch+json" and not ask.resource.served:
        return strategic_merge(ask.resource.shape_at(ask.version), live, body)
    raise errors.unsupported_media(CUSTOM_PATCHES if ask.resource.served else PATCHES)


def record(
    storage: Storage, resource: Resource, subject: Object, manager: str, part: str = ""
) -> Object:
    """Store what a controller has made of an object it has just read, whatever its resourceVersion.

    `part` is the subresource that it writes through. Nothing is checked: controllers are trusted.
    """
    meta = subject["metadata"]
    live = storage.get(resource, meta.get("namespace", ""), meta["name"])
    writer = Writer(
        manager=Manager(manager, "Update", part),
        shape=resource.shape_at(resource.version),
        version=resource.api_version,
        moment=now(),
    )
    made = {**subject, "metadata": {**meta, "managedFields": live["metadata"].get("managedFields")}}
    made["metadata"].pop("resourceVersion", None)
    return storage.update(resource, with_owners(made, rules.update(live, made, writer)))


def _rescale(storage: Storage, ask: Ask, live: Object, scale: Object) -> Object:
    """Change how many replicas are wanted; `Scale` in, `Scale` out."""
    wanted = scaled(ask.resource, live, scale)
    writer = ask.writer("Update")
    owners = rules.update(live, wanted, writer)
    return scale_of(_finish(storage, ask, live, wanted, owners))


def _applied(storage: Storage, ask: Ask, body: Object) -> tuple[Object, bool]:
    live = storage.find(ask.resource, ask.namespace, ask.name)
    if ask.subresource and live is None:
        raise errors.not_found(ask.resource, ask.name)
    if ask.subresource == "scale" and live is not None:
        return _apply_scale(storage, ask, live, body)
    _check_head(ask, body)
    wanted = _placed(storage, ask, body)
    writer = ask.writer("Apply")
    typed.check(ask.resource, ask.version, writer.shape, wanted)
    meta = wanted["metadata"]
    if meta.get("managedFields"):
        raise errors.StatusError(400, "metadata.managedFields must be nil")
    if not live and meta.get("uid"):
        raise errors.missing_with_uid(ask.resource, ask.name, meta["uid"])
    version = meta.pop("resourceVersion", None)
    if live is not None and version not in {None, "", live["metadata"]["resourceVersion"]}:
        raise errors.stale(ask.resource, ask.name)
    if ask.subresource == "status":
        wanted = {key: wanted[key] for key in wanted if key in {*HEAD, "metadata", "status"}}
    elif ask.resource.status:
        wanted.pop("status", None)
    _require_namespace(storage, ask)
    before = live if live is not None else {**_head(ask), **rules.blank(writer.shape)}
    merged, owners = rules.apply(before, wanted, writer, force=ask.force)
    if not ask.resource.served:
        merged = decoding.normal(writer.shape, merged)
    if live is None and ask.resource.status:
        merged.pop("status", None)
    _fill(ask, merged)
    return _finish(storage, ask, live, merged, owners), live is None


HEAD = frozenset({"apiVersion", "kind"})


def _check_head(ask: Ask, body: Any) -> None:
    """Refuse what does not say what it is. Raises StatusError 400."""
    if not isinstance(body, dict):
        raise errors.StatusError(400, "error decoding YAML: the body is no object")
    version, kind = body.get("apiVersion", ""), body.get("kind", "")
    if version == ask.resource.api_version_of(ask.version) and kind != ask.resource.kind:
        raise errors.StatusError(400, f"invalid object type: {version}, Kind={kind}")
    if not (body.get("metadata") or {}).get("name"):
        raise errors.StatusError(
            400,
            f"the name of the object ({ask.name} based on URL) was undeterminable: name must be provided",
        )


def _head(ask: Ask) -> Object:
    return {"apiVersion": ask.resource.api_version, "kind": ask.resource.kind}


def _apply_scale(storage: Storage, ask: Ask, live: Object, scale: Object) -> tuple[Object, bool]:
    wanted = {**_head(ask), "metadata": {}, "spec": {"replicas": scale["spec"]["replicas"]}}
    writer = replace_fields(ask.writer("Apply"), moment="")  # the real one keeps no time here
    try:
        merged, owners = rules.apply(live, wanted, writer, force=ask.force)
    except errors.StatusError as error:
        raise errors.in_version(error, ask.resource.api_version, SCALE) from error
    return scale_of(_finish(storage, ask, live, merged, owners)), False


def _written(storage: Storage, ask: Ask, live: Object, subject: Object) -> Object:
    """Store an ordinary write: a subresource changes only its own part, the rest all but the status."""
    writer = ask.writer("Update")
    uid = subject["metadata"].get("uid")
    if uid and uid != live["metadata"]["uid"]:
        raise errors.other_uid(ask.resource, live, uid)
    if ask.subresource == "status":
        meta = {**live["metadata"]}
        if subject["metadata"].get("resourceVersion"):
            meta["resourceVersion"] = subject["metadata"]["resourceVersion"]
        subject = {**live, "metadata": meta, "status": subject.get("status") or {}}
    elif ask.resource.status:
        subject = {key: value for key, value in subject.items() if key != "status"}
        if "status" in live:
            subject["status"] = live["status"]
    if ask.subresource != "status":
        _fill(ask, subject)
    reset = subject["metadata"].get("managedFields") == [{}]
    owners = {} if reset else rules.update(live, subject, writer)
    return _finish(storage, ask, live, subject, owners)


def _finish(
    storage: Storage, ask: Ask, live: Object | None, subject: Object, owners: Owners
) -> Object:
    """Complete, check and store what a write has made of an object."""
    subject = copy.deepcopy(subject)
    review = Review(
        resource=ask.resource,
        namespace=ask.namespace,
        subject=subject,
        old=live,
        subresource=ask.subresource,
    )
    completing, *refusing = storage.reviewers or [_nobody]
    completing(review)
    strategies.prepare(ask.resource, subject, live)
    check(ask.resource, ask.resource.at(ask.version).shape, subject, live)
    for each in refusing:
        each(review)
    subject = with_owners(subject, owners)
    if ask.dry_run:
        return _as_if_stored(ask.resource, live, subject)
    if live is None:
        return storage.create(ask.resource, subject)
    return storage.update(ask.resource, subject, by_user=not ask.subresource)


def _nobody(_: Review) -> None:
    """Review nothing."""


def _as_if_stored(resource: Resource, live: Object | None, subject: Object) -> Object:
    """Answer what storing would have answered, without doing it."""
    meta = subject["metadata"]
    if live is None:
        meta["uid"] = "00000000-0000-0000-0000-000000000000"
        meta["creationTimestamp"] = now()
        if resource.generation:
            meta["generation"] = 1
        return subject
    if meta.get("resourceVersion") not in {None, "", live["metadata"]["resourceVersion"]}:
        raise errors.stale(resource, meta["name"])
    for field in ("uid", "creationTimestamp", "resourceVersion"):
        meta[field] = live["metadata"][field]
    if resource.generation:
        changed = {**subject, "metadata": 0, "status": 0} != {**live, "metadata": 0, "status": 0}
        if resource.annotated:
            changed = changed or meta.get("annotations") != live["metadata"].get("annotations")
        meta["generation"] = live["metadata"].get("generation", 1) + (1 if changed else 0)
    return subject


def _read(storage: Storage, ask: Ask, body: Any) -> Object:
    """Read the body of an ordinary write as an object of the kind, in its place. Raises StatusError 400."""
    subject = _placed(storage, ask, body)
    shape = ask.resource.shape_at(ask.version)
    if not ask.resource.served:
        return decoding.decoded(ask.resource, ask.version, shape, subject, strict=ask.strict)
    unknown = list(structural.unknown(shape, subject)) if ask.strict else []
    if unknown:
        said = ", ".join(f'unknown field "{each}"' for each in unknown)
        kind = ask.resource.kind
        head = f'{kind} in version "{ask.version}" cannot be handled as a {kind}: '
        raise errors.StatusError(400, f"{head}strict decoding error: {said}")
    return subject


def _fill(ask: Ask, subject: Object) -> None:
    """Fill in defaults, and leave out what the schema of a custom kind does not know, in place."""
    if not ask.resource.served:
        defaults.fill(subject)
        return
    shape = ask.resource.shape_at(ask.version)
    kept = structural.pruned(shape, subject)
    subject.clear()
    subject.update(kept)
    structural.fill(shape, subject)


def _placed(storage: Storage, ask: Ask, body: Any) -> Object:
    """Check that a body is an object of the kind and place that its URL says; answer a copy as it is kept."""
    if not isinstance(body, dict) or not isinstance(body.get("metadata", {}), dict):
        raise errors.StatusError(400, "the object provided is not an object with metadata")
    subject = copy.deepcopy(body)
    wanted = ask.resource.api_version_of(ask.version)
    found = (
        subject.setdefault("apiVersion", wanted),
        subject.setdefault("kind", ask.resource.kind),
    )
    if storage.kinds.of(*found) is not ask.resource:
        raise errors.wrong_kind(ask.resource, ask.version, *found)
    subject["apiVersion"] = ask.resource.api_version
    meta = subject.setdefault("metadata", {})
    if ask.name and meta.setdefault("name", ask.name) != ask.name:
        raise errors.StatusError(
            400,
            f"the name of the object ({meta['name']}) does not match the name on the URL ({ask.name})",
        )
    if ask.resource.namespaced and meta.setdefault("namespace", ask.namespace) != ask.namespace:
        raise errors.StatusError(
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        )
    if not ask.resource.namespaced:
        meta.pop("namespace", None)
    return subject


def _require_namespace(storage: Storage, ask: Ask) -> None:
    if not ask.resource.namespaced:
        return
    found = storage.find(NAMESPACE, "", ask.namespace)
    if found is None:
        raise errors.not_found(NAMESPACE, ask.namespace)
    if found["metadata"].get("deletionTimestamp"):
        raise errors.terminating(ask.resource, ask.name, ask.namespace)
