"""The parameters of `webservice` and `worker`, with KubeVela's names and meanings.

Plain dataclasses would do but for the checking; the catalog calls `check_component` when a file is loaded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from bot.rendering.images import is_image

CPU = re.compile(r"\d+(\.\d{1,3})?|\d+m", re.ASCII)
MEMORY = re.compile(r"\d+(\.\d+)?(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?", re.ASCII)
"""Without `m`: Kubernetes takes `512m`, which is half a byte and always a slip for `512Mi`."""
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
LONGEST = 24 * 3600
"""Seconds of a deadline, or of a probe's times."""
HANDLERS = {
    "httpGet": ("path", "port", "host", "scheme", "httpHeaders"),
    "tcpSocket": ("port", "host"),
    "exec": ("command",),
}
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
    for name, form, example in (("cpu", CPU, "250m or 0.5"), ("memory", MEMORY, "128Mi or 2Gi")):
        value = properties.get(name, "1")
        written = isinstance(value, str | int | float) and not isinstance(value, bool)
        ok = written and bool(form.fullmatch(str(value)))
        checks.expect((name,), ok, f"a quantity such as {example}", value)
    _check_numbers(checks, properties)
    _check_maps(checks, properties)
    _check_env(checks, properties.get("env", []))
    _check_ports(checks, properties)
    for name in ("livenessProbe", "readinessProbe"):
        if name in properties:
            _check_probe(checks, name, properties[name])
    _check_texts(checks, (), properties)
    return checks.found


def _check_numbers(checks: Checks, properties: Mapping[str, Any]) -> None:
    replicas = properties.get("replicas", 1)
    checks.expect(("replicas",), _is_whole(replicas, 0, 1000), "a number from 0 to 1000", replicas)
    deadline = properties.get("progressDeadlineSeconds", 600)
    ok = _is_whole(deadline, 1, LONGEST)
    checks.expect(("progressDeadlineSeconds",), ok, "a number of seconds", deadline)


def _is_whole(value: Any, least: int, most: int) -> bool:
    """Say whether a value is a whole number in these bounds; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _check_port(checks: Checks, path: tuple[str | int, ...], value: Any) -> None:
    checks.expect(path, _is_whole(value, 1, 65535), "a port from 1 to 65535", value)


def _check_maps(checks: Checks, properties: Mapping[str, Any]) -> None:
    for name in ("labels", "annotations"):
        value = properties.get(name, {})
        ok = isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
        checks.expect((name,), ok, "a map of texts", value)


def _check_env(checks: Checks, env: Any) -> None:
    if not checks.expect(("env",), isinstance(env, list), "a list", env):
        return
    seen: set[str] = set()
    for at, each in enumerate(env):
        path: tuple[str | int, ...] = ("env", at)
        if not checks.expect(
            path, isinstance(each, dict) and "name" in each, "a name and a value", each
        ):
            continue
        checks.known(path, each, ("name", "value", "valueFrom"))
        name = each["name"]
        ok = isinstance(name, str) and bool(name) and "=" not in name and name not in seen
        if checks.expect((*path, "name"), ok, "a name that no other variable has", name):
            seen.add(name)
        if "value" in each:
            ok = isinstance(each["value"], str)
            checks.expect((*path, "value"), ok, "a text (quote numbers)", each["value"])
        source = each.get("valueFrom")
        if source is not None:
            ok = (
                isinstance(source, dict)
                and len(source) == 1
                and "value" not in each
                and all(
                    key in {"secretKeyRef", "configMapKeyRef"}
                    and isinstance(ref, dict)
                    and set(ref) == {"name", "key"}
                    and all(isinstance(text, str) and text for text in ref.values())
                    for key, ref in source.items()
                )
            )
            what = "no value beside it, and secretKeyRef or configMapKeyRef with name and key"
            checks.expect((*path, "valueFrom"), ok, what, source)


def _check_ports(checks: Checks, properties: Mapping[str, Any]) -> None:
    if "port" in properties:
        _check_port(checks, ("port",), properties["port"])
    kind = properties.get("exposeType", "ClusterIP")
    checks.expect(("exposeType",), kind in EXPOSED, " or ".join(EXPOSED), kind)
    ports = properties.get("ports", [])
    if not checks.expect(("ports",), isinstance(ports, list), "a list", ports):
        return
    seen: list[Any] = [(properties.get("port"), "TCP")]
    for at, each in enumerate(ports):
        path: tuple[str | int, ...] = ("ports", at)
        if checks.expect(path, isinstance(each, dict) and "port" in each, "a map with port", each):
            checks.known(path, each, ("port", "name", "protocol", "expose"))
            _check_port(checks, (*path, "port"), each["port"])
            mine = [(each["port"], each.get("protocol", "TCP")), each.get("name") or path]
            new = not any(one in seen for one in mine)
            checks.expect(path, new, "a port and a name that no other has", each)
            seen += mine
            name = each.get("name", "x")
            ok = isinstance(name, str) and bool(NAME.fullmatch(name)) and len(name) <= 15
            checks.expect((*path, "name"), ok, "at most 15 lower-case letters and digits", name)
            protocol = each.get("protocol", "TCP")
            checks.expect(
                (*path, "protocol"),
                protocol in ("TCP", "UDP", "SCTP"),
                "TCP, UDP or SCTP",
                protocol,
            )
            expose = each.get("expose", False)
            checks.expect((*path, "expose"), isinstance(expose, bool), "true or false", expose)


def _check_probe(checks: Checks, name: str, probe: Any) -> None:
    if not checks.expect((name,), isinstance(probe, dict), "a probe", probe):
        return
    checks.known((name,), probe, PROBE)
    kinds = [each for each in HANDLERS if each in probe]
    checks.expect((name,), len(kinds) == 1, "one of httpGet, tcpSocket and exec", kinds or "none")
    for kind in kinds:
        _check_handler(checks, (name, kind), kind, probe[kind])
    for key in PROBE[3:]:
        least = 0 if key == "initialDelaySeconds" else 1
        value = probe.get(key, 1)
        what = f"a number from {least} to {LONGEST}"
        checks.expect((name, key), _is_whole(value, least, LONGEST), what, value)


def _check_handler(checks: Checks, path: tuple[str | int, ...], kind: str, handler: Any) -> None:
    """Check what a probe does."""
    if not checks.expect(path, isinstance(handler, dict), "a map", handler):
        return
    checks.known(path, handler, HANDLERS[kind])
    if kind == "exec":
        command = handler.get("command")
        ok = isinstance(command, list) and bool(command)
        ok = ok and all(isinstance(each, str) for each in command)
        checks.expect((*path, "command"), ok, "a list of texts", command)
        return
    _check_port(checks, (*path, "port"), handler.get("port"))
    for key in ("path", "host"):
        value = handler.get(key, "")
        checks.expect((*path, key), isinstance(value, str), "a text", value)
    scheme = handler.get("scheme", "HTTP")
    checks.expect((*path, "scheme"), scheme in ("HTTP", "HTTPS"), "HTTP or HTTPS", scheme)
    headers = handler.get("httpHeaders", [])
    ok = isinstance(headers, list) and all(
        isinstance(each, dict)
        and set(each) == {"name", "value"}
        and all(isinstance(text, str) for text in each.values())
        for each in headers
    )
    checks.expect((*path, "httpHeaders"), ok, "a list of name and value", headers)


def _check_texts(checks: Checks, path: tuple[str | int, ...], value: Any) -> None:
    """Complain about `${{ }}`: in a component nobody would replace it."""
    if isinstance(value, str):
        what = "a text without ${{ }}, which only steps can have"
        checks.expect(path, "${{" not in value, what, value)
    elif isinstance(value, dict):
        for key, each in value.items():
            _check_texts(checks, (*path, key), each)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            _check_texts(checks, (*path, at), each)
