"""Whether this process is alive, and whether everything that it works with can be reached."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse

from bot.errors import ShipmateError

LONGEST = 3.0
"""Seconds that a look may take: what does not answer by then is not there."""
FRESH = 2.0
"""Seconds for which a look is good: whoever asks more often makes no more work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to be reached: `database`, `slack`, `cluster/east`. `look` answers why not, or nothing."""

    name: str
    look: Callable[[], Awaitable[str]]


class Finding(BaseModel):
    """What a look found."""

    model_config = ConfigDict(extra="forbid")

    name: str
    ok: bool
    why: str = ""


class Findings(BaseModel):
    """What all looks found; ready when each of them did well."""

    model_config = ConfigDict(extra="forbid")

    ready: bool
    checks: list[Finding]


class Alive(BaseModel):
    """That the process answers, and which version it is."""

    status: str
    version: str


class Readiness:
    """Looks at everything at once. Many who ask at the same time share a look."""

    def __init__(self, checks: Callable[[], Iterable[Check]]) -> None:
        """`checks` answers what there is to be looked at now: clusters come and go with the files."""
        self._checks = checks
        self._alone = asyncio.Lock()
        self._seen: list[Finding] = []
        self._at = float("-inf")

    async def look(self) -> list[Finding]:
        """Answer what a look finds, or what one a moment ago has found."""
        async with self._alone:
            now = asyncio.get_running_loop().time()
            if now - self._at > FRESH:
                self._seen = list(await asyncio.gather(*map(_look, self._checks())))
                self._at = asyncio.get_running_loop().time()
            return self._seen


async def _look(check: Check) -> Finding:
    try:
        async with asyncio.timeout(LONGEST):
            why = await check.look()
    except TimeoutError:
        why = f"it did not answer within {LONGEST:g} seconds"
    except ShipmateError as error:
        why = str(error)
    return Finding(name=check.name, ok=not why, why=why)


def _is_left_out(name: str, excluded: Sequence[str]) -> bool:
    """Say whether a check is not asked for: by its own name, or as one of a group of them (`cluster`)."""
    return name in excluded or name.partition("/")[0] in excluded


def health(version: str, readiness: Readiness) -> APIRouter:
    """Answer the routes by which an orchestrator looks after the process."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Whether the process is alive")
    async def healthz() -> Alive:
        return Alive(status="ok", version=version)

    @router.get(
        "/readyz",
        summary="Whether the database, the chats and the clusters can be reached",
        response_model=Findings,
        responses={503: {"model": Findings, "description": "Something cannot be reached"}},
    )
    async def readyz(exclude: Annotated[list[str], Query()] = []) -> JSONResponse:  # noqa: B006 - it is only read
        found = [each for each in await readiness.look() if not _is_left_out(each.name, exclude)]
        ready = all(each.ok for each in found)
        answer = Findings(ready=ready, checks=found)
        return JSONResponse(answer.model_dump(), status_code=200 if ready else 503)

    return router
