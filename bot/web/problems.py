"""What is wrong with a request, as one JSON object for all of HTTP: a code, a sentence that says what to do, facts."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

KEY: Final = "Idempotency-Key"
"""The header by which a request is known when it comes again."""


class Error(BaseModel):
    """Why something was not done."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(description="One of a closed list, for programs.")
    message: str = Field(description="A sentence for people: why not, and what to do.")
    who: list[str] = Field(default_factory=list, description="The people who could.")
    facts: dict[str, str] = Field(default_factory=dict)


class ErrorAnswer(BaseModel):
    """The body of every answer that is no success."""

    model_config = ConfigDict(extra="forbid")

    error: Error


class Problem(Exception):  # noqa: N818 - it is what the answer calls it
    """A request that is not done, with its HTTP status."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        who: tuple[str, ...] = (),
        facts: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = Error(code=code, message=message, who=list(who), facts=dict(facts or {}))
        self.headers = dict(headers or {})


def unavailable(key: str = "") -> Problem:
    """Answer what is said while something is away for a moment. `key`: what it is asked with again, so that it is done once."""
    said = "Shipmate cannot do this now: something that it needs is away. Ask again in a moment."
    headers = {"Retry-After": "5"}
    if key:
        said += f" It may have been done: ask with the {KEY} that this answer has."
        headers[KEY] = key
    return Problem(503, "unavailable", said, headers=headers)


def answer_of(problem: Problem) -> JSONResponse:
    """Answer a problem as a response."""
    body = ErrorAnswer(error=problem.error).model_dump()
    return JSONResponse(body, status_code=problem.status, headers=problem.headers)
