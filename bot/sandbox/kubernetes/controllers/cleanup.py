"""Garbage collection by owner references, the end of namespaces, and the namespaces a cluster is born with."""

from bot.sandbox.kubernetes.controllers.context import POD, Context
from bot.sandbox.kubernetes.controllers.replicasets import terminating
from bot.sandbox.kubernetes.registry import BY_KIND, RESOURCES
from bot.sandbox.kubernetes.storage import Object, Storage

NAMESPACE = BY_KIND["v1", "Namespace"]
NODE = BY_KIND["v1", "Node"]


def seed(storage: Storage) -> None:
    """Make what every cluster has: its first namespaces and the node."""
    for name in ("default", "kube-system"):
        if storage.find(NAMESPACE, "", name) is None:
            storage.create(
                NAMESPACE,
                {
                    "apiVersion": "v1",
                    "kind": "Namespace",
                    "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
                    "spec": {"finalizers": ["kubernetes"]},
                    "status": {"phase": "Active"},
                },
            )
    if storage.find(NODE, "", "sandbox-node") is None:
        storage.create(
            NODE,
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": "sandbox-node"},
                "spec": {},
                "status": {"conditions": [{"type": "Ready", "status": "True"}]},
            },
        )


def after_deletion(context: Context, gone: Object) -> None:
    """Take away what belonged to an object that is gone."""
    uid = gone["metadata"]["uid"]
    context.stages.pop(uid, None)
    for resource in RESOURCES:
        for each in context.storage.of(resource, gone["metadata"].get("namespace", "")):
            if any(ref["uid"] == uid for ref in each["metadata"].get("ownerReferences", [])):
                _take_away(context, each)
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
        for resource in RESOURCES
        if resource.namespaced
        for each in context.storage.of(resource, name)
    ]
    if not left:
        context.storage.remove(NAMESPACE, namespace)
        return
    for each in left:
        _take_away(context, each)


def _take_away(context: Context, subject: Object) -> None:
    resource = BY_KIND[subject["apiVersion"], subject["kind"]]
    if subject["metadata"].get("deletionTimestamp"):
        return
    meta = subject["metadata"]
    if context.storage.find(resource, meta.get("namespace", ""), meta["name"]) is None:
        return
    if resource is POD:
        context.storage.mark(POD, subject, terminating(subject))
    elif not meta.get("finalizers"):
        context.storage.remove(resource, subject)
