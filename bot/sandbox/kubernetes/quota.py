"""ResourceQuotas: what a namespace has used of what it may, and what would be too much. Counts what is there."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from bot.sandbox.kubernetes import errors
from bot.sandbox.kubernetes.quantities import Amounts, amount, requests_of, spell
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.reviews import Review, Reviewer
from bot.sandbox.kubernetes.storage import Object, Storage

QUOTA = BY_KIND["v1", "ResourceQuota"]
OVER = frozenset({"Succeeded", "Failed"})
COUNTED = {
    "configmaps": "configmaps",
    "secrets": "secrets",
    "services": "services",
    "persistentvolumeclaims": "persistentvolumeclaims",
    "resourcequotas": "resourcequotas",
    "replicationcontrollers": "replicationcontrollers",
}
"""The kinds that have a name of their own in quotas, beside `count/…`."""
COMPUTED = ("cpu", "memory", "ephemeral-storage")


def checking(storage: Storage) -> Reviewer:
    """Answer who refuses what is more than a quota of its namespace leaves."""

    def review(asked: Review) -> None:
        if asked.old is not None or asked.subresource or not asked.resource.namespaced:
            return
        for quota in storage.of(QUOTA, asked.namespace):
            _check(storage, asked, quota)

    return review


def _check(storage: Storage, asked: Review, quota: Object) -> None:
    """Raise StatusError 403 when an object does not fit into a quota."""
    hard = (quota.get("spec") or {}).get("hard") or {}
    cost = {
        name: each
        for name, each in cost_of(asked.resource.qualified, asked.subject).items()
        if name in hard
    }
    name = quota["metadata"]["name"]
    if asked.resource.qualified == "pods":
        missing = _unsaid(asked.subject["spec"], hard)
        if missing:
            said = f"failed quota: {name}: must specify {missing}"
            raise errors.forbidden(asked.resource, asked.name, said)
    used = usage(storage, asked.namespace, hard)
    over = sorted(
        each for each, value in cost.items() if value and used[each] + value > amount(hard[each])
    )
    if over:
        requested = _listed((each, spell(cost[each], str(hard[each]))) for each in over)
        have = _listed((each, spell(used[each], str(hard[each]))) for each in over)
        most = _listed((each, str(hard[each])) for each in over)
        said = f"exceeded quota: {name}, requested: {requested}, used: {have}, limited: {most}"
        raise errors.forbidden(asked.resource, asked.name, said)


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    return ",".join(f"{name}={value}" for name, value in pairs)


def _unsaid(spec: Object, hard: Object) -> str:
    """Answer what a pod has to say to be counted, and does not: `limits.cpu for: web; requests.cpu for: web`."""
    found = []
    for kind in ("limits", "requests"):
        for resource in COMPUTED:
            if f"{kind}.{resource}" not in hard and not (kind == "requests" and resource in hard):
                continue
            silent = [
                each["name"]
                for each in (*spec["containers"], *(spec.get("initContainers") or []))
                if resource not in ((each.get("resources") or {}).get(kind) or {})
            ]
            if silent:
                named = resource if resource in hard else f"{kind}.{resource}"
                found.append(f"{named} for: {','.join(sorted(silent))}")
    return "; ".join(found)


def usage(storage: Storage, namespace: str, hard: Object) -> Amounts:
    """Answer how much of each of a quota's resources a namespace has used."""
    used = dict.fromkeys(hard, Decimal(0))
    for resource in storage.kinds:
        if not resource.namespaced:
            continue
        for each in storage.of(resource, namespace):
            if resource.qualified == "pods" and each["status"].get("phase") in OVER:
                continue
            for name, value in cost_of(resource.qualified, each).items():
                if name in used:
                    used[name] += value
    return used


def cost_of(qualified: str, subject: Object) -> Amounts:
    """Answer what an object of a kind uses up."""
    one = Decimal(1)
    found: Amounts = {f"count/{qualified}": one}
    if qualified in COUNTED:
        found[COUNTED[qualified]] = one
    if qualified == "pods":
        found["pods"] = one
        for kind in ("requests", "limits"):
            for name, value in requests_of(subject["spec"], kind).items():
                found[f"{kind}.{name}"] = value
                if kind == "requests":
                    found[name] = value
    elif qualified == "services":
        found |= _service(subject["spec"])
    elif qualified == "persistentvolumeclaims":
        asked: Any = (subject["spec"].get("resources") or {}).get("requests") or {}
        found["requests.storage"] = amount(asked.get("storage", 0))
    return found


def _service(spec: Object) -> Amounts:
    kind, ports = spec.get("type"), Decimal(len(spec.get("ports") or []))
    found: Amounts = {}
    if kind == "LoadBalancer":
        found["services.loadbalancers"] = Decimal(1)
    if kind in {"NodePort", "LoadBalancer"}:
        found["services.nodeports"] = ports
    return found
