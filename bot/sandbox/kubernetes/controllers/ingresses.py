"""Ingresses: the pretended nginx of the cluster takes those of its class, and says at which address it is."""

from bot.sandbox.kubernetes.controllers.context import Context
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object

INGRESS = BY_KIND["networking.k8s.io/v1", "Ingress"]
INGRESS_CLASS = BY_KIND["networking.k8s.io/v1", "IngressClass"]
ADDRESS = "203.0.113.10"
COMPONENT = "nginx-ingress-controller"
OLDER = "kubernetes.io/ingress.class"
TAKING, RETRY = 1.0, 2.0


def reconcile(context: Context, ingress: Object) -> None:
    """Give an Ingress whose class is served an address after a moment."""
    meta, status = ingress["metadata"], ingress.get("status") or {}
    if meta.get("deletionTimestamp") or (status.get("loadBalancer") or {}).get("ingress"):
        return
    named = (meta.get("annotations") or {}).get(OLDER, "")
    name = ingress["spec"].get("ingressClassName") or named
    target = INGRESS, meta["namespace"], meta["name"]
    served = bool(name) and context.storage.find(INGRESS_CLASS, "", name) is not None
    if not served or context.fault("no-address", meta["name"]):
        context.again(target, RETRY / context.speed)
        return
    context.event(ingress, "Normal", "Sync", "Scheduled for sync", COMPONENT)
    if context.waited(target, meta["uid"], "taking", TAKING):
        made = {**status, "loadBalancer": {"ingress": [{"ip": ADDRESS}]}}
        context.set_status(ingress, made, COMPONENT)
