"""What an API server's refusals mean, in our errors and in words that a person can act on. Pure.

It reads `Status` objects by their reasons and causes, as kube-apiserver 1.34 writes them, and never guesses from a text
what a field says.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from bot.cluster.port import Away, Claim, Contested
from bot.errors import Permanent, Temporary

CAUSES = 5
"""So many of the mistakes, or of the contested fields, of one object are named."""

DOWN = (502, 503)
"""What a server that is down, or a load balancer before it, answers with. 504 may be about the request alone."""
UNFIT = ("failed to create typed patch object", "failed to convert new object")
"""What kube-apiserver (seen of 1.32) says with a 500 to an applied object that does not fit its kind's schema."""
TOO_LARGE = ("request is too large", "trying to send message larger than max")
"""What it says with a 500 when etcd takes no object of that size."""
MANAGER = re.compile(r'conflict with "(?P<name>(?:[^"\\]|\\.)*)"(?:.* at (?P<when>[0-9TZ:-]+))?')
SECONDS = re.compile(r"[0-9]{1,9}")
LONGEST_WAIT = 3600
MOVED = re.compile(r"UID in (the )?precondition")
PASSING = (
    "because it is being terminated",
    "status unknown for quota",
    "error looking up service account",
)
"""What it says with a 403 while a namespace goes away, or has just come and is not furnished yet."""


class Gone(Temporary):
    """410: the resourceVersion or the page is too old; list again."""


class Unauthorized(Away):
    """401: the credentials are not taken. New ones may be on their way."""


class Missing(Permanent):
    """404. `resource` is what is not there (`deployments`, `namespaces`); empty: the server serves no such path."""

    def __init__(self, message: str, resource: str) -> None:
        super().__init__(message, code="404")
        self.resource = resource


class Replaced(Permanent):
    """409 to a deletion: the object of that name is another one."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="409")


def refusal(
    cluster: str, about: str, status: int, raw: bytes, retry_after: str | None = None
) -> Temporary | Permanent:
    """Translate an answer of 400 or more. `about` names the object that was asked for, or is empty."""
    answer = _status(raw)
    said = _said(answer, raw)
    object_ = f" {about}" if about else ""
    to = f" to {about}" if about else ""
    match status:
        case 401:
            return Unauthorized(f"{cluster} refuses the credentials")
        case 404:
            return Missing(f"{cluster} refused{object_}: {said}", _resource(answer))
        case 409:
            return _conflict(cluster, about, answer, said)
        case 410:
            return Gone(f"{cluster}: {said}")
        case 413:
            return Permanent(f"{cluster} refused{object_}: it is too large ({said})", code="413")
        case 422:
            said = _mistakes(answer) or said
    if _may_pass(status, answer, said):
        seconds = _seconds(answer, retry_after)
        kind = Away if status in DOWN else Temporary
        return kind(f"{cluster} answered {status}{to}: {said}", retry_after=seconds)
    return Permanent(f"{cluster} refused{object_}: {said}", code=str(status))


def _may_pass(status: int, answer: dict[str, Any], said: str) -> bool:
    if status == 403:
        reasons = [each.get("reason") for each in _causes(answer)]
        return "NamespaceTerminating" in reasons or any(each in said for each in PASSING)
    if status == 500 and (said.startswith(UNFIT) or any(each in said for each in TOO_LARGE)):
        return False
    return status == 429 or status >= 500


def _conflict(cluster: str, about: str, answer: dict[str, Any], said: str) -> Temporary | Permanent:
    found = [each for each in _causes(answer) if each.get("reason") == "FieldManagerConflict"]
    if found:
        owners = [_owner(each) for each in found]
        owners.sort(key=lambda each: each[0].field)
        claims = [claim for claim, _ in owners]
        return Contested(_contested(cluster, about, owners), claims)
    if MOVED.search(said):
        return Replaced(f"{cluster}: {said}")
    return Temporary(f"{cluster}: {said}")  # somebody wrote, or made it, at the same time


def _owner(cause: dict[str, Any]) -> tuple[Claim, str]:
    """Read whose a field is, and since when, as far as the server says."""
    found = MANAGER.search(str(cause.get("message", "")))
    name = found["name"].replace('\\"', '"') if found else "someone else"
    return Claim(field=str(cause.get("field", "")), manager=name), (found and found["when"]) or ""


def _contested(cluster: str, about: str, owners: Sequence[tuple[Claim, str]]) -> str:
    parts = [
        f"{claim.field} belongs to {claim.manager}" + (f" (set {when})" if when else "")
        for claim, when in owners[:CAUSES]
    ]
    more = f", and {len(owners) - CAUSES} more fields" if len(owners) > CAUSES else ""
    them = "it" if len(owners) == 1 else "them"
    return (
        f"{about or 'the object'} on {cluster}: {', '.join(parts)}{more}; take {them} over by a take-over policy, "
        f"or leave {them} out"
    )


def _mistakes(answer: dict[str, Any]) -> str:
    """Say what is wrong field by field; nothing when the server names no fields."""
    causes = _causes(answer)
    if not causes or not all(each.get("field") and each.get("message") for each in causes):
        return ""
    parts = [_mistake(each) for each in causes[:CAUSES]]
    more = f"; and {len(causes) - CAUSES} more" if len(causes) > CAUSES else ""
    return "; ".join(parts) + more


def _mistake(cause: dict[str, Any]) -> str:
    """Say one mistake; the server writes `[]` for the whole object."""
    return (
        str(cause["message"]) if cause["field"] == "[]" else f"{cause['field']}: {cause['message']}"
    )


def _seconds(answer: dict[str, Any], header: str | None) -> float | None:
    """Answer for how long the server asks us to wait; an hour at most, whatever it says."""
    if header and SECONDS.fullmatch(header):
        return min(float(header), LONGEST_WAIT)
    said = _details(answer).get("retryAfterSeconds")
    return float(min(said, LONGEST_WAIT)) if isinstance(said, int) and said > 0 else None


def _resource(answer: dict[str, Any]) -> str:
    details = _details(answer)
    return str(details.get("kind") or "") if details.get("name") else ""


def _causes(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found = _details(answer).get("causes")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _details(answer: dict[str, Any]) -> dict[str, Any]:
    found = answer.get("details")
    return found if isinstance(found, dict) else {}


def _status(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _said(answer: dict[str, Any], raw: bytes) -> str:
    """Answer what a Status object says, or the beginning of whatever came instead."""
    if answer:
        return str(answer.get("message") or answer.get("reason") or "no reason given")
    return " ".join(raw[:200].decode(errors="replace").split()) or "no reason given"
