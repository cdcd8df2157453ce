"""Pods and the templates of pods. Pure."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.kubernetes.quantities import amount
from bot.sandbox.kubernetes.validating.causes import (
    Cause,
    duplicate,
    forbidden,
    invalid,
    natural,
    not_found,
    required,
    unsupported,
)
from bot.sandbox.kubernetes.validating.names import label

Object = dict[str, Any]

PULLS = ("Always", "IfNotPresent", "Never")
HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
PORT_TEXT = "must be between 1 and 65535, inclusive"


def pod_spec(spec: Object, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the spec of a pod."""
    volumes = list(_volume_names(spec.get("volumes") or []))
    yield from _volumes(spec.get("volumes") or [], f"{path}.volumes")
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    seen: set[str] = set()
    for kind in ("containers", "initContainers"):
        for at, container in enumerate(spec.get(kind) or []):
            here = f"{path}.{kind}[{at}]"
            yield from _container(container, here, volumes)
            if container.get("name") in seen:
                yield duplicate(f"{here}.name", container["name"])
            seen.add(container.get("name", ""))
    policy = spec.get("restartPolicy", "Always")
    if policy not in {"Always", "OnFailure", "Never"}:
        yield unsupported(f"{path}.restartPolicy", policy, ("Always", "OnFailure", "Never"))
    yield from natural(spec, path, "terminationGracePeriodSeconds")


def _container(container: Object, path: str, volumes: list[str]) -> Iterator[Cause]:
    name, image = container.get("name", ""), container.get("image", "")
    if not name:
        yield required(f"{path}.name")
    else:
        yield from label(f"{path}.name", name)
    if not image:
        yield required(f"{path}.image")
    elif image != image.strip():
        yield invalid(f"{path}.image", image, "must not have leading or trailing whitespace")
    yield from _ports(container.get("ports") or [], f"{path}.ports")
    yield from _environment(container, path)
    yield from _mounts(container.get("volumeMounts") or [], f"{path}.volumeMounts", volumes)
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        if kind in container:
            yield from _probe(container[kind], f"{path}.{kind}")
    policy = container.get("imagePullPolicy", "Always")
    if policy not in PULLS:
        yield unsupported(f"{path}.imagePullPolicy", policy, PULLS)
    yield from _resources(container.get("resources") or {}, f"{path}.resources")


def _ports(ports: list[Object], path: str) -> Iterator[Cause]:
    names: set[str] = set()
    for at, each in enumerate(ports):
        here = f"{path}[{at}]"
        number = each.get("containerPort")
        if number is None or number == 0:
            yield required(f"{here}.containerPort")
        else:
            yield from port(number, f"{here}.containerPort")
        protocol = each.get("protocol", "TCP")
        if protocol not in {"SCTP", "TCP", "UDP"}:
            yield unsupported(f"{here}.protocol", protocol, ("SCTP", "TCP", "UDP"))
        name = each.get("name")
        if name and name in names:
            yield duplicate(f"{here}.name", name)
        names.add(name or "")


def port(number: object, path: str) -> Iterator[Cause]:
    """Refuse what is no number of a port."""
    if not isinstance(number, int) or not 0 < number < 65536:
        yield invalid(path, number, PORT_TEXT)


def _environment(container: Object, path: str) -> Iterator[Cause]:
    for at, each in enumerate(container.get("env") or []):
        here = f"{path}.env[{at}]"
        if not each.get("name"):
            yield required(f"{here}.name")
        source = each.get("valueFrom")
        if source is None:
            continue
        if each.get("value"):
            yield invalid(f"{here}.valueFrom", "", "may not be specified when `value` is not empty")
        if not any(source.values()):
            said = (
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or "
                "`secretKeyRef`"
            )
            yield invalid(f"{here}.valueFrom", "", said)
        for field in ("configMapKeyRef", "secretKeyRef"):
            if field in source:
                for key in ("name", "key"):
                    if not source[field].get(key):
                        yield required(f"{here}.valueFrom.{field}.{key}")


def _mounts(mounts: list[Object], path: str, volumes: list[str]) -> Iterator[Cause]:
    seen: set[str] = set()
    for at, each in enumerate(mounts):
        here = f"{path}[{at}]"
        name, place = each.get("name", ""), each.get("mountPath", "")
        if not name:
            yield required(f"{here}.name")
        elif name not in volumes:
            yield not_found(f"{here}.name", name)
        if not place:
            yield required(f"{here}.mountPath")
        elif place in seen:
            yield invalid(f"{here}.mountPath", place, "must be unique")
        seen.add(place)


def _volume_names(volumes: list[Object]) -> Iterator[str]:
    for each in volumes:
        yield each.get("name", "")


def _volumes(volumes: list[Object], path: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for at, each in enumerate(volumes):
        here, name = f"{path}[{at}]", each.get("name", "")
        sources = [key for key in each if key != "name"]
        if not name:
            yield required(f"{here}.name")
        else:
            yield from label(f"{here}.name", name)
        if name in seen:
            yield duplicate(f"{here}.name", name)
        seen.add(name)
        if len(sources) > 1:
            said = "may not specify more than 1 volume type"
            yield forbidden(f"{here}.{min(sources)}", said)
        if "secret" in each and not each["secret"].get("secretName"):
            yield required(f"{here}.secret.secretName")
        if "configMap" in each and not each["configMap"].get("name"):
            yield required(f"{here}.configMap.name")
        claim = each.get("persistentVolumeClaim")
        if claim is not None and not claim.get("claimName"):
            yield required(f"{here}.persistentVolumeClaim.claimName")


def _probe(probe: Object, path: str) -> Iterator[Cause]:
    handlers = [each for each in HANDLERS if each in probe]
    if not handlers:
        yield required(path, "must specify a handler type")
    for each in handlers[1:]:
        yield forbidden(f"{path}.{each}", "may not specify more than 1 handler type")
    yield from natural(probe, path, "initialDelaySeconds", "timeoutSeconds", "periodSeconds")
    yield from natural(probe, path, "successThreshold", "failureThreshold")


def _resources(resources: Object, path: str) -> Iterator[Cause]:
    limits = resources.get("limits") or {}
    for kind in ("limits", "requests"):
        for name, value in (resources.get(kind) or {}).items():
            if amount(value) < 0:
                yield invalid(
                    f"{path}.{kind}[{name}]", str(value), "must be greater than or equal to 0"
                )
    for name, value in (resources.get("requests") or {}).items():
        if name in limits and amount(value) > amount(limits[name]):
            said = f"must be less than or equal to {name} limit of {limits[name]}"
            yield invalid(f"{path}.requests", str(value), said)


IMAGE_ONLY = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions "
    "to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
    "previously negative)"
)


def pod_update(spec: Object, old: Object) -> Iterator[Cause]:
    """Refuse to change of a pod what cannot be changed while it lives."""
    if _without_images(spec) != _without_images(old):
        yield forbidden("spec", IMAGE_ONLY)


def _without_images(spec: Object) -> Object:
    kept = {
        key: value
        for key, value in spec.items()
        if key not in {"activeDeadlineSeconds", "tolerations", "nodeName"}
    }
    for kind in ("containers", "initContainers"):
        if kind in kept:
            kept[kind] = [{**each, "image": ""} for each in kept[kind]]
    return kept
