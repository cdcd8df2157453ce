"""The one HTTP app, put together of its parts, with errors as JSON that says what to do."""

import logging
import secrets
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.errors import Temporary
from bot.secrecy import Secrecy
from bot.web.bodies import LimitedBodies
from bot.web.discretion import Discreet
from bot.web.problems import Problem, answer_of, unavailable
from bot.web.tracing import Traced

log = logging.getLogger(__name__)

DESCRIPTION = """\
The requests of the chat over HTTP, by the same rules: who may do what is up to the environment, and everything is in the
audit log. See docs/api.md, docs/triggers.md and docs/observability.md.
"""


def make_app(version: str, routers: Sequence[APIRouter], secrecy: Secrecy | None = None) -> FastAPI:
    """Make the app. Nothing of it is global. `secrecy` has what it neither takes in nor answers."""
    app = FastAPI(
        title="Shipmate",
        version=version,
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(
        Discreet, secrecy=secrecy or Secrecy()
    )  # the innermost: bodies are read then
    app.add_middleware(LimitedBodies)
    app.add_middleware(Traced)
    for each in routers:
        app.include_router(each)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Temporary, _later)
    app.add_exception_handler(Exception, _broken)
    return app


async def _problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem), "it is registered for that"
    return answer_of(error)


async def _unrouted(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException), "it is registered for that"
    said = {
        404: "There is nothing here. GET /api/v1/openapi.json describes what there is.",
        405: "This address does not take that method. GET /api/v1/openapi.json describes what it takes.",
    }.get(error.status_code, str(error.detail))
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    return answer_of(Problem(error.status_code, code, said, headers=error.headers))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError), "it is registered for that"
    return answer_of(Problem(400, "invalid", "; ".join(_said(each) for each in error.errors())))


def _said(fault: dict[str, Any]) -> str:
    """Say where something is wrong and what, without what was sent: it may be a secret."""
    place = ".".join(str(each) for each in fault["loc"] if each != "body")
    return f"{place}: {fault['msg']}" if place else str(fault["msg"])


async def _later(_: Request, error: Exception) -> JSONResponse:
    log.warning("a request could not be answered now: %s", error)
    return answer_of(unavailable())


async def _broken(_: Request, error: Exception) -> JSONResponse:
    """Say that something broke, with a reference that the log has, too: the named boundary of HTTP.

    Starlette raises the error again when it is answered, and the server logs where it comes from.
    """
    reference = secrets.token_hex(4)
    log.error("a request broke, reference %s: %s", reference, type(error).__name__)
    said = f"Something broke in Shipmate. Its log says what, under the reference {reference}."
    return answer_of(Problem(500, "broken", said))
