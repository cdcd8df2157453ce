"""CustomResourceDefinitions: they get their names, are served, and take their objects along when they go."""

from bot.sandbox.kubernetes.controllers.cleanup import take_away
from bot.sandbox.kubernetes.controllers.context import Context
from bot.sandbox.kubernetes.crds import DEFINITION, FINALIZER, named
from bot.sandbox.kubernetes.storage import Object, now

MANAGER = "kube-apiserver"
"""Who really does this: the API server itself."""


def reconcile(context: Context, definition: Object) -> None:
    """Accept or refuse the names of a definition; empty one that is on its way out."""
    if definition["metadata"].get("deletionTimestamp"):
        _empty(context, definition)
        return
    uid = definition["metadata"]["uid"]
    others = [each for each in context.storage.of(DEFINITION) if each["metadata"]["uid"] != uid]
    context.set_status(definition, named(definition, others, now()), MANAGER)


def _empty(context: Context, definition: Object) -> None:
    """Delete the objects of a kind; when none is left, let its definition go."""
    meta = definition["metadata"]
    resource = context.storage.kinds.named(meta["name"])
    left = context.storage.of(resource) if resource is not None else []
    for each in left:
        take_away(context, each)
    if resource is not None and context.storage.of(resource):
        context.again((DEFINITION, "", meta["name"]), 1)
        return
    rest = [each for each in meta.get("finalizers", []) if each != FINALIZER]
    context.write({**definition, "metadata": {**meta, "finalizers": rest}})
