"""Lists: as of which moment, selected how, and page by page.

A page names the moment that the whole list is of, so that the next one goes on as if nothing had changed since; when
that moment is forgotten, it is answered 410 with a token to go on from the present.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from bot.sandbox.kubernetes import errors
from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.requests import Place, matcher
from bot.sandbox.kubernetes.storage import Object, Storage

PRESENT = -1
"""The moment of a token that goes on from whatever is there now."""
TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a "
    "new list without the continue parameter, or use the continue token in this response to retrieve "
    "the remainder of the results. Continuing with the provided token results in an inconsistent list "
    "- objects that were created, modified, or deleted between the time the first chunk was returned "
    "and now may show up in the list."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A list, or a part of one."""

    items: list[Object]
    metadata: Object


def page(storage: Storage, request: Request, where: Place) -> Page:
    """Answer the page of a list that is asked for. Raises StatusError."""
    params = request.query_params
    matches = matcher(request, where.resource)
    version, start = _moment(storage, request), ""
    if params.get("continue"):
        version, start = _token(params["continue"])
        version = _known(storage, version, start)
    if version == PRESENT:
        version = storage.version
        found = storage.of(where.resource, where.namespace)
    else:
        found = storage.as_of(version, where.resource, where.namespace)
    found = [each for each in found if matches(each) and _key(each) >= start]
    metadata: Object = {"resourceVersion": str(version)}
    limit = params.get("limit", "")
    if limit.isdigit() and 0 < int(limit) < len(found):
        rest = found[int(limit) :]
        found = found[: int(limit)]
        metadata["continue"] = _spell(version, _key(rest[0]))
        if not params.get("labelSelector") and not params.get("fieldSelector"):
            metadata["remainingItemCount"] = len(rest)
    return Page(items=found, metadata=metadata)


def _moment(storage: Storage, request: Request) -> int:
    """Answer the resourceVersion that a list is to be of. Raises StatusError."""
    params = request.query_params
    text, match = params.get("resourceVersion", ""), params.get("resourceVersionMatch", "")
    if match and not text:
        said = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
        raise errors.invalid_option(
            "ListOptions", "resourceVersionMatch", "FieldValueForbidden", said
        )
    version = number(text)
    check_known(storage, version)
    if match == "Exact":
        if version < storage.oldest:
            raise StatusError(410, "The resourceVersion for the provided list is too old.")
        return version
    return PRESENT


def number(text: str) -> int:
    """Read a resourceVersion; none is 0. Raises StatusError 400."""
    if text and not text.isdigit():
        raise StatusError(
            400,
            f'invalid resource version: resourceVersion: Invalid value: "{text}": strconv.ParseUint: '
            f'parsing "{text}": invalid syntax',
        )
    return int(text or 0)


def check_known(storage: Storage, version: int) -> None:
    """Refuse a moment that has not come yet. Raises StatusError 504."""
    if version > storage.version:
        raise StatusError(
            504,
            f"Timeout: Too large resource version: {version}, current: {storage.version}",
            details={
                "causes": [
                    {
                        "reason": "ResourceVersionTooLarge",
                        "message": "Too large resource version",
                    }
                ],
                "retryAfterSeconds": 1,
            },
        )


def _known(storage: Storage, version: int, start: str) -> int:
    """Answer the moment of a token, when it is still known. Raises StatusError 410 otherwise."""
    if version != PRESENT and version < storage.oldest:
        error = StatusError(410, TOO_OLD)
        error.body["metadata"] = {"continue": _spell(PRESENT, start)}
        raise error
    return version


def _key(subject: Object) -> str:
    meta = subject["metadata"]
    return f"{meta.get('namespace', '')}/{meta['name']}"


def _spell(version: int, start: str) -> str:
    said = json.dumps({"v": "meta.k8s.io/v1", "rv": version, "start": start})
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _token(text: str) -> tuple[int, str]:
    try:
        said: Any = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return int(said["rv"]), str(said["start"])
    except (ValueError, KeyError, TypeError) as error:
        said = f"invalid continue token: continue key is not valid: {error}"
        raise StatusError(400, said) from error
