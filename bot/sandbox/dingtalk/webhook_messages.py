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
    "feedCard": (),
}
"""The msgtypes that there are, each with the texts that it needs."""


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
    if not isinstance(kind, str) or kind not in FIELDS:
        raise Errcode(400105, f"unsupported msgtype {kind!r}")
    content = body.get(kind)
    _check(kind, content)
    assert isinstance(content, dict)
    return kind, content, mentioned(body.get("at") or {})


def mentioned(at: Any) -> list[str]:
    """Answer the names of those that an `at` mentions."""
    if not isinstance(at, dict):
        raise Errcode(40035, "at is an object")
    found = ["所有人"] if at.get("isAtAll") in (True, "true") else []
    users, mobiles = at.get("atUserIds") or [], at.get("atMobiles") or []
    if not isinstance(users, list) or not isinstance(mobiles, list):
        raise Errcode(40035, "atUserIds and atMobiles are lists")
    for each in organization.MEMBERS:
        named = each.staff_id in users or each.mobile in mobiles
        if each.staff_id and named:
            found.append(each.nick)
    return found


def plain_words(content: Json) -> str:
    """Answer all the text in a message: a keyword may stand in any of it."""
    return json.dumps(content, ensure_ascii=False)


def _check(kind: str, content: Any) -> None:
    if not isinstance(content, dict):
        raise Errcode(40035, f"param {kind} is required")
    for field in FIELDS[kind]:
        _check_text(content, field, kind)
    if kind == "link" and content.get("picUrl"):
        _check_text(content, "picUrl", kind)
    if kind == "actionCard" and content.get("singleTitle"):
        _check_text(content, "singleTitle", kind)
        _check_text(content, "singleURL", kind)
    elif kind == "actionCard":
        _check_each(content, "btns", kind, ("title", "actionURL"))
    if kind == "feedCard":
        _check_each(content, "links", kind, ("title", "messageURL"))


def _check_each(content: Json, field: str, kind: str, fields: tuple[str, ...]) -> None:
    found = content.get(field)
    if not isinstance(found, list) or not found:
        raise Errcode(40035, f"param {kind}.{field} is required")
    for number, each in enumerate(found):
        where = f"{kind}.{field}[{number}]"
        if not isinstance(each, dict):
            raise Errcode(40035, f"param {where} is required")
        for name in fields:
            _check_text(each, name, where)


def _check_text(content: Json, field: str, where: str) -> None:
    if not isinstance(content.get(field), str) or not content[field]:
        raise Errcode(40035, f"param {where}.{field} is required")
