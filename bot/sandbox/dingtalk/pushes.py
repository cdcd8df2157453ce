"""How the platform tells the app what has happened: over a Stream connection, or by HTTP once it has a URL for that.

Robot messages and card callbacks are told once. An event that is not taken is told again. Fault: `duplicate`.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.sandbox.dingtalk import organization
from bot.sandbox.faults import Faults

Json = dict[str, Any]

PATIENCE = 2.0
"""Seconds for an acknowledgement; after that, the client shows that a click has failed."""
RETRIES = (0.2, 1.0, 5.0)
"""Seconds before an event that was not taken is pushed again (ours; the platform does not say)."""
MESSAGE = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One thing to be told. `type` is `CALLBACK` or `EVENT`; `headers` are those that an event has beside the usual ones."""

    id: str
    type: str
    topic: str
    data: Json
    headers: Json

    def frame(self, connection: str) -> Json:
        """Answer the frame in which this goes over a connection."""
        return {
            "specVersion": "1.0",
            "type": self.type,
            "headers": {
                "appId": "sandbox-app",
                "connectionId": connection,
                "contentType": "application/json",
                "messageId": self.id,
                "time": str(int(time.time() * 1000)),
                "topic": self.topic,
                **self.headers,
            },
            "data": json.dumps(self.data, ensure_ascii=False),
        }


@dataclass(frozen=True, slots=True)
class Failure:
    """Nobody has taken a push."""

    reason: str


class Way(Protocol):
    """One way to the app."""

    def takes(self, push: Push) -> bool:
        """Say whether a push goes this way."""
        ...

    async def send(self, push: Push) -> Json | Failure:
        """Push; answer what the acknowledgement carries."""
        ...


class Pushes:
    """All ways to the app, of which the first that takes a push gets it."""

    def __init__(self, ways: Sequence[Way], faults: Faults) -> None:
        self._ways = ways
        self._faults = faults

    async def call(self, topic: str, data: Json) -> Json | Failure:
        """Push a callback, once; answer what the acknowledgement carries."""
        push = Push(id=new_id(), type="CALLBACK", topic=topic, data=data, headers={})
        return await self._once(push)

    async def tell(self, event_type: str, data: Json) -> Json | Failure:
        """Push an event until it is taken or was pushed often enough."""
        headers = {
            "eventId": secrets.token_hex(16),
            "eventBornTime": str(int(time.time() * 1000)),
            "eventCorpId": organization.CORP,
            "eventType": event_type,
            "eventUnifiedAppId": "sandbox-app",
        }
        push = Push(id=new_id(), type="EVENT", topic="*", data=data, headers=headers)
        answer = await self._once(push)
        for pause in RETRIES:
            if not isinstance(answer, Failure) and answer.get("status") == "SUCCESS":
                break
            await asyncio.sleep(pause)
            answer = await self._send(replace(push, id=new_id()))
        return answer

    async def _once(self, push: Push) -> Json | Failure:
        twice = self._faults.take("dingtalk", "duplicate")
        answer = await self._send(push)
        if twice is not None:
            fresh = bool(twice.details.get("fresh"))
            await self._send(replace(push, id=new_id()) if fresh else push)
        return answer

    async def _send(self, push: Push) -> Json | Failure:
        way = next((each for each in self._ways if each.takes(push)), None)
        return Failure("nobody is connected") if way is None else await way.send(push)


def new_id() -> str:
    """Answer the id of a push."""
    return f"{secrets.token_hex(4)}_{secrets.token_hex(2)}_{int(time.time() * 1000):x}"
