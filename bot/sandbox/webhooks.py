"""The webhook receiver: whatever is sent below /webhooks, done once for each `Idempotency-Key`.

It behaves as a careful receiver does: a key that it has taken is answered as before and only counted. A call
that it refused (a fault) is not taken, so that the next try is.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.faults import Faults
from bot.sandbox.shelf import Shelf

Json = dict[str, Any]
SHELF = "webhooks"
HIDDEN = frozenset({"authorization", "cookie"})


class WebhookReceiver:
    """What came in, oldest first."""

    def __init__(self, shelf: Shelf, faults: Faults, changed: Callable[[], None]) -> None:
        self._shelf = shelf
        self._faults = faults
        self._changed = changed
        self.received: list[Json] = [document for _, document in shelf.items(SHELF)]

    def routes(self) -> list[Route]:
        """Answer the routes, to be mounted at /webhooks."""
        return [Route("/{path:path}", self._receive, methods=["POST", "PUT", "PATCH", "GET"])]

    async def _receive(self, request: Request) -> Response:
        path = f"/webhooks/{request.path_params['path']}"
        slow = self._faults.take("webhooks", "slow")
        if slow is not None:
            await asyncio.sleep(float(slow.details.get("seconds", 1)))
        fault = self._faults.take("webhooks", "error", path=path)
        if fault is not None:
            return JSONResponse(
                {"error": "told to fail"}, status_code=int(fault.details.get("status", 500))
            )
        raw = await request.body()  # nothing is awaited between the look for a key and its record
        key = request.headers.get("idempotency-key", "")
        known = next(
            (each for each in self.received if key and (each["path"], each["key"]) == (path, key)),
            None,
        )
        if known is None:
            try:
                body: Any = json.loads(raw)
            except ValueError:
                body = raw.decode(errors="replace")
            headers = {
                name: "•••" if name in HIDDEN else value for name, value in request.headers.items()
            }
            known = self._keep(request.method, headers, path, key, body)
        else:
            known["deliveries"] += 1
        self._shelf.put(SHELF, known["id"], known)
        self._changed()
        return JSONResponse({"ok": True, "id": known["id"]})

    def record(self, path: str, body: Any) -> None:
        """List what another receiver took by POST."""
        made = self._keep("POST", {}, path, "", body)
        self._shelf.put(SHELF, made["id"], made)
        self._changed()

    def _keep(self, method: str, headers: dict[str, str], path: str, key: str, body: Any) -> Json:
        made: Json = {
            "id": f"{len(self.received) + 1:06d}",
            "path": path,
            "method": method,
            "headers": headers,
            "body": body,
            "key": key,
            "received_at": time.time(),
            "deliveries": 1,
        }
        self.received.append(made)
        return made
