"""Services: an EndpointSlice with the addresses of the ready pods that they select."""

from bot.sandbox.kubernetes.controllers.context import (
    ENDPOINT_SLICE,
    POD,
    Context,
    hash_of,
    owner_reference,
)
from bot.sandbox.kubernetes.controllers.replicasets import is_alive, is_ready
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object, Storage

SERVICE = BY_KIND["v1", "Service"]


def reconcile(context: Context, service: Object) -> None:
    """Write down which pods a Service leads to."""
    meta, spec = service["metadata"], service["spec"]
    if not spec.get("selector"):
        return
    chosen = [
        each
        for each in context.storage.of(POD, meta["namespace"])
        if _selects(service, each) and is_alive(each) and each["status"].get("podIP")
    ]
    made = _slice(service, chosen)
    old = context.storage.find(ENDPOINT_SLICE, meta["namespace"], made["metadata"]["name"])
    if old is None:
        context.create(ENDPOINT_SLICE, made)
    elif (old["endpoints"], old["ports"]) != (made["endpoints"], made["ports"]):
        context.write({**old, "endpoints": made["endpoints"], "ports": made["ports"]})


def _slice(service: Object, pods: list[Object]) -> Object:
    meta = service["metadata"]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{meta['name']}-{hash_of(meta['uid'])[:5]}",
            "namespace": meta["namespace"],
            "labels": {"kubernetes.io/service-name": meta["name"]},
            "ownerReferences": [owner_reference(service)],
        },
        "addressType": "IPv4",
        "endpoints": [_endpoint(each) for each in pods],
        "ports": [
            {
                "name": each.get("name", ""),
                "port": each["targetPort"],
                "protocol": each["protocol"],
            }
            for each in service["spec"].get("ports", [])
        ],
    }


def _endpoint(pod: Object) -> Object:
    meta = pod["metadata"]
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": is_ready(pod), "serving": is_ready(pod), "terminating": False},
        "nodeName": pod["spec"].get("nodeName", ""),
        "targetRef": {
            "kind": "Pod",
            "name": meta["name"],
            "namespace": meta["namespace"],
            "uid": meta["uid"],
        },
    }


def selecting(storage: Storage, pod: Object) -> list[Object]:
    """List the Services that select a pod."""
    found = storage.of(SERVICE, pod["metadata"]["namespace"])
    return [each for each in found if each["spec"].get("selector") and _selects(each, pod)]


def _selects(service: Object, pod: Object) -> bool:
    labels = pod["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in service["spec"]["selector"].items())
