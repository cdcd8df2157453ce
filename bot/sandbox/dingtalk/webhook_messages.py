"""Reads what is sent to a robot's webhook or to a sessionWebhook: msgtypes, what each needs, whom it mentions. Pure."""

import json
from typing import Any

from bot.sandbox.dingtalk import organization
from bot.sandbox.dingtalk.errors import Errcode

Json = dict[str, Any]

LONGEST = 20_000
"""Bytes of a whole message."""
FIELDS: dict[str, tuple[str, ...]] = {
    "text": ("content",),
    "link": ("title", "text", "messageUrl"),
    "markdown": ("title", "text"),
    "actionCard": ("title", "text"),
    "feedCard": ("links",),
}


def read_message(raw: bytes, content_type: str) -> tuple[str, Json, list[str]]:
    """Answer a message's msgtype, its content and the names of those that it mentions. Raises Errcode."""
    if "json" not in content_type:
        raise Errcode(43004, "无效的HTTP HEADER Content-Type")
    if len(raw) > LONGEST:
        raise Errcode(460101, f"message too long, exceed {LONGEST} bytes")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Errcode(40035, "缺少参数 json") from error
    if not isinstance(body, dict):
        raise Errcode(40035, "缺少参数 json")
    kind = body.get("msgtype")
    if kind not in FIELDS:
        raise Errcode(400105, f"unsupported msgtype {kind!r}")
    content = body.get(kind)
    _check(kind, content)
    assert isinstance(content, dict)
    return kind, content, mentioned(body.get("at") or {})


def mentioned(at: Any) -> list[str]:
    """Answer the names of those that an `at` mentions."""
    if not isinstance(at, dict):
        raise Errcode(40035, "at is an object")
    found = ["所有人"] if at.get("isAtAll") in {True, "true"} else []
    for each in organization.MEMBERS:
        named = each.staff_id in (at.get("atUserIds") or []) or (
            each.mobile in (at.get("atMobiles") or [])
        )
        if each.staff_id and named:
            found.append(each.nick)
    return found


def plain_words(content: Json) -> str:
    """Answer all the text in a message: a keyword may stand in any of it."""
    return json.dumps(content, ensure_ascii=False)


def _check(kind: str, content: Any) -> None:
    missing = [
        each for each in FIELDS[kind] if not isinstance(content, dict) or not content.get(each)
    ]
    if missing:
        raise Errcode(40035, f"param {kind}.{missing[0]} is required")
    if kind == "actionCard" and not content.get("singleTitle"):
        _check_each(content.get("btns"), "actionCard.btns", ("title", "actionURL"))
    if kind == "actionCard" and content.get("singleTitle") and not content.get("singleURL"):
        raise Errcode(40035, "param actionCard.singleURL is required")
    if kind == "feedCard":
        _check_each(content["links"], "feedCard.links", ("title", "messageURL"))


def _check_each(found: Any, where: str, fields: tuple[str, ...]) -> None:
    if not isinstance(found, list) or not found:
        raise Errcode(40035, f"param {where} is required")
    for number, each in enumerate(found):
        for field in fields:
            if not isinstance(each, dict) or not each.get(field):
                raise Errcode(40035, f"param {where}[{number}].{field} is required")
