"""What stands before the API server: who is let in, and what the outside world does to a request on its way.

The faults of the connection are looked at here: `down`, `slow`, `throttled`, `expired-credentials`. A token that
expired is good again when the fault is cleared, unless a client has come with the new one, which ends the fault.
"""

import asyncio
import hmac

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.faults import Faults
from bot.sandbox.kubernetes.errors import StatusError

SLOW = 5.0
RETRY_AFTER = 1


class Gate:
    """The way into one cluster."""

    def __init__(self, name: str, faults: Faults) -> None:
        self._name = name
        self._target = f"cluster/{name}"
        self._faults = faults
        self._renewals = 0

    @property
    def token(self) -> str:
        """The bearer token that is good now, or that makes an expired one good again: `sandbox-east-2`."""
        expired = self._faults.standing(self._target, "expired-credentials") is not None
        return self._numbered(self._renewals + (1 if expired else 0))

    async def passed(self, request: Request) -> Response | None:
        """Let a request through, after a while perhaps; answer what is said in place of the server."""
        if self._faults.standing(self._target, "down"):
            return PlainTextResponse("the server is down", status_code=503)
        slow = self._faults.take(self._target, "slow")
        if slow is not None:
            await asyncio.sleep(float(slow.details.get("seconds", SLOW)))
        throttled = self._faults.take(self._target, "throttled", method=request.method)
        if throttled is not None:
            seconds = str(throttled.details.get("retry_after", RETRY_AFTER))
            said = "Too many requests, please try again later.\n"
            return PlainTextResponse(said, status_code=429, headers={"Retry-After": seconds})
        try:
            self._authenticate(request)
        except StatusError as error:
            return JSONResponse(error.body, status_code=error.code)
        return None

    def _authenticate(self, request: Request) -> None:
        # kubectl sends no credentials over plain HTTP (client-go reads them for TLS only), so none are needed on
        # this loopback port, unless they are said to have expired; wrong ones are refused, which is what a client
        # with an old token meets.
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        expired = self._faults.standing(self._target, "expired-credentials")
        if (given or expired) and not hmac.compare_digest(given.encode(), self.token.encode()):
            raise StatusError(401, "Unauthorized")
        if expired is not None:
            self._renewals += 1
            self._faults.drop(expired)

    def _numbered(self, renewals: int) -> str:
        return f"sandbox-{self._name}" + (f"-{renewals + 1}" if renewals else "")
