"""Garbage collection by owner references, in each of its three ways, and the end of namespaces."""

from bot.sandbox.kubernetes.controllers.context import POD, Context
from bot.sandbox.kubernetes.deletes import FOREGROUND, ORPHAN
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object, now

NAMESPACE = BY_KIND["v1", "Namespace"]


def after_deletion(context: Context, gone: Object) -> None:
    """Take away what belonged to an object that is gone, unless somebody else owns it, too."""
    uid = gone["metadata"]["uid"]
    for key in [each for each in context.stages if each == uid or each.startswith(f"{uid}/")]:
        del context.stages[key]
    for known in [each for each in context.memory if each == uid or each.startswith(f"{uid}/")]:
        del context.memory[known]
    for each in context.storage.dependents(gone):
        others = [ref for ref in each["metadata"]["ownerReferences"] if ref["uid"] != uid]
        if any(_is_there(context, each, ref) for ref in others):
            _disown(context, each, uid)
        else:
            take_away(context, each)
    namespace = gone["metadata"].get("namespace", "")
    found = context.storage.find(NAMESPACE, "", namespace) if namespace else None
    if found is not None and found["metadata"].get("deletionTimestamp"):
        context.again((NAMESPACE, "", namespace), 0)


def is_waiting(subject: Object) -> bool:
    """Say whether an object waits for the garbage collector before it goes."""
    meta = subject["metadata"]
    held = {FOREGROUND, ORPHAN} & set(meta.get("finalizers") or [])
    return bool(held) and bool(meta.get("deletionTimestamp"))


def collect(context: Context, subject: Object) -> None:
    """Do what an object on its way out waits for: its dependents go first, or are left without an owner."""
    meta = subject["metadata"]
    finalizers, dependents = meta["finalizers"], context.storage.dependents(subject)
    if ORPHAN in finalizers:
        for each in dependents:
            _disown(context, each, meta["uid"])
        _release(context, subject, ORPHAN)
        return
    for each in dependents:
        take_away(context, each, foreground=bool(context.storage.dependents(each)))
    if not any(_blocks(each, meta["uid"]) for each in context.storage.dependents(subject)):
        _release(context, subject, FOREGROUND)


def _blocks(dependent: Object, uid: str) -> bool:
    return any(
        ref["uid"] == uid and ref.get("blockOwnerDeletion")
        for ref in dependent["metadata"]["ownerReferences"]
    )


def _is_there(context: Context, dependent: Object, reference: Object) -> bool:
    resource = context.storage.kinds.of(reference["apiVersion"], reference["kind"])
    namespace = dependent["metadata"].get("namespace", "")
    found = resource and context.storage.find(resource, namespace, reference["name"])
    return bool(found) and found["metadata"]["uid"] == reference["uid"]  # type: ignore[index] # it is an object then


def _disown(context: Context, dependent: Object, uid: str) -> None:
    meta = dict(dependent["metadata"])
    meta["ownerReferences"] = [ref for ref in meta["ownerReferences"] if ref["uid"] != uid]
    if not meta["ownerReferences"]:
        del meta["ownerReferences"]
    context.write({**dependent, "metadata": meta})


def _release(context: Context, subject: Object, finalizer: str) -> None:
    meta = subject["metadata"]
    rest = [each for each in meta["finalizers"] if each != finalizer]
    context.write({**subject, "metadata": {**meta, "finalizers": rest}})


def reconcile_namespace(context: Context, namespace: Object) -> None:
    """Empty a namespace that is to end, then let it go."""
    if not namespace["metadata"].get("deletionTimestamp"):
        return
    name = namespace["metadata"]["name"]
    if namespace["status"].get("phase") != "Terminating":
        context.set_status(namespace, {**namespace["status"], "phase": "Terminating"})
        return
    left = [
        each
        for resource in context.storage.kinds
        if resource.namespaced
        for each in context.storage.of(resource, name)
    ]
    if not left:
        context.storage.remove(NAMESPACE, namespace)
        return
    for each in left:
        take_away(context, each)


def take_away(context: Context, subject: Object, *, foreground: bool = False) -> None:
    """Delete an object, or begin to when something still has to happen first."""
    meta, resource = subject["metadata"], context.kind_of(subject)
    if meta.get("deletionTimestamp"):
        return
    if context.storage.find(resource, meta.get("namespace", ""), meta["name"]) is None:
        return
    going = {**meta, "deletionTimestamp": now(), "deletionGracePeriodSeconds": 0}
    if foreground:
        going["finalizers"] = [*(meta.get("finalizers") or []), FOREGROUND]
    if resource is POD:
        going["deletionGracePeriodSeconds"] = 30
        context.storage.mark(POD, subject, going)
    elif going.get("finalizers"):
        context.storage.mark(resource, subject, going)
    else:
        context.storage.remove(resource, subject)
