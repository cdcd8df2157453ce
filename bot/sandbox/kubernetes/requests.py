"""One HTTP request to the API server, taken apart: which kind, where, what for. Pure."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from bot.sandbox.kubernetes import selectors
from bot.sandbox.kubernetes.errors import StatusError, invalid_option
from bot.sandbox.kubernetes.kinds import Kinds
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.writes import APPLY, Ask

OPTIONS = {"POST": "CreateOptions", "PUT": "UpdateOptions", "DELETE": "DeleteOptions"}
VALIDATIONS = frozenset({"", "Ignore", "Strict", "Warn"})


FIELDS: dict[str, tuple[str, ...]] = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    "events": (
        *(
            f"involvedObject.{each}"
            for each in (
                "kind",
                "namespace",
                "name",
                "uid",
                "apiVersion",
                "resourceVersion",
                "fieldPath",
            )
        ),
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "secrets": ("type",),
    "namespaces": ("status.phase", "name"),
    "nodes": ("spec.unschedulable",),
    "services": ("spec.clusterIP", "spec.type"),
    "jobs.batch": ("status.successful",),
    "replicasets.apps": ("status.replicas",),
}
"""What fields can be selected by, beside the name and the namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a path means: a kind, perhaps a namespace, an object and a part of it."""

    resource: Resource
    version: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def place(kinds: Kinds, path: str) -> Place:
    """Read `/api/v1/…` or `/apis/GROUP/VERSION/…`. Raises StatusError 404."""
    parts = [each for each in path.split("/") if each]
    if parts[:1] == ["api"]:
        group, version, rest = "", parts[1] if len(parts) > 1 else "", parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 2:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        raise unknown_path()
    namespace = ""
    if rest[:1] == ["namespaces"] and len(rest) > 2 and rest[2] not in {"status", "finalize"}:
        namespace, rest = rest[1], rest[2:]
    if not rest or len(rest) > 3:
        raise unknown_path()
    resource = kinds.at(group, version, rest[0])
    if resource is None or (namespace and not resource.namespaced):
        raise unknown_path()
    return Place(
        resource=resource,
        version=version,
        namespace=namespace,
        name=rest[1] if len(rest) > 1 else "",
        subresource=rest[2] if len(rest) > 2 else "",
    )


def unknown_path() -> StatusError:
    """The server serves nothing there."""
    return StatusError(404, "the server could not find the requested resource", details={})


def matcher(request: Request, resource: Resource) -> Any:
    """Combine the label and field selectors of a request into one test. Raises StatusError 400."""
    by_labels = selectors.labels(request.query_params.get("labelSelector", ""))
    by_fields = selectors.fields(
        request.query_params.get("fieldSelector", ""), FIELDS.get(resource.qualified, ())
    )
    return lambda subject: by_labels(subject) and by_fields(subject)


def ask_of(request: Request, where: Place, kind: str = "") -> Ask:
    """Read how a write is meant. Raises StatusError for what cannot be meant."""
    params = request.query_params
    agent = request.headers.get("user-agent", "unknown").partition("/")[0]
    manager = params.get("fieldManager", "")
    if kind == APPLY and not manager:
        said = "Required value: is required for apply patch"
        raise invalid_option("PatchOptions", "fieldManager", "FieldValueRequired", said)
    options = OPTIONS.get(request.method, "PatchOptions")
    dry_run = params.getlist("dryRun")
    if dry_run not in ([], ["All"], [""]):
        said = f'Unsupported value: {json.dumps(dry_run)}: supported values: "All"'
        raise invalid_option(options, "dryRun", "FieldValueNotSupported", said)
    validation = params.get("fieldValidation", "")
    if validation not in VALIDATIONS:
        known = '"", "Ignore", "Strict", "Warn"'
        said = f'Unsupported value: "{validation}": supported values: {known}'
        raise invalid_option(options, "fieldValidation", "FieldValueNotSupported", said)
    return Ask(
        resource=where.resource,
        version=where.version,
        namespace=where.namespace,
        name=where.name,
        subresource=where.subresource,
        manager=manager or agent,
        force=params.get("force") == "true",
        dry_run=dry_run == ["All"],
        strict=validation == "Strict",
    )


def table_include(request: Request) -> str | None:
    """Answer what a table's rows are to include; None when no table is asked for."""
    if "as=Table" not in request.headers.get("accept", ""):
        return None
    return request.query_params.get("includeObject", "Metadata")
