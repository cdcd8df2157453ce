"""Notices by a custom bot in a Lark (Feishu) group: KubeVela's `lark`, and signatures besides.

KubeVela's file has the content as a text of JSON. A card is sent as `card`, anything else as `content`. An answer of 200
with a `code` other than 0 is a refusal.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field
from typing_extensions import override

from bot.errors import Permanent
from bot.steps.channels.robot_errors import why_lark_refused
from bot.steps.channels.sending import LARGEST, ChannelNotice, Sending, expect_json, is_known
from bot.steps.concealed import Hidden, cleaned
from bot.steps.contract import NotSupported, PropertyError
from bot.steps.endpoints import Endpoint
from bot.steps.parameters import Parameters, is_expression

WHO = "Lark"
HOOK = "/bot/"
BY_CUSTOM_BOTS = ("text", "post", "image", "share_chat", "interactive")
"""The types of messages that a custom bot may send; the others take an app."""


class LarkMessage(Parameters):
    """What is said, as KubeVela's files have it."""

    msg_type: Literal[
        "text",
        "post",
        "image",
        "interactive",
        "share_chat",
        "share_user",
        "audio",
        "media",
        "file",
        "sticker",
    ] = Field(alias="msg_type")
    content: str = Field(min_length=2)

    def check(self) -> None:
        """Raise PropertyError for what a custom bot does not take."""
        if self.msg_type not in BY_CUSTOM_BOTS:
            said = f"a custom bot sends {', '.join(BY_CUSTOM_BOTS)}, not {self.msg_type}"
            raise NotSupported(("msg_type",), said)
        if not is_expression(self.content):
            self.parsed()

    def parsed(self) -> dict[str, Any]:
        """Answer the content. Raises PropertyError when it is no JSON."""
        try:
            found = json.loads(self.content)
        except ValueError as error:
            raise PropertyError(("content",), f"expected a text of JSON: {error}") from error
        if not isinstance(found, dict):
            raise PropertyError(("content",), "expected a map, written as JSON")
        return found


class LarkNotice(ChannelNotice):
    """A notice in a group of Lark. `secret` is of bots that ask for signatures."""

    url: Endpoint
    message: LarkMessage
    secret: Hidden | None = None

    @override
    def called(self) -> str:
        """Answer whom it is for. The robot's address is a secret."""
        return WHO

    @override
    def check(self) -> None:
        """Raise PropertyError for what cannot be meant."""
        self.url.check("url")
        if is_known(self.url) and not is_hook(self.url.value or ""):
            said = "expected the address of a custom bot: https://…/open-apis/bot/v2/hook/…"
            raise PropertyError(("url", "value"), said)
        try:
            self.message.check()
        except PropertyError as error:
            raise type(error)(("message", *error.path), str(error)) from error

    @override
    async def send(self, sending: Sending, keys: Sequence[str]) -> None:
        """Send it. Raises Temporary or Permanent when the bot does not take it."""
        granted = sending.context.granted
        assert granted.http is not None
        url = await sending.vault.address(self.url)
        secret = await sending.vault.text(self.secret) if self.secret is not None else ""
        body = {**self._signature(secret, sending), **self._body()}
        answer = await granted.http.send("POST", url, body, {})
        said = expect_json(answer, WHO, sending)
        code = said.get("code", said.get("StatusCode"))
        if code == 0:
            return
        text = str(said.get("msg") or said.get("StatusMessage") or "")
        error = why_lark_refused(code, text, answer, sending.now, signed=bool(secret))
        raise type(error)(cleaned(str(error), url, secret))

    def _body(self) -> dict[str, Any]:
        part = "card" if self.message.msg_type == "interactive" else "content"
        body = {"msg_type": self.message.msg_type, part: self.message.parsed()}
        size = len(json.dumps(body, ensure_ascii=False).encode())
        if size > LARGEST:
            raise Permanent(f"the message has {size} bytes; Lark takes {LARGEST}: make it shorter")
        return body

    def _signature(self, secret: str, sending: Sending) -> dict[str, str]:
        """Answer the fields that sign this moment: the key is what is signed elsewhere, and nothing is signed."""
        if not secret:
            return {}
        stamp = str(int(sending.now.timestamp()))
        digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
        return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def is_hook(address: str) -> bool:
    """Say whether an address looks like that of a custom bot."""
    return HOOK in address
