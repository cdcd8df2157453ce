"""What DingTalk tells an app, and how it is acknowledged: the frames of Stream mode. Pure.

Source: open-dingtalk/developerpedia, the protocol of Stream mode.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from bot.chat.ports import sound

Json = dict[str, Any]

MESSAGE: Final = "/v1.0/im/bot/messages/get"
"""Someone spoke to the robot."""
CARD: Final = "/v1.0/card/instances/callback"
"""Someone pressed a button of a card."""
SUBSCRIPTIONS: Final[tuple[Json, ...]] = tuple(
    {"type": "CALLBACK", "topic": topic} for topic in (MESSAGE, CARD)
)
OK: Final = 200
UNKNOWN: Final = 404
FAILED: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One thing that we are told. `id` is that of its delivery: a repeated one has the same, or another one."""

    type: str
    topic: str
    id: str
    data: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a push is acknowledged."""

    code: int = OK
    data: Json = field(default_factory=lambda: {"response": None})


def read(text: str) -> Push | None:
    """Read a frame; None: it is none."""
    try:
        frame = json.loads(text)
        headers = frame["headers"]
        data = json.loads(frame.get("data") or "{}")
        return Push(
            type=sound(frame["type"]),
            topic=sound(headers["topic"]),
            id=sound(headers["messageId"]),
            data=data if isinstance(data, dict) else {},
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def write(push: Push, answer: Answer) -> str:
    """Write the acknowledgement of a push."""
    return json.dumps(
        {
            "code": answer.code,
            "headers": {"messageId": push.id, "contentType": "application/json"},
            "message": "OK" if answer.code == OK else "not taken",
            "data": json.dumps(answer.data),
        },
    )
