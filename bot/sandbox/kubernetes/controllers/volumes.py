"""Claims of storage: bound to a volume that is made for them after a moment, if their class has a provisioner."""

from bot.sandbox.kubernetes.controllers.context import POD, Context, Target
from bot.sandbox.kubernetes.quantities import amount
from bot.sandbox.kubernetes.references import CLAIM, claims_of
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object
from bot.sandbox.kubernetes.strategies import PROTECTION

VOLUME = BY_KIND["v1", "PersistentVolume"]
STORAGE_CLASS = BY_KIND["storage.k8s.io/v1", "StorageClass"]
PROVISIONED = "pv.kubernetes.io/provisioned-by"
BINDER = "persistentvolume-controller"
PROVISIONING = 0.6
RETRY = 2.0
OVER = frozenset({"Succeeded", "Failed"})


def reconcile_claim(context: Context, claim: Object) -> None:
    """Bind a claim, or say why it cannot be; let one go that no pod uses."""
    if claim["metadata"].get("deletionTimestamp"):
        _let_go(context, claim)
        return
    if claim["status"].get("phase") == "Bound":
        return
    name = claim["spec"].get("storageClassName", "")
    volume = _available(context, claim)
    if volume is not None:
        _bind(context, claim, volume)
        return
    found = context.storage.find(STORAGE_CLASS, "", name) if name else None
    if found is None:
        _refuse(context, claim, name)
    elif found.get("volumeBindingMode") == "WaitForFirstConsumer" and not _users(context, claim):
        said = "waiting for first consumer to be created before binding"
        context.event(claim, "Normal", "WaitForFirstConsumer", said, BINDER)
    elif context.waited(_target(claim), claim["metadata"]["uid"], "provisioning", PROVISIONING):
        made = context.create(VOLUME, _volume_for(claim, found))
        said = f"Successfully provisioned volume {made['metadata']['name']}"
        context.event(claim, "Normal", "ProvisioningSucceeded", said, str(found["provisioner"]))
        _bind(context, claim, made)


def reconcile_volume(context: Context, volume: Object) -> None:
    """Say whether a volume is free; delete or release one whose claim is gone."""
    if volume["metadata"].get("deletionTimestamp"):
        return
    reference = volume["spec"].get("claimRef")
    if reference is None:
        context.set_status(volume, {"phase": "Available"})
        return
    claim = context.storage.find(CLAIM, reference["namespace"], reference["name"])
    if claim is not None and claim["metadata"]["uid"] == reference.get("uid"):
        context.set_status(volume, {"phase": "Bound"})
    elif volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
        context.storage.remove(VOLUME, volume)
    else:
        context.set_status(volume, {"phase": "Released"})


def used_by(pod: Object) -> list[Target]:
    """List the claims that a pod mounts."""
    return [(CLAIM, pod["metadata"]["namespace"], each) for each in claims_of(pod["spec"])]


def _let_go(context: Context, claim: Object) -> None:
    meta = claim["metadata"]
    if PROTECTION in (meta.get("finalizers") or []) and not _users(context, claim):
        rest = [each for each in meta["finalizers"] if each != PROTECTION]
        context.write({**claim, "metadata": {**meta, "finalizers": rest}})


def _users(context: Context, claim: Object) -> list[Object]:
    meta = claim["metadata"]
    return [
        each
        for each in context.storage.of(POD, meta["namespace"])
        if each["status"].get("phase") not in OVER and meta["name"] in claims_of(each["spec"])
    ]


def _refuse(context: Context, claim: Object, name: str) -> None:
    if name:
        said = f'storageclass.storage.k8s.io "{name}" not found'
        context.event(claim, "Warning", "ProvisioningFailed", said, BINDER)
    else:
        said = "no persistent volumes available for this claim and no storage class is set"
        context.event(claim, "Normal", "FailedBinding", said, BINDER)
    context.again(_target(claim), RETRY / context.speed)


def _available(context: Context, claim: Object) -> Object | None:
    """Find a volume that somebody has made by hand and that is enough for a claim."""
    spec = claim["spec"]
    wanted = amount(spec["resources"]["requests"]["storage"])
    for each in context.storage.of(VOLUME):
        offer = each["spec"]
        free = each["status"].get("phase") == "Available" and "claimRef" not in offer
        named = spec.get("volumeName") in {None, "", each["metadata"]["name"]}
        same = offer.get("storageClassName", "") == spec.get("storageClassName", "")
        modes = set(spec["accessModes"]) <= set(offer.get("accessModes") or [])
        if free and named and same and modes and amount(offer["capacity"]["storage"]) >= wanted:
            return each
    return None


def _bind(context: Context, claim: Object, volume: Object) -> None:
    meta, offer = claim["metadata"], volume["spec"]
    reference = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "name": meta["name"],
        "namespace": meta["namespace"],
        "resourceVersion": meta["resourceVersion"],
        "uid": meta["uid"],
    }
    bound = context.write({**volume, "spec": {**offer, "claimRef": reference}})
    context.set_status(bound, {"phase": "Bound"})
    notes = {
        **(meta.get("annotations") or {}),
        "pv.kubernetes.io/bind-completed": "yes",
        "pv.kubernetes.io/bound-by-controller": "yes",
    }
    made = context.write(
        {
            **claim,
            "metadata": {**meta, "annotations": notes},
            "spec": {**claim["spec"], "volumeName": volume["metadata"]["name"]},
        }
    )
    status = {"accessModes": offer["accessModes"], "capacity": offer["capacity"], "phase": "Bound"}
    context.set_status(made, status)


def _volume_for(claim: Object, storage_class: Object) -> Object:
    spec, name = claim["spec"], f"pvc-{claim['metadata']['uid']}"
    provisioner = storage_class["provisioner"]
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {PROVISIONED: provisioner}},
        "spec": {
            "accessModes": spec["accessModes"],
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "csi": {"driver": provisioner, "volumeHandle": name},
            "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
            "storageClassName": storage_class["metadata"]["name"],
            "volumeMode": spec.get("volumeMode", "Filesystem"),
        },
    }


def _target(claim: Object) -> Target:
    return CLAIM, claim["metadata"]["namespace"], claim["metadata"]["name"]
