"""One HTTP request to the API server, taken apart: which kind, where, what for. Pure."""

import json
from dataclasses import dataclass
from typing import Any

import yaml
from starlette.requests import Request

from bot.sandbox.kubernetes import selectors
from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.kinds import Kinds
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.writes import APPLY, Ask


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
    return StatusError(404, "the server could not find the requested resource")


def matcher(request: Request) -> Any:
    """Combine the label and field selectors of a request into one test."""
    by_labels = selectors.labels(request.query_params.get("labelSelector", ""))
    by_fields = selectors.fields(request.query_params.get("fieldSelector", ""))
    return lambda subject: by_labels(subject) and by_fields(subject)


def ask_of(request: Request, where: Place, kind: str = "") -> Ask:
    """Read how a write is meant. Raises StatusError for what cannot be meant."""
    params = request.query_params
    agent = request.headers.get("user-agent", "unknown").partition("/")[0]
    manager = params.get("fieldManager", "")
    if kind == APPLY and not manager:
        raise StatusError(
            422,
            'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for '
            "apply patch",
        )
    dry_run = params.getlist("dryRun")
    if dry_run not in ([], ["All"], [""]):
        raise StatusError(
            422, f'invalid dryRun: Unsupported value: {dry_run}: supported values: "All"'
        )
    return Ask(
        resource=where.resource,
        version=where.version,
        namespace=where.namespace,
        name=where.name,
        subresource=where.subresource,
        manager=manager or agent,
        force=params.get("force") == "true",
        dry_run=dry_run == ["All"],
        strict=params.get("fieldValidation") == "Strict",
    )


async def body_of(request: Request) -> Any:
    """Read the body, JSON or YAML. Raises StatusError 400."""
    raw = await request.body()
    if not raw:
        return {}
    kind = request.headers.get("content-type", "application/json")
    if "yaml" not in kind and "json" not in kind:
        # `kubectl create configmap` and its like speak protobuf only; the sandbox does not.
        raise StatusError(415, f"the body is {kind}; this API server takes JSON and YAML")
    try:
        if "yaml" in kind:
            return yaml.safe_load(raw)
        return json.loads(raw)
    except (ValueError, yaml.YAMLError) as error:
        raise StatusError(400, f"the body of the request cannot be read: {error}") from error


def table_include(request: Request) -> str | None:
    """Answer what a table's rows are to include; None when no table is asked for."""
    if "as=Table" not in request.headers.get("accept", ""):
        return None
    return request.query_params.get("includeObject", "Metadata")


def version_of(request: Request) -> int | None:
    """Answer the resourceVersion that a watch begins after; None: from the present state."""
    text = request.query_params.get("resourceVersion", "")
    if text in {"", "0"}:
        return None
    if not text.isdigit():
        raise StatusError(400, f"invalid resource version: {text}")
    return int(text)
