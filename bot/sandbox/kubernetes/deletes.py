"""Taking objects away: at once, when what holds them has let go, or with what belongs to them first."""

import copy

from bot.sandbox.kubernetes import crds, errors
from bot.sandbox.kubernetes.storage import Object, Storage, now
from bot.sandbox.kubernetes.writes import Ask

GRACE = 30
FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
POLICIES = {"Foreground": FOREGROUND, "Orphan": ORPHAN}


def delete(storage: Storage, ask: Ask, options: Object) -> Object:
    """Begin to take an object away, or do it at once. Raises StatusError. Answers the object."""
    live = storage.get(ask.resource, ask.namespace, ask.name)
    _check(ask, live, options)
    meta = copy.deepcopy(live["metadata"])
    finalizers = [*(meta.get("finalizers") or [])]
    held = POLICIES.get(str(options.get("propagationPolicy") or ""))
    finalizers = [each for each in finalizers if each not in POLICIES.values()]
    if held:
        finalizers.append(held)
    if ask.resource is crds.DEFINITION and not meta.get("deletionTimestamp"):
        finalizers.append(crds.FINALIZER)
        live = {**live, "status": crds.terminating(live, now())}
    if finalizers or meta.get("finalizers"):
        meta["finalizers"] = finalizers
    grace = _grace(ask, live, options)
    if not (grace or finalizers or ask.resource.kind == "Namespace"):
        return live if ask.dry_run else storage.remove(ask.resource, live)
    if not meta.get("deletionTimestamp"):
        meta["deletionTimestamp"] = now()
        meta["deletionGracePeriodSeconds"] = grace
        if ask.resource.generation:
            meta["generation"] = meta.get("generation", 1) + 1
    elif meta == live["metadata"]:
        return live
    if ask.dry_run:
        return {**live, "metadata": meta}
    return storage.mark(ask.resource, live, meta)


def _check(ask: Ask, live: Object, options: Object) -> None:
    """Refuse what is about another object than the one that is there."""
    given = options.get("preconditions") or {}
    uid, version = live["metadata"]["uid"], live["metadata"]["resourceVersion"]
    if given.get("uid") and given["uid"] != uid:
        raise errors.precondition(
            ask.resource,
            ask.name,
            f"the UID in the precondition ({given['uid']}) does not match the UID in record ({uid}). "
            "The object might have been deleted and then recreated",
        )
    if given.get("resourceVersion") and given["resourceVersion"] != version:
        raise errors.precondition(
            ask.resource,
            ask.name,
            f"the ResourceVersion in the precondition ({given['resourceVersion']}) does not match the "
            f"ResourceVersion in record ({version}). The object might have been modified",
        )
    policy = options.get("propagationPolicy")
    if policy not in {None, "", "Background", *POLICIES}:
        known = '"Foreground", "Background", "Orphan", "nil"'
        raise errors.invalid_option(
            "DeleteOptions",
            "propagationPolicy",
            "FieldValueNotSupported",
            f'Unsupported value: "{policy}": supported values: {known}',
        )


def _grace(ask: Ask, live: Object, options: Object) -> int:
    """Answer how many seconds a pod has to end; none for other kinds, and for a pod that no node runs."""
    if ask.resource.kind != "Pod":
        return 0
    asked = options.get("gracePeriodSeconds")
    if asked is not None:
        return max(0, int(asked))
    if not live["spec"].get("nodeName") or live["status"].get("phase") in {"Succeeded", "Failed"}:
        return 0
    return int(live["spec"].get("terminationGracePeriodSeconds", GRACE))
