"""Robots that take messages by a webhook: those of a group, with their security setting, and the app's own answer in a session.

A refusal has HTTP status 200 and an errcode. Faults: `errcode`.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping

from bot.sandbox.dingtalk import organization
from bot.sandbox.dingtalk.conversations import Conversations
from bot.sandbox.dingtalk.errors import Errcode
from bot.sandbox.dingtalk.limits import Limits
from bot.sandbox.dingtalk.organization import CustomRobot
from bot.sandbox.dingtalk.webhook_messages import plain_words, read_message
from bot.sandbox.faults import Faults

SKEW = 3600.0
"""Seconds that a signature's timestamp may be off."""
ERRMSGS = {
    130101: "send too fast, exceed 20 times per minute",
    310000: "sign not match",
    300001: "token is not exist",
    400102: "robot is stopped",
}


def sign(timestamp: str, secret: str) -> str:
    """Answer the signature of a timestamp, in base64 and not yet encoded for a URL."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class Robots:
    """The webhooks of the organization."""

    def __init__(
        self,
        conversations: Conversations,
        limits: Limits,
        faults: Faults,
        clock: Callable[[], float],
    ) -> None:
        self._conversations = conversations
        self._limits = limits
        self._faults = faults
        self._clock = clock

    def send(self, query: Mapping[str, str], raw: bytes, content_type: str) -> None:
        """Take a message for a custom robot. Raises Errcode."""
        token = query.get("access_token", "")
        robot = next((each for each in organization.CUSTOM_ROBOTS if each.token == token), None)
        if robot is None:
            raise Errcode(300001, ERRMSGS[300001])
        fault = self._faults.take("dingtalk", "errcode", robot=robot.name)
        if fault is not None:
            code = int(fault.details.get("errcode", 130101))
            raise Errcode(code, str(fault.details.get("errmsg", ERRMSGS.get(code, "told to fail"))))
        self._limits.robot(token)
        kind, content, at = read_message(raw, content_type)
        self._check_security(robot, query, plain_words(content))
        self._conversations.add(robot.group, robot.name, kind, content, at=at)

    def answer(self, session: str, raw: bytes, content_type: str) -> None:
        """Take the app's answer in a session. Raises Errcode."""
        conversation = self._conversations.session(session)
        if conversation is None:
            raise Errcode(300001, "session is expired or does not exist")
        kind, content, at = read_message(raw, content_type)
        self._conversations.add(conversation, organization.ROBOT_NAME, kind, content, at=at)

    def _check_security(self, robot: CustomRobot, query: Mapping[str, str], words: str) -> None:
        if robot.keywords and not any(each in words for each in robot.keywords):
            raise Errcode(310000, "keywords not in content")
        if not robot.secret:
            return
        timestamp = query.get("timestamp", "")
        if not timestamp.isdigit() or abs(self._clock() - int(timestamp) / 1000) > SKEW:
            raise Errcode(310000, "invalid timestamp")
        if not hmac.compare_digest(
            query.get("sign", "").encode(), sign(timestamp, robot.secret).encode()
        ):
            raise Errcode(310000, "sign not match")
