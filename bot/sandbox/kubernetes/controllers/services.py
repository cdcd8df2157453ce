"""Services: which pods they lead to, as EndpointSlices and Endpoints, and the address of a load balancer."""

from typing import Any

from bot.sandbox.kubernetes.controllers.context import (
    ENDPOINT_SLICE,
    POD,
    Context,
    Target,
    hash_of,
    owner_reference,
)
from bot.sandbox.kubernetes.controllers.replicasets import is_ready
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Change, Object, Storage

SERVICE = BY_KIND["v1", "Service"]
ENDPOINTS = BY_KIND["v1", "Endpoints"]
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
SLICES = "endpointslice-controller.k8s.io"
BALANCER = "service-controller"
BALANCING = 1.0
RETRY = 2.0
OVER = frozenset({"Succeeded", "Failed"})


def reconcile(context: Context, service: Object) -> None:
    """Write down which pods a Service leads to, and where it is found from outside."""
    spec = service["spec"]
    if service["metadata"].get("deletionTimestamp"):
        return
    if spec.get("selector"):
        pods = [
            each
            for each in context.storage.of(POD, service["metadata"]["namespace"])
            if _selects(service, each)
            and each["status"].get("phase") not in OVER
            and each["status"].get("podIP")
        ]
        _write_slice(context, service, pods)
        _write_endpoints(context, service, pods)
    _balance(context, service)


def after_deletion(context: Context, service: Object) -> None:
    """Take the Endpoints of a Service that is gone away; its slices belong to it and go by themselves."""
    meta = service["metadata"]
    found = context.storage.find(ENDPOINTS, meta["namespace"], meta["name"])
    if found is not None:
        context.storage.remove(ENDPOINTS, found)


def touched_by(storage: Storage, change: Change) -> list[Object]:
    """List the Services that a change of a pod concerns: those that select it, or did."""
    subject = change.subject
    found = storage.of(SERVICE, subject["metadata"]["namespace"])
    states = [each for each in (change.old, change.new) if each is not None]
    return [
        each
        for each in found
        if each["spec"].get("selector") and any(_selects(each, state) for state in states)
    ]


def _selects(service: Object, pod: Object) -> bool:
    labels = pod["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in service["spec"]["selector"].items())


def _write_slice(context: Context, service: Object, pods: list[Object]) -> None:
    meta = service["metadata"]
    ports = _ports(service, pods)
    endpoints = [_endpoint(service, each) for each in pods]
    name = f"{meta['name']}-{hash_of(meta['uid'])[:5]}"
    old = context.storage.find(ENDPOINT_SLICE, meta["namespace"], name)
    labels = {
        **(meta.get("labels") or {}),
        MANAGED_BY: SLICES,
        "kubernetes.io/service-name": meta["name"],
    }
    if old is not None:
        context.write({**old, "endpoints": endpoints, "ports": ports})
        return
    context.create(
        ENDPOINT_SLICE,
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": name,
                "generateName": f"{meta['name']}-",
                "namespace": meta["namespace"],
                "labels": labels,
                "ownerReferences": [owner_reference(service)],
            },
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": ports,
        },
    )


def _write_endpoints(context: Context, service: Object, pods: list[Object]) -> None:
    meta = service["metadata"]
    ready = [_address(each) for each in pods if _serves(service, each)]
    others = [
        _address(each)
        for each in pods
        if not _serves(service, each) and not each["metadata"].get("deletionTimestamp")
    ]
    ports = [
        {key: each[key] for key in ("name", "port", "protocol") if each.get(key) not in {None, ""}}
        for each in _ports(service, pods)
    ]
    subset: Object = {}
    if ready:
        subset["addresses"] = ready
    if others:
        subset["notReadyAddresses"] = others
    if ports:
        subset["ports"] = ports
    subsets = [subset] if ready or others else []
    old = context.storage.find(ENDPOINTS, meta["namespace"], meta["name"])
    if old is not None:
        kept = {key: value for key, value in old.items() if key != "subsets"}
        context.write({**kept, "subsets": subsets} if subsets else kept)
        return
    body: Object = {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": meta["name"],
            "namespace": meta["namespace"],
            "labels": {
                **(meta.get("labels") or {}),
                "endpoints.kubernetes.io/managed-by": "endpoint-controller",
            },
        },
    }
    context.create(ENDPOINTS, {**body, "subsets": subsets} if subsets else body)


def _ports(service: Object, pods: list[Object]) -> list[Object]:
    """Answer the ports that the pods are reached at; a named one as the pods say it."""
    found = []
    for each in service["spec"].get("ports") or []:
        number = _number(each["targetPort"], pods)
        if number is not None:
            port = {"name": each.get("name", ""), "port": number, "protocol": each["protocol"]}
            found.append(port)
    return found


def _number(target: Any, pods: list[Object]) -> int | None:
    if isinstance(target, int):
        return target
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for port in container.get("ports") or []:
                if port.get("name") == target:
                    return int(port["containerPort"])
    return None


def _serves(service: Object, pod: Object) -> bool:
    going = bool(pod["metadata"].get("deletionTimestamp"))
    early = bool(service["spec"].get("publishNotReadyAddresses"))
    return early or (is_ready(pod) and not going)


def _endpoint(service: Object, pod: Object) -> Object:
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {
            "ready": _serves(service, pod),
            "serving": is_ready(pod),
            "terminating": bool(pod["metadata"].get("deletionTimestamp")),
        },
        "nodeName": pod["spec"].get("nodeName", ""),
        "targetRef": _reference(pod),
    }


def _address(pod: Object) -> Object:
    return {
        "ip": pod["status"]["podIP"],
        "nodeName": pod["spec"].get("nodeName", ""),
        "targetRef": _reference(pod),
    }


def _reference(pod: Object) -> Object:
    meta = pod["metadata"]
    return {
        "kind": "Pod",
        "name": meta["name"],
        "namespace": meta["namespace"],
        "uid": meta["uid"],
    }


def _balance(context: Context, service: Object) -> None:
    """Give a Service of type LoadBalancer an address after a moment; take it from one that is none any more."""
    meta, status = service["metadata"], service.get("status") or {}
    has = bool((status.get("loadBalancer") or {}).get("ingress"))
    if service["spec"].get("type") != "LoadBalancer":
        if has:
            context.set_status(service, {**status, "loadBalancer": {}})
        return
    if has:
        return
    if context.fault("no-address", meta["name"]):
        context.again(_target(service), RETRY / context.speed)
        return
    said = "Ensuring load balancer"
    context.event(service, "Normal", "EnsuringLoadBalancer", said, BALANCER)
    if context.waited(_target(service), meta["uid"], "balancing", BALANCING):
        made = [{"ip": address_of(service), "ipMode": "VIP"}]
        current = context.storage.get(SERVICE, meta["namespace"], meta["name"])
        context.set_status(current, {**status, "loadBalancer": {"ingress": made}})
        context.event(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer", BALANCER)


def address_of(subject: Object) -> str:
    """Answer the pretended outside address of an object, one of those that are for documentation."""
    number = 1 + int.from_bytes(subject["metadata"]["uid"][:2].encode(), "big") % 250
    return f"203.0.113.{number}"


def _target(service: Object) -> Target:
    return SERVICE, service["metadata"]["namespace"], service["metadata"]["name"]
