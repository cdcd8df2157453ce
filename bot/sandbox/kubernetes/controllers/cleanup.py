"""Garbage collection by owner references, and the end of namespaces."""

from bot.sandbox.kubernetes.controllers.context import POD, Context
from bot.sandbox.kubernetes.controllers.replicasets import terminating
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object, now

NAMESPACE = BY_KIND["v1", "Namespace"]


def after_deletion(context: Context, gone: Object) -> None:
    """Take away what belonged to an object that is gone."""
    uid = gone["metadata"]["uid"]
    for key in [each for each in context.stages if each == uid or each.startswith(f"{uid}/")]:
        del context.stages[key]
    context.memory.pop(uid, None)
    for resource in context.storage.kinds:
        for each in context.storage.of(resource, gone["metadata"].get("namespace", "")):
            if any(ref["uid"] == uid for ref in each["metadata"].get("ownerReferences", [])):
                take_away(context, each)
    namespace = gone["metadata"].get("namespace", "")
    found = context.storage.find(NAMESPACE, "", namespace) if namespace else None
    if found is not None and found["metadata"].get("deletionTimestamp"):
        context.again((NAMESPACE, "", namespace), 0)


def reconcile_namespace(context: Context, namespace: Object) -> None:
    """Empty a namespace that is to end, then let it go."""
    if not namespace["metadata"].get("deletionTimestamp"):
        return
    name = namespace["metadata"]["name"]
    if namespace["status"].get("phase") != "Terminating":
        context.set_status(namespace, {"phase": "Terminating"})
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


def take_away(context: Context, subject: Object) -> None:
    """Delete an object, or begin to when something still has to happen first."""
    meta, resource = subject["metadata"], context.kind_of(subject)
    if meta.get("deletionTimestamp"):
        return
    if context.storage.find(resource, meta.get("namespace", ""), meta["name"]) is None:
        return
    if resource is POD:
        context.storage.mark(POD, subject, terminating(subject))
    elif meta.get("finalizers"):
        going = {**meta, "deletionTimestamp": now(), "deletionGracePeriodSeconds": 0}
        context.storage.mark(resource, subject, going)
    else:
        context.storage.remove(resource, subject)
