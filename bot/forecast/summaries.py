"""An object in a few words, for a person who has not seen it: its images, ports, hosts, keys. Never a value that may be a secret. Pure."""

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

from bot.rendering.objects import Manifest
from bot.rendering.pinning import containers_of
from bot.rendering.redaction import redact
from bot.wording import Sentence


def summary(manifest: Manifest) -> str:
    """Say what matters of an object, such as `registry/web:v2, 3 replicas`; empty when there is nothing to say."""
    images = [str(each["image"]) for each in containers_of(manifest) if each.get("image")]
    words = [
        each if isinstance(each, Sentence) else redact(each) for each in _words(manifest) if each
    ]
    parts = [*images, *words]
    return reduce(_both, parts) if parts else ""


def _both(one: str, other: str) -> str:
    return Sentence("{one}, {other}", one=one, other=other)


def _words(manifest: Manifest) -> Iterator[str]:
    spec = manifest.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    match manifest["kind"]:
        case "Service":
            ports = ", ".join(str(each.get("port")) for each in _maps(spec.get("ports")))
            yield Sentence("port {ports}", ports=redact(ports)) if ports else ""
        case "Ingress":
            hosts = (each.get("host") for each in _maps(spec.get("rules")))
            yield from (Sentence("any host") if each is None else str(each) for each in hosts)
        case "ConfigMap" | "Secret":
            keys = [*(manifest.get("data") or {}), *(manifest.get("stringData") or {})]
            yield ", ".join(keys)
        case "PersistentVolumeClaim":
            yield str(_in(spec, "resources", "requests", "storage") or "")
        case "HorizontalPodAutoscaler":
            least, most = (
                redact(str(each)) for each in (spec.get("minReplicas", 1), spec.get("maxReplicas"))
            )
            yield Sentence("{least} to {most} replicas", least=least, most=most)
        case "CronJob":
            yield str(spec.get("schedule", ""))
    if isinstance(spec.get("replicas"), int):
        yield _replicas(spec["replicas"])


def _replicas(n: int) -> Sentence:
    return Sentence("{n} replica", n=n) if n == 1 else Sentence("{n} replicas", n=n)


def _maps(items: Any) -> list[Mapping[str, Any]]:
    return [each for each in items or () if isinstance(each, Mapping)]


def _in(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
