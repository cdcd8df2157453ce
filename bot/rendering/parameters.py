"""The parameters of `webservice` and `worker`, with KubeVela's names and meanings.

Plain dataclasses would do but for the checking; the catalog calls `check_component` when a file is loaded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from bot.rendering.images import is_image

QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")
NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
POLICIES = ("Always", "IfNotPresent", "Never")
EXPOSED = ("ClusterIP", "NodePort", "LoadBalancer")

Complaint = tuple[tuple[str | int, ...], str]


@dataclass(slots=True)
class Checks:
    """Complaints about one component's properties, gathered on the way down."""

    found: list[Complaint] = field(default_factory=list)

    def expect(self, path: tuple[str | int, ...], ok: bool, what: str, value: Any) -> bool:  # noqa: FBT001 - reads as a sentence
        """Complain at `path` unless `ok`."""
        if not ok:
            self.found.append((path, f"expected {what}, found {value!r}"))
        return ok

    def known(
        self, path: tuple[str | int, ...], value: Mapping[str, Any], fields: tuple[str, ...]
    ) -> None:
        """Complain about each key that is none of `fields`."""
        for key in value:
            if key not in fields:
                near = get_close_matches(str(key), fields, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                self.found.append(
                    ((*path, key), f"there is no property {key}{hint} (known: {', '.join(fields)})")
                )


COMMON = (
    "image",
    "imagePullPolicy",
    "cmd",
    "args",
    "env",
    "cpu",
    "memory",
    "replicas",
    "livenessProbe",
    "readinessProbe",
    "labels",
    "annotations",
    "progressDeadlineSeconds",
)
WEBSERVICE = (*COMMON, "port", "ports", "exposeType")
FIELDS = {"webservice": WEBSERVICE, "worker": COMMON}
PROBE = (
    "httpGet",
    "tcpSocket",
    "exec",
    "initialDelaySeconds",
    "periodSeconds",
    "timeoutSeconds",
    "successThreshold",
    "failureThreshold",
)


def check_component(kind: str, properties: Mapping[str, Any]) -> list[Complaint]:
    """List what is wrong with the properties of a component of type `kind`, each with its path."""
    if kind not in FIELDS:
        near = get_close_matches(kind, FIELDS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return [((), f"there is no component type {kind}{hint} (known: {', '.join(FIELDS)})")]
    checks = Checks()
    checks.known((), properties, FIELDS[kind])
    image = properties.get("image")
    if image is None:
        checks.found.append((("image",), "it is required"))
    else:
        ok = isinstance(image, str) and is_image(image)
        checks.expect(("image",), ok, "an image reference", image)
    policy = properties.get("imagePullPolicy", "Always")
    checks.expect(("imagePullPolicy",), policy in POLICIES, " or ".join(POLICIES), policy)
    for name in ("cmd", "args"):
        value = properties.get(name, [])
        ok = isinstance(value, list) and all(isinstance(each, str) for each in value)
        checks.expect((name,), ok, "a list of texts", value)
    for name in ("cpu", "memory"):
        value = properties.get(name, "1")
        ok = isinstance(value, str | int | float) and bool(QUANTITY.fullmatch(str(value)))
        checks.expect((name,), ok, "a quantity such as 250m or 128Mi", value)
    _check_numbers(checks, properties)
    _check_maps(checks, properties)
    _check_env(checks, properties.get("env", []))
    _check_ports(checks, properties)
    for name in ("livenessProbe", "readinessProbe"):
        if name in properties:
            _check_probe(checks, name, properties[name])
    return checks.found


def _check_numbers(checks: Checks, properties: Mapping[str, Any]) -> None:
    replicas = properties.get("replicas", 1)
    whole = isinstance(replicas, int) and not isinstance(replicas, bool)
    checks.expect(
        ("replicas",), whole and 0 <= replicas <= 1000, "a number from 0 to 1000", replicas
    )
    deadline = properties.get("progressDeadlineSeconds", 600)
    ok = isinstance(deadline, int) and deadline > 0
    checks.expect(("progressDeadlineSeconds",), ok, "a number of seconds", deadline)


def _check_maps(checks: Checks, properties: Mapping[str, Any]) -> None:
    for name in ("labels", "annotations"):
        value = properties.get(name, {})
        ok = isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
        checks.expect((name,), ok, "a map of texts", value)


def _check_env(checks: Checks, env: Any) -> None:
    if not checks.expect(("env",), isinstance(env, list), "a list", env):
        return
    for at, each in enumerate(env):
        path: tuple[str | int, ...] = ("env", at)
        if not checks.expect(
            path, isinstance(each, dict) and "name" in each, "a name and a value", each
        ):
            continue
        checks.known(path, each, ("name", "value", "valueFrom"))
        if "value" in each:
            ok = isinstance(each["value"], str)
            checks.expect((*path, "value"), ok, "a text (quote numbers)", each["value"])
        source = each.get("valueFrom")
        if source is not None:
            ok = (
                isinstance(source, dict)
                and len(source) == 1
                and all(
                    key in {"secretKeyRef", "configMapKeyRef"}
                    and isinstance(ref, dict)
                    and set(ref) == {"name", "key"}
                    for key, ref in source.items()
                )
            )
            what = "secretKeyRef or configMapKeyRef with name and key"
            checks.expect((*path, "valueFrom"), ok, what, source)


def _check_ports(checks: Checks, properties: Mapping[str, Any]) -> None:
    def number(path: tuple[str | int, ...], value: Any) -> None:
        ok = isinstance(value, int) and 0 < value < 65536
        checks.expect(path, ok, "a port from 1 to 65535", value)

    if "port" in properties:
        number(("port",), properties["port"])
    kind = properties.get("exposeType", "ClusterIP")
    checks.expect(("exposeType",), kind in EXPOSED, " or ".join(EXPOSED), kind)
    ports = properties.get("ports", [])
    if not checks.expect(("ports",), isinstance(ports, list), "a list", ports):
        return
    for at, each in enumerate(ports):
        path: tuple[str | int, ...] = ("ports", at)
        if checks.expect(path, isinstance(each, dict) and "port" in each, "a map with port", each):
            checks.known(path, each, ("port", "name", "protocol", "expose"))
            number((*path, "port"), each["port"])
            name = each.get("name", "x")
            ok = isinstance(name, str) and bool(NAME.fullmatch(name)) and len(name) <= 15
            checks.expect((*path, "name"), ok, "at most 15 lower-case letters and digits", name)
            protocol = each.get("protocol", "TCP")
            checks.expect(
                (*path, "protocol"),
                protocol in {"TCP", "UDP", "SCTP"},
                "TCP, UDP or SCTP",
                protocol,
            )
            expose = each.get("expose", False)
            checks.expect((*path, "expose"), isinstance(expose, bool), "true or false", expose)


def _check_probe(checks: Checks, name: str, probe: Any) -> None:
    if not checks.expect((name,), isinstance(probe, dict), "a probe", probe):
        return
    checks.known((name,), probe, PROBE)
    kinds = [each for each in ("httpGet", "tcpSocket", "exec") if each in probe]
    checks.expect((name,), len(kinds) == 1, "one of httpGet, tcpSocket and exec", kinds or "none")
    for key in PROBE[3:]:
        value = probe.get(key, 1)
        checks.expect((name, key), isinstance(value, int) and value >= 0, "a number", value)
