"""Asks a Shipmate over its API: patiently, and nothing twice."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Final

import httpx

from bot.command.requests import Request
from bot.errors import Permanent, Temporary
from bot.web.endpoints import PREFIX, call_of

TRIES: Final = 4
PAUSE: Final = 1.0
"""Seconds before it asks again; each time twice as long."""
CALL: Final = httpx.Timeout(60.0, connect=10.0)
STREAM: Final = httpx.Timeout(30.0, connect=10.0)
"""A stream says every ten seconds that it is there."""
AWAY: Final = frozenset({502, 503, 504})

Json = dict[str, Any]


class Refused(Permanent):
    """Shipmate does not do it: `status` is the HTTP status, `error` its body."""

    def __init__(self, status: int, error: Json) -> None:
        super().__init__(str(error.get("message", f"HTTP {status}")), code=str(error.get("code")))
        self.status = status
        self.error = error


class Client:
    """One Shipmate. Raises Temporary when it cannot be reached, and Refused."""

    def __init__(self, server: str, token: str, agent: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "User-Agent": agent}
        self._http = httpx.Client(base_url=server.rstrip("/"), headers=headers, timeout=CALL)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, request: Request) -> Json:
        """Ask; of what is done, each try has the same key, so that it is done once."""
        endpoint, path, values = call_of(request)
        if endpoint.method == "GET":
            return self._patiently("GET", path, params=values)
        key = {"Idempotency-Key": uuid.uuid4().hex}
        return self._patiently("POST", path, json=values, headers=key)

    def run(self, run_id: str) -> Json:
        """Answer a run as it is."""
        found: Json = self._patiently("GET", f"{PREFIX}/runs/{run_id}")["run"]
        return found

    def events(self, run_id: str, until: float | None = None) -> Iterator[Json]:
        """Yield what happens in a run until it is over, however often the connection breaks.

        `until` is a reading of the monotonic clock: it ends then, too.
        """
        after, failures, ended = 0, 0, False
        while True:
            try:
                for number, event in self._stream(run_id, after):
                    if event is not None:
                        after, failures = number, 0
                        yield event
                    if until is not None and time.monotonic() >= until:
                        return
            except Temporary:
                failures += 1
                if failures >= TRIES:
                    raise
            late = until is not None and time.monotonic() >= until
            if late or ended:
                return
            ended = self.run(run_id)["ended"]  # what happened until then is still to be read
            if not ended:
                time.sleep(PAUSE)

    def _stream(self, run_id: str, after: int) -> Iterator[tuple[int, Json | None]]:
        """Yield events with their numbers, and None with every sign of life."""
        headers = {"Last-Event-ID": str(after)}
        path = f"{PREFIX}/runs/{run_id}/events"
        try:
            with self._http.stream("GET", path, headers=headers, timeout=STREAM) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    raise _problem(answer)
                number = after
                for line in answer.iter_lines():
                    name, _, value = line.partition(": ")
                    if name == "id":
                        number = int(value)
                    elif name == "data":
                        yield number, json.loads(value)
                    elif not name:
                        yield number, None
        except httpx.HTTPError as error:
            raise _unreachable(self._http, error) from error

    def _patiently(self, method: str, path: str, **more: Any) -> Json:
        pause = PAUSE
        for left in reversed(range(TRIES)):
            try:
                return self._once(method, path, **more)
            except Temporary:
                if not left:
                    raise
                time.sleep(pause)
                pause *= 2
        raise AssertionError("the last try answers or raises")

    def _once(self, method: str, path: str, **more: Any) -> Json:
        try:
            answer = self._http.request(method, path, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(self._http, error) from error
        if answer.status_code >= 400:
            raise _problem(answer)
        try:
            found: Json = answer.json()
        except ValueError as error:
            raise Permanent(f"{self._http.base_url} does not answer as Shipmate does") from error
        return found


def _problem(answer: httpx.Response) -> Temporary | Refused:
    """Say what an answer means that is no success."""
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        error = {"code": f"http_{answer.status_code}", "message": f"HTTP {answer.status_code}"}
    if answer.status_code in AWAY or error["code"] == "under_way":
        return Temporary(str(error["message"]))
    return Refused(answer.status_code, error)


def _unreachable(http: httpx.Client, error: Exception) -> Temporary:
    said = str(error) or type(error).__name__
    return Temporary(f"{http.base_url} cannot be reached: {said}")
