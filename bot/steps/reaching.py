"""Where an application can be reached, read off its Services and Ingresses, in the shape that KubeVela gives it. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.cluster.port import Manifest
from bot.rendering.objects import COMPONENT_LABEL

BY_PORT = {80: "http", 8080: "http", 443: "https", 3306: "mysql", 6379: "redis"}
"""What is probably spoken at a port of a Service that does not say it: KubeVela's guess."""
CONTROLLER = "ingress.controller/"
"""Annotations of an Ingress: where its controller listens, if that is not where it usually does."""
PORT = re.compile(r"[1-9][0-9]{0,4}")
ROLE = "node-role.kubernetes.io/"

Endpoint = dict[str, Any]


def of_service(service: Manifest, cluster: str, nodes: Sequence[Manifest]) -> Iterator[Endpoint]:
    """Yield where a Service can be reached; nothing while its load balancer has no address."""
    spec = service.get("spec") or {}
    for port in spec.get("ports") or []:
        number, outer = port["port"], spec.get("type") in {"LoadBalancer", "NodePort"}
        if spec.get("type") == "LoadBalancer":
            hosts = list(_balanced(service))
        elif spec.get("type") == "NodePort":
            hosts, number = _addresses(nodes), port.get("nodePort", 0)
        else:
            meta = service["metadata"]
            hosts = [f"{meta['name']}.{meta['namespace']}"]
        for host in hosts:
            said = {
                "protocol": port.get("protocol", "TCP"),
                "appProtocol": port.get("appProtocol") or BY_PORT.get(port["port"], ""),
                "host": host,
                "port": number,
                "portName": port.get("name", ""),
                "path": "",
                "inner": not outer,
            }
            yield _endpoint(said, service, cluster)


def waits_for_address(service: Manifest) -> bool:
    """Say whether a Service is to have an address that nobody has given it yet."""
    balanced = (service.get("spec") or {}).get("type") == "LoadBalancer"
    return balanced and not any(True for _ in _balanced(service))


def of_ingress(ingress: Manifest, cluster: str) -> Iterator[Endpoint]:
    """Yield where an Ingress can be reached: each path of each host."""
    spec, notes = ingress.get("spec") or {}, ingress["metadata"].get("annotations") or {}
    for rule in spec.get("rules") or []:
        host = rule.get("host") or notes.get(f"{CONTROLLER}host", "")
        spoken = "https" if _has_tls(spec, rule.get("host", "")) else "http"
        given = str(notes.get(f"{CONTROLLER}{spoken}-port", ""))
        usual = 443 if spoken == "https" else 80
        for path in (rule.get("http") or {}).get("paths") or []:
            said = {
                "protocol": "TCP",
                "appProtocol": spoken,
                "host": host,
                "port": int(given) if PORT.fullmatch(given) else usual,
                "portName": "",
                "path": path.get("path", ""),
                "inner": False,
            }
            yield _endpoint(said, ingress, cluster)


def url_of(endpoint: Mapping[str, Any], protocol: str) -> str:
    """Write the URL of an endpoint, as KubeVela does: with its port and without its path."""
    host = f"[{endpoint['host']}]" if ":" in endpoint["host"] else endpoint["host"]
    return f"{protocol}://{host}:{endpoint['port']}"


def _endpoint(said: dict[str, Any], subject: Manifest, cluster: str) -> Endpoint:
    meta = subject["metadata"]
    return {
        "endpoint": said,
        "ref": {
            "apiVersion": subject["apiVersion"],
            "kind": subject["kind"],
            "namespace": meta.get("namespace", ""),
            "name": meta["name"],
            "uid": meta.get("uid", ""),
            "resourceVersion": meta.get("resourceVersion", ""),
        },
        "cluster": cluster,
        "component": (meta.get("labels") or {}).get(COMPONENT_LABEL, ""),
    }


def _balanced(service: Manifest) -> Iterator[str]:
    """Yield the addresses of a load balancer."""
    status = (service.get("status") or {}).get("loadBalancer") or {}
    for each in status.get("ingress") or []:
        for key in ("hostname", "ip"):
            if each.get(key):
                yield str(each[key])


def _has_tls(spec: Mapping[str, Any], host: str) -> bool:
    return any(not each.get("hosts") or host in each["hosts"] for each in spec.get("tls") or [])


def _addresses(nodes: Sequence[Manifest]) -> list[str]:
    """Choose the one address of nodes that KubeVela chooses: of a gateway, else of a worker; outside before inside."""
    for role in ("gateway", "worker"):
        there = [
            each for each in nodes if f"{ROLE}{role}" in (each["metadata"].get("labels") or {})
        ]
        if there:
            nodes = there
            break
    for kind in ("ExternalIP", "InternalIP"):
        for each in nodes:
            for address in (each.get("status") or {}).get("addresses") or []:
                if address.get("type") == kind:
                    return [str(address["address"])]
    return []
