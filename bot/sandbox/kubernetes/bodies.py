"""What the body of a request says: JSON, YAML or protobuf, read as the real server reads it."""

import json
from typing import Any

import yaml
from starlette.requests import Request

from bot.sandbox.kubernetes import protobuf
from bot.sandbox.kubernetes.errors import StatusError, unsupported_media
from bot.sandbox.kubernetes.registry import Resource

KNOWN = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
PATCHES = frozenset(
    {
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
    }
)


async def body_of(request: Request, resource: Resource | None = None) -> Any:
    """Read the body of a request about a kind; nothing is an empty object. Raises StatusError."""
    raw = await request.body()
    kind = media_type(request)
    if request.method == "PATCH":
        return _patch(raw, kind)
    if not raw and (request.method == "DELETE" or resource is None):
        return {}
    if "protobuf" in kind:
        return _protobuf(raw)
    if "json" not in kind and "yaml" not in kind:
        raise unsupported_media(KNOWN)
    name = resource.kind if resource is not None else "DeleteOptions"
    head = (
        f"the object provided is unrecognized (must be of type {name}): couldn't get version/kind; "
    )
    if not raw:
        raise StatusError(400, f"{head}json parse error: unexpected end of JSON input (<empty>)")
    try:
        found = yaml.safe_load(raw) if "yaml" in kind else json.loads(raw)
    except (ValueError, yaml.YAMLError) as error:
        shown = raw.decode(errors="replace")[:40]
        raise StatusError(400, f"{head}json parse error: {error} ({shown})") from error
    if not isinstance(found, dict):
        shown = raw[:20].hex()
        raise StatusError(400, f"{head}json parse error: the body is no object ({shown})")
    return found


def media_type(request: Request) -> str:
    """Answer the media type of a body, JSON when nothing is said."""
    return request.headers.get("content-type", "application/json").partition(";")[0].strip()


def _protobuf(raw: bytes) -> Any:
    try:
        return protobuf.read(raw)
    except protobuf.UnreadableError as error:
        raise StatusError(400, str(error)) from error


def _patch(raw: bytes, kind: str) -> Any:
    if kind not in PATCHES:
        raise StatusError(415, "415: Unsupported Media Type", details={})
    try:
        return yaml.safe_load(raw) if "yaml" in kind else json.loads(raw)
    except yaml.YAMLError as error:
        raise StatusError(400, f"error decoding YAML: {error}") from error
    except ValueError as error:
        raise StatusError(400, f"error decoding patch: {error}") from error
