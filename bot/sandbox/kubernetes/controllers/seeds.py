"""What a cluster is born with: its namespaces, its nodes, classes of storage and ingress, and the Terraform controller with a provider."""

from bot.sandbox.kubernetes import nodes
from bot.sandbox.kubernetes.admission import (
    INGRESS_CLASS,
    IS_DEFAULT,
    IS_DEFAULT_INGRESS,
    STORAGE_CLASS,
)
from bot.sandbox.kubernetes.crds import DEFINITION, named
from bot.sandbox.kubernetes.registry import BY_KIND, Resource
from bot.sandbox.kubernetes.storage import Object, Storage, now
from bot.sandbox.kubernetes.terraform_kinds import DEFINITIONS, GROUP

NAMESPACE = BY_KIND["v1", "Namespace"]
NODE = BY_KIND["v1", "Node"]
NAMESPACES = ("default", "kube-system")


def seed(storage: Storage, cluster: str) -> None:
    """Make what is not there yet; what came with the cluster and was deleted since stays away."""
    for name in NAMESPACES:
        _make(storage, NAMESPACE, _namespace(name))
    for name in nodes.names(cluster):
        _make(storage, NODE, nodes.node(name, now()))
    if storage.first_time("storage"):
        _make(storage, STORAGE_CLASS, _storage_class())
    if storage.first_time("ingress"):
        _make(storage, INGRESS_CLASS, _ingress_class())
    if storage.first_time("terraform"):
        for each in DEFINITIONS:
            status = named(each, storage.of(DEFINITION), now())
            _make(storage, DEFINITION, {**each, "status": status})
        kind = storage.kinds.named(f"providers.{GROUP}")
        if kind is not None:
            _make(storage, kind, _provider())


def _make(storage: Storage, resource: Resource, subject: Object) -> None:
    meta = subject["metadata"]
    if storage.find(resource, meta.get("namespace", ""), meta["name"]) is None:
        storage.create(resource, subject)


def _namespace(name: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def _storage_class() -> Object:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "standard", "annotations": {IS_DEFAULT: "true"}},
        "provisioner": "sandbox.example/pretended",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
        "allowVolumeExpansion": True,
    }


def _ingress_class() -> Object:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": "nginx", "annotations": {IS_DEFAULT_INGRESS: "true"}},
        "spec": {"controller": "k8s.io/ingress-nginx"},
    }


def _provider() -> Object:
    return {
        "apiVersion": f"{GROUP}/v1beta1",
        "kind": "Provider",
        "metadata": {"name": "default", "namespace": "default"},
        "spec": {
            "provider": "alibaba",
            "region": "cn-hangzhou",
            "credentials": {"source": "InjectedIdentity"},
        },
    }
