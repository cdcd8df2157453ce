"""What the API server refuses in an object: the commonest mistakes, with the texts of the real one. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from bot.sandbox.kubernetes import crds, errors, rules_batch, structural
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.selectors import selector_labels
from bot.sandbox.kubernetes.shapes import Shape

Object = dict[str, Any]
Cause = tuple[str, str, str]

SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")

QUANTITY_TEXT = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)

SPEC_FIELDS: dict[str, frozenset[str]] = {
    "Deployment": frozenset(
        [
            "replicas",
            "selector",
            "template",
            "strategy",
            "minReadySeconds",
            "revisionHistoryLimit",
            "paused",
            "progressDeadlineSeconds",
        ]
    ),
    "Service": frozenset(
        [
            "ports",
            "selector",
            "clusterIP",
            "clusterIPs",
            "type",
            "externalIPs",
            "sessionAffinity",
            "loadBalancerIP",
            "loadBalancerSourceRanges",
            "externalName",
            "externalTrafficPolicy",
            "healthCheckNodePort",
            "publishNotReadyAddresses",
            "sessionAffinityConfig",
            "ipFamilies",
            "ipFamilyPolicy",
            "allocateLoadBalancerNodePorts",
            "loadBalancerClass",
            "internalTrafficPolicy",
            "trafficDistribution",
        ]
    ),
}

CONTAINER_FIELDS = frozenset(
    [
        "name",
        "image",
        "command",
        "args",
        "workingDir",
        "ports",
        "envFrom",
        "env",
        "resources",
        "resizePolicy",
        "restartPolicy",
        "volumeMounts",
        "volumeDevices",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle",
        "terminationMessagePath",
        "terminationMessagePolicy",
        "imagePullPolicy",
        "securityContext",
        "stdin",
        "stdinOnce",
        "tty",
    ]
)


def check(resource: Resource, shape: Shape | None, subject: Object, old: Object | None) -> None:
    """Raise StatusError 422 that lists everything wrong with `subject`, which replaces `old`.

    `shape` is that of a custom kind.
    """
    causes = [*_name(resource, subject), *_labels(subject)]
    if shape is not None:
        causes += structural.mistakes(shape, subject)
    elif resource is crds.DEFINITION:
        causes += crds.check(subject, old)
    elif resource.kind in {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"}:
        causes += _workload(resource, subject, old)
    elif resource.kind == "Pod":
        causes += _pod(subject.get("spec", {}), "spec")
    elif resource.kind == "Service":
        causes += _service(subject)
    if resource.qualified == "jobs.batch":
        causes += rules_batch.job(subject, old)
    elif resource.qualified == "cronjobs.batch":
        causes += rules_batch.cron_job(subject)
    if causes:
        raise errors.invalid(resource, subject["metadata"].get("name", ""), causes)


def check_fields(resource: Resource, shape: Shape | None, subject: Object) -> list[str]:
    """List unknown fields as strict field validation names them: `unknown field "spec.replica"`."""
    if shape is not None:
        return [f'unknown field "{each}"' for each in structural.unknown(shape, subject)]
    found = []
    spec = subject.get("spec")
    known = SPEC_FIELDS.get(resource.kind)
    if isinstance(spec, dict) and known is not None:
        found += [f'unknown field "spec.{key}"' for key in spec if key not in known]
    template = spec.get("template") if isinstance(spec, dict) else None
    pod = template.get("spec") if isinstance(template, dict) else None
    for kind in ("containers", "initContainers"):
        for at, container in enumerate((pod or {}).get(kind) or []):
            found += [
                f'unknown field "spec.template.spec.{kind}[{at}].{key}"'
                for key in container
                if key not in CONTAINER_FIELDS
            ]
    return found


def _name(resource: Resource, subject: Object) -> Iterator[Cause]:
    name = subject["metadata"].get("name", "")
    if not name:
        yield (
            "metadata.name",
            "FieldValueRequired",
            "Required value: name or generateName is required",
        )
        return
    rbac = resource.group == "rbac.authorization.k8s.io"
    pattern = LABEL if resource.kind in {"Namespace", "Service"} else SUBDOMAIN
    if not rbac and (not pattern.fullmatch(name) or len(name) > 253):
        text = f'Invalid value: "{name}": {SUBDOMAIN_TEXT}'
        yield "metadata.name", "FieldValueInvalid", text


def _labels(subject: Object) -> Iterator[Cause]:
    for key, value in (subject["metadata"].get("labels") or {}).items():
        if not LABEL_VALUE.fullmatch(str(value)) or len(str(value)) > 63:
            yield (
                "metadata.labels",
                "FieldValueInvalid",
                f'Invalid value: "{value}": a valid label must be an empty string or consist of '
                f"alphanumeric characters, '-', '_' or '.' (label {key})",
            )


def _workload(resource: Resource, subject: Object, old: Object | None) -> Iterator[Cause]:
    spec = subject.get("spec") or {}
    replicas = spec.get("replicas", 1)
    if not isinstance(replicas, int) or replicas < 0:
        text = f"Invalid value: {replicas}: must be greater than or equal to 0"
        yield "spec.replicas", "FieldValueInvalid", text
    template = spec.get("template") or {}
    if resource.kind != "Job":
        yield from _selector(spec, template)
        if old is not None and old["spec"].get("selector") != spec.get("selector"):
            yield "spec.selector", "FieldValueInvalid", "Invalid value: field is immutable"
    elif old is not None and old["spec"].get("template") != template:
        yield "spec.template", "FieldValueInvalid", "Invalid value: field is immutable"
    yield from _pod(template.get("spec") or {}, "spec.template.spec")


def _selector(spec: Object, template: Object) -> Iterator[Cause]:
    selector = spec.get("selector") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    if not selector:
        yield "spec.selector", "FieldValueRequired", "Required value"
    elif not selector_labels(selector)({"metadata": {"labels": labels}}):
        text = f"Invalid value: {labels}: `selector` does not match template `labels`"
        yield "spec.template.metadata.labels", "FieldValueInvalid", text


def _pod(spec: Object, path: str) -> Iterator[Cause]:
    containers = spec.get("containers") or []
    if not containers:
        yield f"{path}.containers", "FieldValueRequired", "Required value"
    for at, container in enumerate(containers):
        here = f"{path}.containers[{at}]"
        if not container.get("name"):
            yield f"{here}.name", "FieldValueRequired", "Required value"
        if not container.get("image"):
            yield f"{here}.image", "FieldValueRequired", "Required value"
        for index, port in enumerate(container.get("ports") or []):
            yield from _port(port.get("containerPort"), f"{here}.ports[{index}].containerPort")
        for kind, values in (container.get("resources") or {}).items():
            for name, value in values.items() if isinstance(values, dict) else ():
                if not QUANTITY.fullmatch(str(value)):
                    text = f'Invalid value: "{value}": {QUANTITY_TEXT}'
                    yield f"{here}.resources.{kind}[{name}]", "FieldValueInvalid", text


def _service(subject: Object) -> Iterator[Cause]:
    spec = subject.get("spec") or {}
    if not spec.get("ports") and spec.get("type") != "ExternalName":
        yield "spec.ports", "FieldValueRequired", "Required value"
    for at, port in enumerate(spec.get("ports") or []):
        yield from _port(port.get("port"), f"spec.ports[{at}].port")


def _port(number: object, path: str) -> Iterator[Cause]:
    if not isinstance(number, int) or not 0 < number < 65536:
        text = f"Invalid value: {number}: must be between 1 and 65535, inclusive"
        yield path, "FieldValueInvalid", text
