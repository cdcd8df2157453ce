"""Admission: what is added to objects on their way in, and who may still refuse them.

The built-in part does what the real server's plugins do by default: service accounts and tolerations of pods, the
default storage class of claims. The fault `deny` stands for a validating webhook.
"""

import hashlib

from bot.sandbox.faults import Faults
from bot.sandbox.kubernetes import errors
from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.registry import BY_KIND, Resource
from bot.sandbox.kubernetes.reviews import Object, Review, Reviewer
from bot.sandbox.kubernetes.storage import Storage

ACCOUNT = BY_KIND["v1", "ServiceAccount"]
STORAGE_CLASS = BY_KIND["storage.k8s.io/v1", "StorageClass"]
INGRESS_CLASS = BY_KIND["networking.k8s.io/v1", "IngressClass"]
IS_DEFAULT_INGRESS = "ingressclass.kubernetes.io/is-default-class"
IS_DEFAULT = "storageclass.kubernetes.io/is-default-class"
TOKENS = "/var/run/secrets/kubernetes.io/serviceaccount"
ROOT_CA = "kube-root-ca.crt"
PATIENCE = 300
WEBHOOK = "policy.shop.example"
REFUSED = "the policy of the company does not allow it"


def completing(storage: Storage) -> Reviewer:
    """Answer who completes what comes into a cluster."""

    def review(asked: Review) -> None:
        if asked.old is not None or asked.subresource:
            return
        if asked.resource.qualified == "pods":
            _pod(storage, asked)
        elif asked.resource.qualified == "persistentvolumeclaims":
            _default(storage, asked.subject, STORAGE_CLASS, "storageClassName", IS_DEFAULT)
        elif asked.resource.qualified == "ingresses.networking.k8s.io":
            field, mark = "ingressClassName", IS_DEFAULT_INGRESS
            _default(storage, asked.subject, INGRESS_CLASS, field, mark)

    return review


def denying(cluster: str, faults: Faults) -> Reviewer:
    """Answer who refuses what the fault `deny` names: a kind, perhaps one object of it."""

    def review(asked: Review) -> None:
        if asked.subresource:
            return
        kind, name = asked.resource.kind, asked.name
        fault = faults.take(f"cluster/{cluster}", "deny", kind=kind, name=name)
        if fault is None:
            return
        webhook = fault.details.get("webhook", WEBHOOK)
        message = fault.details.get("message", REFUSED)
        said = f'admission webhook "{webhook}" denied the request: {message}'
        raise StatusError(403, said)

    return review


def _pod(storage: Storage, asked: Review) -> None:
    spec, namespace = asked.subject["spec"], asked.namespace
    account = spec.setdefault("serviceAccountName", "default")
    spec.setdefault("serviceAccount", account)
    found = storage.find(ACCOUNT, namespace, account)
    if found is None:
        raise errors.forbidden(
            asked.resource,
            asked.name,
            f"error looking up service account {namespace}/{account}: serviceaccount "
            f'"{account}" not found',
        )
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    tolerations = spec.setdefault("tolerations", [])
    known = {each.get("key") for each in tolerations}
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if key not in known:
            tolerations.append(
                {
                    "effect": "NoExecute",
                    "key": key,
                    "operator": "Exists",
                    "tolerationSeconds": PATIENCE,
                }
            )
    wanted = spec.get(
        "automountServiceAccountToken", found.get("automountServiceAccountToken", True)
    )
    if wanted:
        _mount_token(asked)


def _mount_token(asked: Review) -> None:
    spec = asked.subject["spec"]
    containers = [*spec["containers"], *(spec.get("initContainers") or [])]
    without = [
        each
        for each in containers
        if all(mount.get("mountPath") != TOKENS for mount in each.get("volumeMounts") or [])
    ]
    if not without:
        return
    alphabet = "bcdfghjklmnpqrstvwxz2456789"
    digest = hashlib.sha256(f"{asked.namespace}/{asked.name}".encode()).digest()
    name = "kube-api-access-" + "".join(alphabet[byte % len(alphabet)] for byte in digest[:5])
    for each in without:
        mounts = each.setdefault("volumeMounts", [])
        mounts.append({"mountPath": TOKENS, "name": name, "readOnly": True})
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    sources: list[Object] = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": ROOT_CA, "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"fieldRef": field, "path": "namespace"}]}},
    ]
    volumes = spec.setdefault("volumes", [])
    volumes.append({"name": name, "projected": {"defaultMode": 420, "sources": sources}})


def _default(storage: Storage, subject: Object, classes: Resource, field: str, mark: str) -> None:
    """Give an object that names no class the default one."""
    notes = subject["metadata"].get("annotations") or {}
    if field in subject["spec"] or "kubernetes.io/ingress.class" in notes:
        return
    for each in storage.of(classes):
        if (each["metadata"].get("annotations") or {}).get(mark) == "true":
            subject["spec"][field] = each["metadata"]["name"]
