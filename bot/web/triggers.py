"""Triggers: what a CI system or a registry calls. Each call is a person's request in all but who asks, and by the same rules.

A call is stored before it is done, and done once; one that a replica that stands by or a dead process had taken in is done
by the one that leads next.
"""

import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse

from bot.catalog.machines import Trigger, TriggerAction, TriggerType
from bot.catalog.model import Catalog
from bot.clock import Clock
from bot.web.bodies import parse_json
from bot.web.calls import Calls
from bot.web.elsewhere import Answer
from bot.web.once import Audit, Once
from bot.web.payloads import JFROG_HOST, Passed, Payload, PayloadError, read_payload
from bot.web.ports import Incoming, Known, TokenKind, Tokens
from bot.web.problems import ErrorAnswer, Problem
from bot.web.shapes import RunShape, Shape
from bot.web.tokens import owner_of

log = logging.getLogger(__name__)

DAY = 86400.0
AGAIN = 600.0
"""Seconds within which the same words of a CI system are the same call, where it does not name its calls."""
NAMES = (
    "idempotency-key",
    "x-github-delivery",
    "x-gitlab-event-uuid",
    "x-gitea-delivery",
    "x-request-id",
)
"""Headers by which a call is named, so that one that is sent again is known."""
LONGEST_KEY = 255


class TriggerAnswer(Shape):
    """What became of a call: `success`, `ignored` where the payload tells of nothing to do, `accepted`: it will be done."""

    state: str
    description: str
    request: str = Field(default="", description="What is accepted, by its id.")
    run: RunShape | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A call as it is kept until it is answered."""

    trigger: str
    raw: str
    host: str = ""
    named: bool = False
    lasts: bool = True


class Triggers:
    """Takes calls."""

    def __init__(
        self,
        *,
        catalog: Callable[[], Catalog],
        tokens: Tokens,
        once: Once,
        calls: Calls,
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._tokens = tokens
        self._once = once
        self._calls = calls
        self._clock = clock

    async def take(self, token: str, raw: bytes, headers: Mapping[str, str]) -> Answer:
        """Do what a call asks for. Raises Problem; 401 whatever is wrong with a token or its trigger."""
        trigger = await self._opened(token)
        payload = read(trigger, raw, headers)
        if isinstance(payload, Passed):
            return _passed(payload)
        delivery = Delivery(
            trigger=trigger.name, raw=raw.decode(), host=headers.get(JFROG_HOST, "")
        )
        work = partial(self._calls.do, trigger, payload)
        return await self._once.do(incoming_of(delivery, trigger, payload, headers), work)

    def lasts(self, known: Known) -> bool:
        """Say whether what was stored is done however late: an answer to a gate may be meant for another gate by then."""
        return _delivery(known).lasts

    def is_named(self, known: Known) -> bool:
        """Say whether whoever called gave the call a name."""
        return _delivery(known).named

    async def do_again(self, known: Known, request: str, audited: Audit) -> Answer:
        """Do what a dead process or another replica had taken in. Raises Problem."""
        delivery = _delivery(known)
        trigger = self._able(delivery.trigger)
        payload = read(trigger, delivery.raw.encode(), {JFROG_HOST: delivery.host})
        if isinstance(payload, Passed):
            return _passed(payload)
        return await self._calls.do(trigger, payload, request, audited)

    async def _opened(self, token: str) -> Trigger:
        return self._able(await owner_of(self._tokens, self._clock, TokenKind.TRIGGER, token))

    def _able(self, name: str) -> Trigger:
        """Answer a trigger. Raises Problem (401)."""
        trigger = self._catalog().triggers.get(name)
        if trigger is None or trigger.disabled:
            log.warning("a call of a trigger was refused: %s", name or "its token is unknown")
            raise Problem(401, "unauthorized", "There is no such trigger, or it is switched off.")
        return trigger


def read(trigger: Trigger, raw: bytes, headers: Mapping[str, str]) -> Payload:
    """Read a call. Raises Problem (400)."""
    try:
        return read_payload(trigger, parse_json(raw), headers)
    except PayloadError as error:
        said = f"This is no payload of type {trigger.type}: {error}. docs/triggers.md shows one."
        raise Problem(400, "invalid_payload", said) from error


def incoming_of(
    delivery: Delivery, trigger: Trigger, payload: Payload, headers: Mapping[str, str]
) -> Incoming:
    """Say by what a call is known when it comes again.

    By the name that whoever calls has given it. Without one by what it says: a registry says when it was pushed, and the
    same delivery is not asked for twice within minutes. The same yes may well be, to the next gate; it counts once anyhow.
    """
    digest = hashlib.sha256(f"{delivery.host}\n{delivery.raw}".encode()).hexdigest()
    named = next((headers[each] for each in NAMES if headers.get(each)), "")
    action = getattr(payload, "action", TriggerAction.EXECUTE)
    lasts = action not in {TriggerAction.APPROVE, TriggerAction.TERMINATE}
    if named:
        key, lasting = f"named:{hashlib.sha256(named.encode()).hexdigest()}", DAY
    elif lasts:
        key, lasting = digest, AGAIN if trigger.type is TriggerType.CUSTOM else DAY
    else:
        key, lasting = f"once:{uuid.uuid4().hex}", AGAIN
    return Incoming(
        key=f"trigger:{trigger.name}:{key}"[:LONGEST_KEY],
        digest=digest,
        lasting=lasting,
        body=json.dumps(asdict(replace(delivery, named=bool(named), lasts=lasts))),
        durable=lasts,
        named=bool(named),
    )


def _delivery(known: Known) -> Delivery:
    """Read a call as it was kept; what another version of Shipmate wrote and we do not know is left out."""
    names = {each.name for each in fields(Delivery)}
    kept = json.loads(known.body)
    return Delivery(**{key: value for key, value in kept.items() if key in names})


def _passed(payload: Passed) -> Answer:
    return Answer(status=200, body=_said("ignored", f"Nothing was done: {payload.why}."))


def _said(state: str, description: str) -> dict[str, Any]:
    return TriggerAnswer(state=state, description=description).model_dump(mode="json")


def trigger_routes(triggers: Triggers) -> APIRouter:
    """Answer the route that CI systems and registries call."""
    router = APIRouter(prefix="/api/v1", tags=["triggers"])
    problems: dict[int | str, dict[str, Any]] = {
        code: {"model": ErrorAnswer} for code in (400, 401, 403, 404, 409, 413, 422, 503)
    }
    problems[202] = {"model": TriggerAnswer, "description": "It is stored, and will be done"}

    @router.post(
        "/webhook/{token}",
        summary="Run the workflow that a trigger is for",
        description="The body is in the form of the trigger's type: docs/triggers.md.",
        response_model=TriggerAnswer,
        responses=problems,
    )
    async def webhook(token: str, request: HttpRequest) -> JSONResponse:
        headers = {key.lower(): value for key, value in request.headers.items()}
        answer = await triggers.take(token, await request.body(), headers)
        return JSONResponse(answer.body, status_code=answer.status, headers=answer.headers)

    return router
