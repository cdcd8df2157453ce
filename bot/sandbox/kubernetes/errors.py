"""The answers of an API server that refuses: `Status` objects with the reasons and texts kubectl expects."""

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
    503: "ServiceUnavailable",
}


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
            "reason": reason or REASONS.get(code, "InternalError"),
            "code": code,
        }
        if details:
            self.body["details"] = details


def _details(resource: Resource, name: str) -> dict[str, Any]:
    return {"name": name, "group": resource.group, "kind": resource.plural}


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
        details={
            "name": name,
            "group": resource.group,
            "kind": resource.kind,
            "causes": [
                {"reason": reason, "message": text, "field": field}
                for field, reason, text in causes
            ],
        },
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
        said = "; ".join(
            f"{text}:\n- " + "\n- ".join(fields) for text, fields in sorted(by_manager.items())
        ).replace("conflict with", "conflicts with")
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
