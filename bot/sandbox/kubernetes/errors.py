"""The answers of an API server that refuses: `Status` objects with the reasons and texts kubectl expects."""

import json
from collections.abc import Sequence
from typing import Any

from bot.sandbox.kubernetes.registry import Resource

REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    410: "Expired",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
    504: "Timeout",
}


WITHOUT = "-"
"""The reason of an answer that has none."""


class StatusError(Exception):
    """A request is refused; `body` is the Status object to answer with."""

    def __init__(
        self, code: int, message: str, *, reason: str = "", details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "code": code,
        }
        if reason != WITHOUT:
            self.body["reason"] = reason or REASONS.get(code, "InternalError")
        if details is not None:
            self.body["details"] = details


def _details(resource: Resource, name: str) -> dict[str, Any]:
    return _filled({"name": name, "group": resource.group, "kind": resource.plural})


def _filled(details: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty, as the real server does."""
    return {key: value for key, value in details.items() if value != ""}


def not_found(resource: Resource, name: str) -> StatusError:
    """There is no such object."""
    return StatusError(
        404, f'{resource.qualified} "{name}" not found', details=_details(resource, name)
    )


def already_exists(resource: Resource, name: str) -> StatusError:
    """An object of that name is there."""
    return StatusError(
        409,
        f'{resource.qualified} "{name}" already exists',
        reason="AlreadyExists",
        details=_details(resource, name),
    )


def stale(resource: Resource, name: str) -> StatusError:
    """The writer's resourceVersion is not the newest."""
    return StatusError(
        409,
        f'Operation cannot be fulfilled on {resource.qualified} "{name}": the object has been '
        "modified; please apply your changes to the latest version and try again",
        details=_details(resource, name),
    )


def invalid(resource: Resource, name: str, causes: Sequence[tuple[str, str, str]]) -> StatusError:
    """The object breaks rules: (field, reason such as FieldValueRequired, text) each."""
    texts = [f"{field}: {text}" for field, _, text in causes]
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    return StatusError(
        422,
        f'{kind} "{name}" is invalid: {joined}',
        details=_filled({"name": name, "group": resource.group, "kind": resource.kind})
        | {"causes": _causes(causes)},
    )


def _causes(causes: Sequence[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"reason": reason, "message": text, "field": field} for field, reason, text in causes]


def invalid_option(kind: str, field: str, reason: str, text: str) -> StatusError:
    """An option of a request (`PatchOptions`, `DeleteOptions`) is wrong."""
    return StatusError(
        422,
        f'{kind}.meta.k8s.io "" is invalid: {field}: {text}',
        details={
            "group": "meta.k8s.io",
            "kind": kind,
            "causes": _causes([(field, reason, text)]),
        },
    )


def conflict(resource: Resource, name: str, text: str) -> StatusError:
    """What is asked for cannot be done to the object as it is."""
    return StatusError(
        409,
        f'Operation cannot be fulfilled on {resource.qualified} "{name}": {text}',
        details=_details(resource, name),
    )


def in_version(error: StatusError, version: str, shown: str) -> StatusError:
    """Answer a refusal that names another apiVersion, as the subresource `scale` does."""
    body = json.loads(json.dumps(error.body).replace(f"using {version}", f"using {shown}"))
    made = StatusError(error.code, body["message"])
    made.body = body
    return made


def other_uid(resource: Resource, live: dict[str, Any], uid: str) -> StatusError:
    """Somebody writes to an object of the same name that is another one."""
    meta = live["metadata"]
    place = "/".join(each for each in (meta.get("namespace", ""), meta["name"]) if each)
    return conflict(
        resource,
        meta["name"],
        f"StorageError: invalid object, Code: 4, Key: /registry/{resource.plural}/{place}, "
        f"ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in "
        f"object meta: {meta['uid']}",
    )


def invalid_patch(patched: Any, text: str) -> StatusError:
    """A patch makes something of an object that cannot be read as one."""
    said = text.partition("cannot be handled as a ")[2].partition(": ")[2] or text
    shown = json.dumps(json.dumps(patched, separators=(",", ":")))
    cause = ("patch", "FieldValueInvalid", f"Invalid value: {shown}: {said}")
    return StatusError(
        422, f' "" is invalid: {cause[0]}: {cause[2]}', details={"causes": _causes([cause])}
    )


def missing_with_uid(resource: Resource, name: str, uid: str) -> StatusError:
    """Somebody applies an object with the uid of one that is gone."""
    said = (
        f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
    )
    return conflict(resource, name, said)


def precondition(resource: Resource, name: str, text: str) -> StatusError:
    """What is to be deleted is not what the caller means."""
    return StatusError(
        409,
        f'Operation cannot be fulfilled on {resource.kind} "{name}": {text}',
        details=_filled({"name": name, "group": resource.group, "kind": resource.kind}),
    )


def terminating(resource: Resource, name: str, namespace: str) -> StatusError:
    """Nothing new may come into a namespace that is being emptied."""
    return StatusError(
        403,
        f'{resource.qualified} "{name}" is forbidden: unable to create new content in namespace '
        f"{namespace} because it is being terminated",
        details=_details(resource, name)
        | {
            "causes": [
                {
                    "reason": "NamespaceTerminating",
                    "message": f"namespace {namespace} is being terminated",
                    "field": "metadata.namespace",
                }
            ]
        },
    )


def forbidden(resource: Resource, name: str, text: str) -> StatusError:
    """Admission does not let an object in."""
    return StatusError(
        403,
        f'{resource.qualified} "{name}" is forbidden: {text}',
        details=_details(resource, name),
    )


def wrong_kind(resource: Resource, version: str, given_version: str, given: str) -> StatusError:
    """The body is an object of another kind than the path."""
    if given_version != resource.api_version_of(version):
        return StatusError(
            400,
            f"the API version in the data ({given_version}) does not match the expected API version "
            f"({resource.api_version_of(version)})",
        )
    return StatusError(
        400,
        f'{given} in version "{version}" cannot be handled as a {resource.kind}: no kind "{given}" is '
        f'registered for version "{given_version}" in scheme "pkg/runtime/scheme.go:110"',
    )


def unsupported_media(known: str) -> StatusError:
    """The body is in a form that this server does not take here."""
    return StatusError(
        415,
        f"the body of the request was in an unknown format - accepted media types include: {known}",
    )


def field_conflicts(conflicts: Sequence[tuple[str, str]]) -> StatusError:
    """Server-side apply meets fields of other managers: (field path, `conflict with …` text) each."""
    by_manager: dict[str, list[str]] = {}
    for field, text in conflicts:
        by_manager.setdefault(text, []).append(field)
    if len(conflicts) == 1:
        field, text = conflicts[0]
        said = f"{text}: {field}"
    else:
        lines = []
        for text, fields in sorted(by_manager.items()):
            lines += [text.replace("conflict with", "conflicts with") + ":"]
            lines += [f"- {field}" for field in fields]
        said = "\n".join(lines)
    plural = "conflict" if len(conflicts) == 1 else "conflicts"
    return StatusError(
        409,
        f"Apply failed with {len(conflicts)} {plural}: {said}",
        details={
            "causes": [
                {"reason": "FieldManagerConflict", "message": text, "field": field}
                for field, text in conflicts
            ]
        },
    )
