"""Lark's (Feishu's) custom bots: two webhooks of a group, one of them signed. What came is listed with the other webhooks.

Source: open.feishu.cn, custom bot guide. A refusal has HTTP status 200 and a code; the signature is in the body.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.faults import Faults
from bot.sandbox.webhooks import WebhookReceiver

Json = dict[str, Any]

SKEW = 3600.0
"""Seconds that a signature's timestamp may be off."""
LONGEST = 20 * 1024
"""Bytes of a whole message."""
PER_MINUTE = 100
KINDS = {"text": "text", "post": "post", "image": "image_key", "share_chat": "share_chat_id"}
"""What the content of each msg_type has; an interactive one has a card instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LarkBot:
    """A custom bot, with its security setting."""

    token: str
    secret: str = ""


BOTS = (
    LarkBot(token="sandbox-lark"),  # noqa: S106 - opens nothing but the sandbox on this machine
    LarkBot(token="sandbox-signed-lark", secret="sandbox-lark-secret"),  # noqa: S106 - as above
)


class Refusal(Exception):  # noqa: N818 - it is an answer
    """A bot refuses a message with a code of the platform's."""

    def __init__(self, code: int, msg: str) -> None:
        super().__init__(msg)
        self.body: Json = {"code": code, "msg": msg, "data": {}}


def sign(timestamp: str, secret: str) -> str:
    """Answer the signature of a timestamp: the key is made of both, and signs nothing."""
    key = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


class Lark:
    """The webhooks of the bots."""

    def __init__(
        self,
        webhooks: WebhookReceiver,
        faults: Faults,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._webhooks = webhooks
        self._faults = faults
        self._clock = clock
        self._sent: dict[str, list[float]] = {}

    def routes(self) -> list[Route]:
        """Answer the routes, to be mounted at /lark."""
        return [Route("/open-apis/bot/v2/hook/{token}", self._receive, methods=["POST"])]

    def take(self, token: str, raw: bytes) -> Json:
        """Check a message for a bot and answer it, read. Raises Refusal."""
        bot = next((each for each in BOTS if each.token == token), None)
        if bot is None:
            raise Refusal(19001, "param invalid: incoming webhook access token invalid")
        fault = self._faults.take("lark", "error")
        if fault is not None:
            raise Refusal(int(fault.details.get("code", 11232)), "told to fail")
        if len(raw) > LONGEST:
            raise Refusal(19036, "message is too long")
        try:
            body = json.loads(raw)
        except ValueError as error:
            raise Refusal(9499, "Bad Request") from error
        if not isinstance(body, dict):
            raise Refusal(9499, "Bad Request")
        self._check_signature(bot, body)
        self._count(token)
        return {**body, "content": _content(body)} if "content" in body else _with_card(body)

    async def _receive(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            body = self.take(token, await request.body())
        except Refusal as refusal:
            return JSONResponse(refusal.body)
        kept = {key: value for key, value in body.items() if key != "sign"}
        self._webhooks.record(f"/lark/{token}", kept)
        return JSONResponse(
            {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
        )

    def _check_signature(self, bot: LarkBot, body: Json) -> None:
        if not bot.secret:
            return
        stamp = str(body.get("timestamp", ""))
        late = not stamp.isdigit() or abs(self._clock() - int(stamp)) > SKEW
        given = str(body.get("sign", "")).encode()
        if late or not hmac.compare_digest(given, sign(stamp, bot.secret).encode()):
            raise Refusal(
                19021, "sign match fail or timestamp is not within one hour from current time"
            )

    def _count(self, token: str) -> None:
        now = self._clock()
        sent = [each for each in self._sent.get(token, []) if now - each < 60]
        if len(sent) >= PER_MINUTE:
            raise Refusal(11232, "frequency limited")
        self._sent[token] = [*sent, now]


def _content(body: Json) -> Json:
    """Read the content of a message, an object or a text of JSON. Raises Refusal."""
    content, kind = body["content"], body.get("msg_type")
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except ValueError as error:
            raise Refusal(9499, "Bad Request") from error
    field = KINDS.get(str(kind))
    if field is None or not isinstance(content, dict) or not content.get(field):
        raise Refusal(19002, f"params error, msg_type {kind} needs content.{field}")
    return content


def _with_card(body: Json) -> Json:
    if body.get("msg_type") != "interactive" or not body.get("card"):
        raise Refusal(19002, "params error, msg_type need")
    return body
