"""ResourceQuotas: what of them is used, kept up to date; and what every namespace is given when it is made."""

from bot.sandbox.kubernetes.admission import ACCOUNT, ROOT_CA
from bot.sandbox.kubernetes.controllers.context import Context
from bot.sandbox.kubernetes.quantities import spell
from bot.sandbox.kubernetes.quota import usage
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object

CONFIG_MAP = BY_KIND["v1", "ConfigMap"]
DESCRIBED = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints "
    "such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across "
    "distributions of Kubernetes clusters."
)


def reconcile(context: Context, quota: Object) -> None:
    """Write down how much of a quota is used."""
    hard = (quota.get("spec") or {}).get("hard") or {}
    used = usage(context.storage, quota["metadata"]["namespace"], hard)
    shown = {name: spell(used[name], str(hard[name])) for name in hard}
    context.set_status(quota, {"hard": dict(hard), "used": shown})


def furnish(context: Context, namespace: str) -> None:
    """Give a namespace its default service account and the certificate of the cluster."""
    if context.storage.find(ACCOUNT, namespace, "default") is None:
        context.create(ACCOUNT, _object("ServiceAccount", "default", namespace))
    if context.storage.find(CONFIG_MAP, namespace, ROOT_CA) is None:
        made = _object("ConfigMap", ROOT_CA, namespace)
        made["metadata"]["annotations"] = {"kubernetes.io/description": DESCRIBED}
        context.create(CONFIG_MAP, {**made, "data": {"ca.crt": "pretended"}})


def _object(kind: str, name: str, namespace: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
    }
