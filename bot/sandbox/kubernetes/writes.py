"""What a write request does to an object: merging, defaults, validation, ownership, then storage.

One path for create, update, every kind of patch and server-side apply, with and without `dryRun`, so that
what a dry run answers is what the real request would.
"""

import copy
import random
from dataclasses import dataclass
from typing import Any

from bot.sandbox.kubernetes import apply as ssa
from bot.sandbox.kubernetes import crds, defaults, errors, strategies, structural, typed, validation
from bot.sandbox.kubernetes.patch import json_patch, merge_patch, strategic_merge
from bot.sandbox.kubernetes.registry import BY_KIND, Resource
from bot.sandbox.kubernetes.storage import Object, Storage, now

APPLY = "application/apply-patch+yaml"
SUFFIX = "bcdfghjklmnpqrstvwxz2456789"


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


def create(storage: Storage, ask: Ask, body: Object) -> Object:
    """Add an object. Raises StatusError."""
    subject = _placed(storage, ask, body)
    meta = subject["metadata"]
    if not meta.get("name") and meta.get("generateName"):
        meta["name"] = meta["generateName"] + "".join(random.choices(SUFFIX, k=5))  # noqa: S311 - a name, not a secret
    if storage.find(ask.resource, ask.namespace, meta.get("name", "")) is not None:
        raise errors.already_exists(ask.resource, meta["name"])
    meta.pop("resourceVersion", None)
    if ask.resource.status:
        subject.pop("status", None)
    owners = ssa.update(None, subject, ssa.Manager(ask.manager, "Update"))
    return _finish(storage, ask, None, subject, owners)


def replace(storage: Storage, ask: Ask, body: Object) -> Object:
    """Replace an object, or its status or scale. Raises StatusError."""
    live = storage.get(ask.resource, ask.namespace, ask.name)
    if ask.subresource == "scale":
        return _rescale(storage, ask, live, body)
    return _written(storage, ask, live, _placed(storage, ask, body))


def patch(storage: Storage, ask: Ask, body: Any, kind: str) -> tuple[Object, bool]:
    """Change an object by a patch of media type `kind`; answer it and whether it was made by this.

    Raises StatusError.
    """
    if kind == APPLY:
        return _applied(storage, ask, body)
    live = storage.get(ask.resource, ask.namespace, ask.name)
    merge = {
        "application/json-patch+json": json_patch,
        "application/merge-patch+json": merge_patch,
        "application/strategic-merge-patch+json": strategic_merge,
    }.get(kind)
    if merge is None:
        raise errors.StatusError(
            415,
            "the body of the request was in an unknown format - accepted media types include: "
            f"application/json-patch+json, application/merge-patch+json, {APPLY}",
        )
    if ask.subresource == "scale":
        return _rescale(storage, ask, live, merge(scale_of(live), body)), False
    return _written(
        storage, ask, live, _placed(storage, ask, merge(copy.deepcopy(live), body))
    ), False


def delete(storage: Storage, ask: Ask, options: Object) -> Object:
    """Begin to take an object away, or do it at once. Raises StatusError. Answers the object."""
    live = storage.get(ask.resource, ask.namespace, ask.name)
    wanted = (options.get("preconditions") or {}).get("uid")
    if wanted and wanted != live["metadata"]["uid"]:
        raise errors.StatusError(
            409,
            f'Operation cannot be fulfilled on {ask.resource.qualified} "{ask.name}": Precondition '
            f"failed: UID in precondition: {wanted}, UID in object meta: {live['metadata']['uid']}",
        )
    if ask.dry_run:
        return live
    policy = options.get("propagationPolicy")
    meta = copy.deepcopy(live["metadata"])
    graceful = ask.resource.kind == "Pod" and options.get("gracePeriodSeconds") != 0
    if policy == "Orphan":
        _let_go(storage, live)
    if ask.resource is crds.DEFINITION and not meta.get("deletionTimestamp"):
        meta["finalizers"] = [*meta.get("finalizers", []), crds.FINALIZER]
        live = {**live, "status": crds.terminating(live, now())}
    holding = graceful or meta.get("finalizers") or ask.resource.kind == "Namespace"
    if not holding:
        return storage.remove(ask.resource, live)
    if not meta.get("deletionTimestamp"):
        meta["deletionTimestamp"] = now()
        meta["deletionGracePeriodSeconds"] = 30 if graceful else 0
        return storage.mark(ask.resource, live, meta)
    return live


def _let_go(storage: Storage, owner: Object) -> None:
    """Take an owner from all that it owns, as the garbage collector does before the owner goes."""
    meta = owner["metadata"]
    for resource in storage.kinds:
        for each in storage.of(resource, meta.get("namespace", "")):
            refs = each["metadata"].get("ownerReferences", [])
            kept = [ref for ref in refs if ref["uid"] != meta["uid"]]
            if len(kept) != len(refs):
                storage.mark(resource, each, {**each["metadata"], "ownerReferences": kept})


def scale_of(live: Object) -> Object:
    """Answer the `Scale` of a workload."""
    selector = (live["spec"].get("selector") or {}).get("matchLabels") or {}
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            key: live["metadata"][key]
            for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
        },
        "spec": {"replicas": live["spec"].get("replicas", 0)},
        "status": {
            "replicas": live.get("status", {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in selector.items()),
        },
    }


def _rescale(storage: Storage, ask: Ask, live: Object, scale: Object) -> Object:
    wanted = copy.deepcopy(live)
    wanted["spec"]["replicas"] = scale.get("spec", {}).get("replicas", 0)
    version = scale.get("metadata", {}).get("resourceVersion")
    if version:
        wanted["metadata"]["resourceVersion"] = version
    return scale_of(_written(storage, ask, live, wanted, part="scale"))


def _applied(storage: Storage, ask: Ask, body: Object) -> tuple[Object, bool]:
    live = storage.find(ask.resource, ask.namespace, ask.name)
    wanted = _placed(storage, ask, body)
    typed.check(ask.resource, wanted)
    if wanted["metadata"].get("managedFields"):
        raise errors.StatusError(400, "metadata.managedFields must be nil")
    version = wanted["metadata"].pop("resourceVersion", None)
    if live is not None and version not in {None, "", live["metadata"]["resourceVersion"]}:
        raise errors.stale(ask.resource, ask.name)
    if ask.resource.status and not ask.subresource:
        wanted.pop("status", None)
    manager = ssa.Manager(ask.manager, "Apply", ask.subresource)
    merged, owners = ssa.apply(live, wanted, manager, force=ask.force)
    return _finish(storage, ask, live, merged, owners), live is None


def _written(storage: Storage, ask: Ask, live: Object, subject: Object, part: str = "") -> Object:
    """Store an ordinary write: a subresource changes only its own part, the rest all but the status."""
    if ask.subresource == "status":
        made = {**live, "status": subject.get("status", {})}
        made["metadata"] = {**live["metadata"]}
        version = subject["metadata"].get("resourceVersion")
        if version:
            made["metadata"]["resourceVersion"] = version
        return live if ask.dry_run else storage.update(ask.resource, made)
    if ask.resource.status:
        subject = {key: value for key, value in subject.items() if key != "status"}
        if "status" in live:
            subject["status"] = live["status"]
    owners = ssa.update(live, subject, ssa.Manager(ask.manager, "Update", part))
    return _finish(storage, ask, live, subject, owners)


def _finish(
    storage: Storage, ask: Ask, live: Object | None, subject: Object, owners: ssa.Owners
) -> Object:
    """Fill in, check and store what a write has made of an object."""
    subject = copy.deepcopy(subject)
    shape = ask.resource.at(ask.version).shape
    unknown = validation.check_fields(ask.resource, shape, subject) if ask.strict else []
    if unknown and shape is not None:
        raise errors.StatusError(400, f"strict decoding error: {', '.join(unknown)}")
    if unknown:
        raise errors.StatusError(
            400,
            f'{ask.resource.kind} in version "{ask.resource.version}" cannot be handled as a '
            f"{ask.resource.kind}: strict decoding error: {', '.join(unknown)}",
        )
    if shape is not None:
        subject = structural.pruned(shape, subject)
        structural.fill(shape, subject)
    try:
        defaults.fill(subject)
    except (AttributeError, KeyError, TypeError) as error:
        raise errors.StatusError(
            400, f"{ask.resource.kind} cannot be handled: the object has not the shape of its kind"
        ) from error
    strategies.prepare(ask.resource, subject, live)
    validation.check(ask.resource, shape, subject, live)
    _require_namespace(storage, ask)
    subject = ssa.with_owners(subject, owners, live, now())
    if ask.dry_run:
        return _as_if_stored(ask.resource, live, subject)
    if live is None:
        return storage.create(ask.resource, subject)
    return storage.update(ask.resource, subject)


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
        meta["generation"] = live["metadata"].get("generation", 1) + (1 if changed else 0)
    return subject


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
        raise errors.StatusError(
            400,
            f"the API version in the data ({found[0]}, {found[1]}) does not match the expected "
            f"API version ({wanted}, {ask.resource.kind})",
        )
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
            f"the namespace of the provided object does not match the namespace sent on the request "
            f"({meta['namespace']} != {ask.namespace})",
        )
    if not ask.resource.namespaced:
        meta.pop("namespace", None)
    return subject


def _require_namespace(storage: Storage, ask: Ask) -> None:
    if not ask.resource.namespaced:
        return
    kind = BY_KIND["v1", "Namespace"]
    found = storage.find(kind, "", ask.namespace)
    if found is None:
        raise errors.not_found(kind, ask.namespace)
    if found["metadata"].get("deletionTimestamp"):
        raise errors.StatusError(
            403,
            f"{ask.resource.qualified} is forbidden: unable to create new content in namespace "
            f"{ask.namespace} because it is being terminated",
        )
