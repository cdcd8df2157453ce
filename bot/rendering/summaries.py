"""An object in a few words, for a person who has not seen it: its images, ports, hosts, keys. Never a value that may be a secret. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.rendering.objects import Manifest
from bot.rendering.pinning import containers_of
from bot.rendering.redaction import redact


def summary(manifest: Manifest) -> str:
    """Say what matters of an object, such as `registry/web:v2, 3 replicas`; empty when there is nothing to say."""
    images = [str(each["image"]) for each in containers_of(manifest) if each.get("image")]
    return ", ".join([*images, *(redact(each) for each in _words(manifest) if each)])


def _words(manifest: Manifest) -> Iterator[str]:
    spec = manifest.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    match manifest["kind"]:
        case "Service":
            ports = ", ".join(str(each.get("port")) for each in _maps(spec.get("ports")))
            yield f"port {ports}" if ports else ""
        case "Ingress":
            yield from (str(each.get("host", "any host")) for each in _maps(spec.get("rules")))
        case "ConfigMap" | "Secret":
            keys = [*(manifest.get("data") or {}), *(manifest.get("stringData") or {})]
            yield ", ".join(keys)
        case "PersistentVolumeClaim":
            yield str(_in(spec, "resources", "requests", "storage") or "")
        case "HorizontalPodAutoscaler":
            yield f"{spec.get('minReplicas', 1)} to {spec.get('maxReplicas')} replicas"
        case "CronJob":
            yield str(spec.get("schedule", ""))
    if isinstance(spec.get("replicas"), int):
        yield f"{spec['replicas']} replica{'s' * (spec['replicas'] != 1)}"


def _maps(items: Any) -> list[Mapping[str, Any]]:
    return [each for each in items or () if isinstance(each, Mapping)]


def _in(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
