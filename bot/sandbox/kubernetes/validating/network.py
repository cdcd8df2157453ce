"""Services, Ingresses and autoscalers. Pure."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.kubernetes.validating.causes import (
    IMMUTABLE,
    Cause,
    duplicate,
    invalid,
    required,
    unsupported,
)
from bot.sandbox.kubernetes.validating.names import subdomain
from bot.sandbox.kubernetes.validating.pods import port

Object = dict[str, Any]

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
PATHS = ("Exact", "ImplementationSpecific", "Prefix")


def service(subject: Object, old: Object | None) -> Iterator[Cause]:
    """Yield what is wrong with a Service that replaces `old`."""
    spec = subject.get("spec") or {}
    kind = spec.get("type", "ClusterIP")
    ports = spec.get("ports") or []
    if kind not in TYPES:
        yield unsupported("spec.type", kind, TYPES)
    if not ports and kind != "ExternalName" and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    if kind == "ExternalName" and not spec.get("externalName"):
        yield required("spec.externalName")
    yield from _service_ports(ports)
    before = (old or {}).get("spec", {})
    address = before.get("clusterIP")
    stays = bool(address) and "ExternalName" not in {kind, before.get("type")}
    if stays and spec.get("clusterIP") != address:
        said = "may not change once set"
        yield invalid("spec.clusterIPs[0]", [spec.get("clusterIP")], said)


def _service_ports(ports: list[Object]) -> Iterator[Cause]:
    names: set[str] = set()
    pairs: set[tuple[Any, Any]] = set()
    for at, each in enumerate(ports):
        here, name = f"spec.ports[{at}]", each.get("name", "")
        if len(ports) > 1 and not name:
            yield required(f"{here}.name")
        if name and name in names:
            yield duplicate(f"{here}.name", name)
        names.add(name)
        yield from port(each.get("port"), f"{here}.port")
        target = each.get("targetPort")
        if isinstance(target, int) and not isinstance(target, bool):
            yield from port(target, f"{here}.targetPort")
        pair = each.get("port"), each.get("protocol", "TCP")
        if pair in pairs:
            shown = {"Name": "", "Protocol": pair[1], "AppProtocol": None, "Port": pair[0]}
            yield duplicate(here, {**shown, "TargetPort": 0, "NodePort": 0})
        pairs.add(pair)


def ingress(subject: Object) -> Iterator[Cause]:
    """Yield what is wrong with an Ingress."""
    spec = subject.get("spec") or {}
    if not spec.get("rules") and not spec.get("defaultBackend"):
        yield invalid("spec", None, "either `defaultBackend` or `rules` must be specified")
    for at, rule in enumerate(spec.get("rules") or []):
        here = f"spec.rules[{at}]"
        if rule.get("host"):
            yield from subdomain(f"{here}.host", rule["host"].removeprefix("*."))
        http = rule.get("http")
        if http is not None and not http.get("paths"):
            yield required(f"{here}.http.paths")
        for index, each in enumerate((http or {}).get("paths") or []):
            yield from _path(each, f"{here}.http.paths[{index}]")


def _path(path: Object, here: str) -> Iterator[Cause]:
    kind = path.get("pathType")
    if not kind:
        yield required(f"{here}.pathType", "pathType must be specified")
    elif kind not in PATHS:
        yield unsupported(f"{here}.pathType", kind, PATHS)
    elif kind != "ImplementationSpecific" and not str(path.get("path", "")).startswith("/"):
        yield invalid(f"{here}.path", path.get("path", ""), "must be an absolute path")
    backend = (path.get("backend") or {}).get("service")
    if backend is None and not (path.get("backend") or {}).get("resource"):
        yield required(f"{here}.backend", "must set either `service` or `resource`")
    elif backend is not None:
        if not backend.get("name"):
            yield required(f"{here}.backend.service.name")
        found = backend.get("port") or {}
        if kind in PATHS and not found.get("number") and not found.get("name"):
            yield required(f"{here}.backend.service.port", "port name or number is required")


def autoscaler(subject: Object) -> Iterator[Cause]:
    """Yield what is wrong with a HorizontalPodAutoscaler."""
    spec = subject.get("spec") or {}
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas", 0)
    if least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield invalid("spec.maxReplicas", most, "must be greater than 0")
    elif most < least:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    target = spec.get("scaleTargetRef") or {}
    for field in ("kind", "name"):
        if not target.get(field):
            yield required(f"spec.scaleTargetRef.{field}")
    if not target.get("apiVersion"):
        yield invalid("spec.scaleTargetRef.apiVersion", "", "apiVersion must specify API group")


def role_binding(subject: Object, old: Object | None) -> Iterator[Cause]:
    """Yield what is wrong with a RoleBinding or ClusterRoleBinding that replaces `old`."""
    found = subject.get("roleRef") or {}
    kinds = ("Role", "ClusterRole") if subject["kind"] == "RoleBinding" else ("ClusterRole",)
    if found.get("kind") not in kinds:
        yield unsupported("roleRef.kind", found.get("kind", ""), kinds)
    if not found.get("name"):
        yield required("roleRef.name")
    if old is not None and found != old.get("roleRef"):
        yield invalid("roleRef", found, f"cannot change roleRef ({IMMUTABLE})")
