"""The requests of the chat over HTTP: a route for each row of the table of verbs, asked through the same router."""

import hashlib
import inspect
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Header, Path, Query
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import BaseModel, ConfigDict, Field, create_model
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.command.forms import Argument, Option
from bot.command.grammar import parse, unparse
from bot.command.requests import Asker, Misunderstood, Request, Show
from bot.command.router import Router
from bot.command.values import Kind
from bot.errors import Temporary
from bot.operations.results import RunShown
from bot.policy.refusals import Refusal
from bot.run.origin import API
from bot.web.access import BEARER, Access
from bot.web.answers import Sentence, problem_of
from bot.web.elsewhere import NO_LEADER, Answer
from bot.web.endpoints import ENDPOINTS, PREFIX, Endpoint, UnfitError, request_of, run_name
from bot.web.following import Following
from bot.web.once import Audit, Once
from bot.web.ports import Incoming, Known
from bot.web.problems import KEY, ErrorAnswer, Problem, unavailable
from bot.web.replies import reply
from bot.web.results import ANSWERS, RunAnswer

log = logging.getLogger(__name__)

VIA: Final = "http"
DAY: Final = 86400.0
LONGEST_KEY: Final = 200
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": ErrorAnswer} for code in (400, 401, 403, 404, 409, 413, 422, 503)
}
SAID: Final = {
    "run": "`shop/prod/17`, `shop/prod%2317` or the run's id.",
    "application": "The name of an application.",
    "environment": "The name of an environment.",
}
Handler = Callable[..., Awaitable[Response]]


class Api:
    """Answers requests of people and service accounts."""

    def __init__(
        self,
        *,
        router: Router,
        access: Access,
        once: Once,
        following: Following,
        sentence: Sentence,
    ) -> None:
        """`sentence` says why something was not done."""
        self._router = router
        self._access = access
        self._once = once
        self._following = following
        self._sentence = sentence

    async def look(
        self, credentials: HTTPAuthorizationCredentials | None, request: Request
    ) -> Answer:
        """Answer what changes nothing. Raises Problem."""
        owner = await self._access.owner(credentials)
        result, _ = await self._router.answer(_asker(owner, ""), request)
        status, body = reply(result, self._sentence)
        return Answer(status=status, body=body.model_dump(mode="json"))

    async def do(
        self,
        credentials: HTTPAuthorizationCredentials | None,
        request: Request,
        key: str,
        sent: str,
    ) -> Answer:
        """Do something, once under its key, which is made where it has none. `sent` is everything that was asked.

        Raises Problem, and Temporary. Where something may have been done, a key that was made is in the problem's headers:
        asked again with it, it is not done twice.
        """
        owner = await self._access.owner(credentials)
        name = key or uuid.uuid4().hex
        incoming = Incoming(
            key=f"{API}:{owner}:{_digest(name)}"[:255],
            digest=_digest(sent),
            lasting=DAY,
            body=json.dumps({"owner": owner, "request": unparse(request)}),
        )
        try:
            return await self._once.do(incoming, partial(self._done, owner, request))
        except Problem as problem:
            if not key and problem.status == 503 and problem.error.code != NO_LEADER:
                problem.headers[KEY] = name
            raise
        except Temporary as error:
            if key:
                raise
            log.warning("a request could not be answered now: %s", error)
            raise unavailable(name) from error

    def lasts(self, known: Known) -> bool:  # noqa: ARG002 - it is a `Doer`
        """Nothing is done however late: whoever asked waits, and may have asked otherwise since."""
        return False

    def is_named(self, known: Known) -> bool:  # noqa: ARG002 - as above
        """Everything has a key."""
        return True

    async def do_again(self, known: Known, request: str, audited: Audit) -> Answer:
        """Do what another replica had taken in. Raises Problem, and Temporary while their roles cannot be known."""
        kept = json.loads(known.body)
        asked = parse(kept["request"])
        assert not isinstance(asked, Misunderstood), "it was read before it was stored"
        await self._access.refresh(kept["owner"])
        return await self._done(kept["owner"], asked, request, audited)

    async def _done(self, owner: str, request: Request, id_: str, audited: Audit) -> Answer:
        result, line = await self._router.answer(_asker(owner, id_), request)
        audited.append(line)
        status, body = reply(result, self._sentence)
        return Answer(status=status, body=body.model_dump(mode="json"))

    async def follow(
        self, credentials: HTTPAuthorizationCredentials | None, run: str, after: int
    ) -> StreamingResponse:
        """Tell what happens in a run until it is over. Raises Problem."""
        owner = await self._access.owner(credentials)
        found, _ = await self._router.answer(_asker(owner, ""), Show(run=run_name(run)))
        if isinstance(found, Refusal):
            raise problem_of(found, self._sentence)
        assert isinstance(found, RunShown), "a run that cannot be shown is refused"
        stream = self._following.follow(found.run.id, after)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


def _asker(owner: str, request: str) -> Asker:
    return Asker(chat=API, identity=owner, email="", channel="", via=VIA, request=request)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def api_routes(api: Api) -> APIRouter:
    """Answer a route for each verb, and the events of a run."""
    router = APIRouter(prefix=PREFIX, tags=["api"])
    _add_events(router, api)
    # What ends in a word comes before what ends in a run, which may be any text.
    for each in sorted(ENDPOINTS, key=lambda one: one.path.endswith("}")):
        router.add_api_route(
            each.path.replace("{run}", "{run:path}"),
            _handler(api, each),
            methods=[each.method],
            name=each.verb.name,
            summary=each.verb.summary.split(". ")[0],
            description=f"As `{each.verb.form}` in chat. {each.verb.summary}",
            response_model=ANSWERS.get(each.verb.name, RunAnswer),
            responses=PROBLEMS,
        )
    return router


def _add_events(router: APIRouter, api: Api) -> None:
    @router.get(
        "/runs/{run:path}/events",
        name="events",
        summary="Follow a run by server-sent events",
        description="From the first event, or from the one after `Last-Event-ID`, until the run is over.",
        response_class=StreamingResponse,
        responses=PROBLEMS,
    )
    async def events(
        run: Annotated[str, Path(description=SAID["run"])],
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
        last_event_id: Annotated[int, Header(ge=0)] = 0,
    ) -> StreamingResponse:
        return await api.follow(credentials, run, last_event_id)


def _handler(api: Api, endpoint: Endpoint) -> Handler:
    """Make the handler of an endpoint, with a signature that says what it takes."""

    async def look(*, credentials: Any, given: BaseModel, **named: str) -> Response:
        answer = await api.look(credentials, _request(endpoint, given, named))
        return JSONResponse(answer.body, status_code=answer.status)

    async def do(
        *, credentials: Any, given: BaseModel, idempotency_key: str, **named: str
    ) -> Response:
        request = _request(endpoint, given, named)
        sent = json.dumps([endpoint.path, named, given.model_dump()], sort_keys=True)
        answer = await api.do(credentials, request, idempotency_key, sent)
        return JSONResponse(answer.body, status_code=answer.status, headers=answer.headers)

    handler: Any = look if endpoint.method == "GET" else do
    handler.__signature__ = inspect.Signature(_parameters(endpoint), return_annotation=Response)
    return handler  # type: ignore[no-any-return] # it is one of the two


def _parameters(endpoint: Endpoint) -> list[inspect.Parameter]:
    """Say what a handler takes: what is in the path, the token, and the rest in a body or a query."""
    model = _model(endpoint)
    needed = any(each.is_required() for each in model.model_fields.values())
    found = [
        _parameter(name, Annotated[str, Path(description=SAID[name])]) for name in endpoint.named
    ]
    token = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
    found.append(_parameter("credentials", token))
    if endpoint.method == "GET":
        return [*found, _parameter("given", Annotated[model, Query()])]
    key = Annotated[
        str,
        Header(max_length=LONGEST_KEY, description="For a day, the same key is the same request."),
    ]
    body = _parameter("given", Annotated[model, Body()])
    found.append(body if needed else body.replace(default=model()))
    return [*found, _parameter("idempotency_key", key).replace(default="")]


def _parameter(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)


def _model(endpoint: Endpoint) -> type[BaseModel]:
    """Make the shape of what is given: the fields of the verb's request that do not stand in the path."""
    made: dict[str, Any] = {each.field: _field(each) for each in endpoint.given}
    name = f"{endpoint.verb.name.capitalize()}Request"
    return create_model(name, __config__=ConfigDict(extra="forbid"), **made)


def _field(part: Argument | Option) -> tuple[Any, Any]:
    said = f"As `{part.form if isinstance(part, Option) and part.form else _shown(part)}` in chat."
    if isinstance(part, Argument) and part.required:
        return str, Field(description=said)
    match part.kind:
        case Kind.FLAG:
            return bool, Field(default=False, description=said)
        case Kind.IMAGE:
            return dict[str, str], Field(default_factory=dict, description="Images by component.")
        case Kind.NUMBER | Kind.REVISION:
            return int | None, Field(default=None, ge=1, description=said)
        case _:
            return str, Field(default="", description=said)


def _shown(part: Argument | Option) -> str:
    return f"--{part.name}" if isinstance(part, Option) else part.label.strip("[]")


def _request(endpoint: Endpoint, given: BaseModel, named: Mapping[str, str]) -> Request:
    """Make the typed request. Raises Problem (400)."""
    try:
        return request_of(endpoint, {**given.model_dump(), **named})
    except UnfitError as error:
        raise Problem(400, "invalid", f"{error} The form is: {endpoint.verb.form}") from error
