"""What the robots of DingTalk and Lark mean by their error codes, and what to do about it.

DingTalk's text of 310000 says which of its checks failed, in English or Chinese.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.errors import Permanent, Temporary
from bot.steps.calls import cut
from bot.steps.channels.sending import off_by
from bot.steps.contract import HttpAnswer

TOO_FAST = frozenset({130101, 410100})
BUSY = -1
CHECKS = 310000
"""DingTalk: one of the robot's security settings is against it."""

GONE = "there is no such robot (any more): copy its address from the group's settings again"
UNREADABLE = "it cannot read the message: look at what the notice says"
CONTENT = "its content is not allowed there: say it in other words"
DINGTALK: Mapping[int, str] = {
    300001: GONE,
    400101: GONE,
    400102: "the robot is switched off: switch it on in the group's settings",
    400013: "the group was dissolved: use a robot of another one",
    400105: "it knows no message of that msgtype",
    40035: UNREADABLE,
    43004: UNREADABLE,
    460101: "it is too long: make it shorter",
    430101: CONTENT,
    430102: CONTENT,
    430103: CONTENT,
    430104: CONTENT,
}

KEYWORD = "the message has none of the robot's keywords: put one into its text"
ADDRESS = "it does not take messages from this machine's address: add it to the robot's list"
UNSIGNED = "the robot asks for signatures: give its secret (`secret`)"
MISSIGNED = "the signature does not match: `secret` is not this robot's"
CLOCK = "the signature's time is not now: set the clock of the machine that Shipmate runs on"

LARK_TOO_FAST = 11232
LARK_SIGN = 19021
LARK: Mapping[int, str] = {
    19001: GONE,
    19022: ADDRESS,
    19024: KEYWORD,
    9499: UNREADABLE,
    19002: UNREADABLE,
    19036: "it is too long: make it shorter",
}


def why_refused(
    said: Mapping[str, Any], answer: HttpAnswer, now: datetime, *, signed: bool
) -> Temporary | Permanent:
    """Answer the error that DingTalk's answer stands for, with what to do about it."""
    code, text = said.get("errcode"), cut(str(said.get("errmsg", "")))
    told = f"DingTalk refused the message ({code} {text})"
    if code in TOO_FAST:
        more = "it has stopped the robot for ten minutes, for more than 20 messages in a minute"
        return Temporary(f"{told}: {more}")
    if code == BUSY:
        return Temporary(f"{told}: it is busy")
    if code == CHECKS:
        return Permanent(f"{told}: {_failed_check(text, answer, now, signed=signed)}")
    what = DINGTALK.get(code) if isinstance(code, int) else None
    return Permanent(f"{told}: {what}" if what else told)


def why_lark_refused(
    code: object, text: str, answer: HttpAnswer, now: datetime, *, signed: bool
) -> Temporary | Permanent:
    """Answer the error that Lark's answer stands for, with what to do about it."""
    told = f"Lark refused the message ({code} {cut(text)})"
    if code == LARK_TOO_FAST:
        return Temporary(f"{told}: too many messages at once")
    if code == LARK_SIGN:
        off = off_by(answer, now)
        what = f"{CLOCK}{off}" if off else MISSIGNED if signed else UNSIGNED
        return Permanent(f"{told}: {what}")
    what_ = LARK.get(code) if isinstance(code, int) else None
    return Permanent(f"{told}: {what_}" if what_ else told)


def _failed_check(text: str, answer: HttpAnswer, now: datetime, *, signed: bool) -> str:
    """Say which of the robot's checks failed."""
    low = text.lower()
    if "keyword" in low or "关键词" in text:
        return KEYWORD
    if "whitelist" in low or "白名单" in text or "ip " in low:
        return ADDRESS
    if not signed and ("sign" in low or "timestamp" in low or "签名" in text):
        return UNSIGNED
    if "timestamp" in low or "过期" in text:
        return f"{CLOCK}{off_by(answer, now)}"
    if "sign" in low or "签名" in text:
        return MISSIGNED
    return "one of the robot's security settings is against it"
