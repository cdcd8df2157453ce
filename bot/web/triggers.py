"""Triggers: what a CI system or a registry calls. Each call is a person's request in all but who asks, and by the same rules.

A call is stored before it is done, and done once; one that a dead process had taken in is done at the next start.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse

from bot.catalog.machines import Trigger, TriggerAction, TriggerType
from bot.catalog.model import Catalog
from bot.clock import Clock
from bot.errors import ShipmateError
from bot.web.bodies import parse_json
from bot.web.calls import Calls
from bot.web.once import Answer, Once
from bot.web.payloads import JFROG_HOST, Passed, Payload, PayloadError, read_payload
from bot.web.ports import Incoming, Known, Requests, TokenKind, Tokens
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
LONGEST_NAME = 200


class TriggerAnswer(Shape):
    """What became of a call: `success`, or `ignored` where the payload tells of nothing to do."""

    state: str
    description: str
    run: RunShape | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A call as it is kept until it is answered."""

    trigger: str
    raw: str
    host: str = ""


class Triggers:
    """Takes calls."""

    def __init__(
        self,
        *,
        catalog: Callable[[], Catalog],
        tokens: Tokens,
        requests: Requests,
        once: Once,
        calls: Calls,
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._tokens = tokens
        self._requests = requests
        self._once = once
        self._calls = calls
        self._clock = clock

    async def take(self, token: str, raw: bytes, headers: Mapping[str, str]) -> Answer:
        """Do what a call asks for. Raises Problem; 401 whatever is wrong with a token or its trigger."""
        trigger = await self._opened(token)
        payload = read(trigger, raw, headers)
        if isinstance(payload, Passed):
            return Answer(status=200, body=_said("ignored", f"Nothing was done: {payload.why}."))
        delivery = Delivery(
            trigger=trigger.name, raw=raw.decode(), host=headers.get(JFROG_HOST, "")
        )
        work = partial(self._calls.do, trigger, payload)
        incoming = incoming_of(delivery, trigger, payload, headers)
        return await (self._once.do(incoming, work) if incoming else self._once.always(work))

    async def replay(self) -> int:
        """Do what a dead process had taken in; say how many calls there were. Never raises."""
        left = await self._requests.unanswered()
        for known in left:
            try:
                await self._again(known)
            except (ShipmateError, Problem) as error:
                log.warning("a call of a trigger could not be done again: %s", error)
        return len(left)

    async def _again(self, known: Known) -> None:
        delivery = Delivery(**json.loads(known.body))
        trigger = self._catalog().triggers.get(delivery.trigger)
        if trigger is None or trigger.disabled:
            await self._requests.finish(known.key, 401, "{}", (), keep=False)
            return
        payload = read(trigger, delivery.raw.encode(), {JFROG_HOST: delivery.host})
        if not isinstance(payload, Passed):
            await self._once.resume(known, partial(self._calls.do, trigger, payload))

    async def _opened(self, token: str) -> Trigger:
        owner = await owner_of(self._tokens, self._clock, TokenKind.TRIGGER, token)
        trigger = self._catalog().triggers.get(owner)
        if trigger is None or trigger.disabled:
            log.warning("a call of a trigger was refused: %s", owner or "its token is unknown")
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
) -> Incoming | None:
    """Say by what a call is known when it comes again; None: nothing about it says so, and it is done again.

    By the name that whoever calls has given it. Without one by what it says: a registry says when it was pushed, and the
    same delivery is not asked for twice within minutes. The same yes may well be, to the next gate; it counts once anyhow.
    """
    digest = hashlib.sha256(f"{delivery.host}\n{delivery.raw}".encode()).hexdigest()
    body = json.dumps({"trigger": delivery.trigger, "raw": delivery.raw, "host": delivery.host})
    named = next((headers[each] for each in NAMES if headers.get(each)), "")
    if named:
        name = hashlib.sha256(named.encode()).hexdigest()
        key = f"trigger:{trigger.name}:named:{name}"
        return Incoming(key=key, digest=digest, lasting=DAY, body=body)
    action = getattr(payload, "action", TriggerAction.EXECUTE)
    if action in {TriggerAction.APPROVE, TriggerAction.TERMINATE}:
        return None
    lasting = AGAIN if trigger.type is TriggerType.CUSTOM else DAY
    key = f"trigger:{trigger.name}:{digest}"
    return Incoming(key=key, digest=digest, lasting=lasting, body=body, named=False)


def _said(state: str, description: str) -> dict[str, Any]:
    return TriggerAnswer(state=state, description=description).model_dump(mode="json")


def trigger_routes(triggers: Triggers) -> APIRouter:
    """Answer the route that CI systems and registries call."""
    router = APIRouter(prefix="/api/v1", tags=["triggers"])
    problems: dict[int | str, dict[str, Any]] = {
        code: {"model": ErrorAnswer} for code in (400, 401, 403, 404, 409, 413, 422)
    }

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
