"""The OpenAPI's methods of robots: messages to groups and people, and taking them back.

Source: the requests and answers of Alibaba's SDK (`robot_1_0`); codes from help.dingtalk.io, development.
"""

import json
from collections.abc import Callable
from typing import Any

from bot.sandbox.dingtalk import organization
from bot.sandbox.dingtalk.conversations import Conversations
from bot.sandbox.dingtalk.errors import DingTalkRefusal

Json = dict[str, Any]

LONGEST = 15_000
"""Bytes of msgParam."""
MOST_PEOPLE = 20
MOST_KEYS = 20

FIELDS: dict[str, tuple[str, ...]] = {
    "sampleText": ("content",),
    "sampleMarkdown": ("title", "text"),
    "sampleImageMsg": ("photoURL",),
    "sampleLink": ("text", "title", "picUrl", "messageUrl"),
    "sampleActionCard": ("title", "text", "singleTitle", "singleURL"),
    **{
        f"sampleActionCard{count}": (
            "title",
            "text",
            *(
                f"action{part}{number}"
                for number in range(1, count + 1)
                for part in ("Title", "URL")
            ),
        )
        for count in range(2, 6)
    },
    "sampleActionCard6": (
        "title",
        "text",
        "buttonTitle1",
        "buttonUrl1",
        "buttonTitle2",
        "buttonUrl2",
    ),
}
"""The msgKeys that there are, each with the fields that it needs."""


def send_to_group(conversations: Conversations, given: Json) -> Json:
    """Answer `groupMessages/send`."""
    _check_robot(given)
    kind, content = _message(given)
    where = given.get("openConversationId")
    if not where:
        raise DingTalkRefusal("miss.openConversationId")
    group = next((each for each in organization.GROUPS if each.id == where), None)
    if group is None:
        raise DingTalkRefusal("invalid.openConversationId", "the robot is in no such group")
    key = conversations.new_id("query")
    conversations.add(group.id, organization.ROBOT_NAME, kind, content, key=key)
    return {"processQueryKey": key}


def send_to_people(conversations: Conversations, given: Json) -> Json:
    """Answer `oToMessages/batchSend`: some may get it and others not."""
    _check_robot(given)
    people = given.get("userIds")
    if not isinstance(people, list) or not people:
        raise DingTalkRefusal("invalidParameter.userIds.empty")
    if len(people) > MOST_PEOPLE:
        raise DingTalkRefusal("invalidParameter.userIds.overMax")
    kind, content = _message(given)
    key = conversations.new_id("query")
    unknown = []
    for each in people:
        member = organization.staff(str(each))
        if member is None:
            unknown.append(str(each))
            continue
        conversations.add(member.direct, organization.ROBOT_NAME, kind, content, key=key)
    return {
        "processQueryKey": key,
        "invalidStaffIdList": unknown,
        "flowControlledStaffIdList": [],
        "filteredStaffIdList": [],
    }


def recall_from_group(conversations: Conversations, given: Json) -> Json:
    """Answer `groupMessages/recall`."""
    _check_robot(given)
    where = given.get("openConversationId")
    if not where:
        raise DingTalkRefusal("miss.openConversationId")
    return _recalled(conversations, given, {str(where)})


def recall_from_people(conversations: Conversations, given: Json) -> Json:
    """Answer `otoMessages/batchRecall`."""
    _check_robot(given)
    return _recalled(conversations, given, {each.direct for each in organization.MEMBERS})


METHODS: dict[tuple[str, str], tuple[str, Callable[[Conversations, Json], Json]]] = {
    ("POST", "/v1.0/robot/groupMessages/send"): ("OrgGroupSend", send_to_group),
    ("POST", "/v1.0/robot/groupMessages/recall"): ("OrgGroupRecall", recall_from_group),
    ("POST", "/v1.0/robot/oToMessages/batchSend"): ("BatchSendOTO", send_to_people),
    ("POST", "/v1.0/robot/otoMessages/batchRecall"): ("BatchRecallOTO", recall_from_people),
}
"""By method and path: what Alibaba's SDK calls it, and what it does."""


def _check_robot(given: Json) -> None:
    code = given.get("robotCode")
    if not code:
        raise DingTalkRefusal("invalidParameter.robotCode.empty")
    if code != organization.ROBOT:
        raise DingTalkRefusal("invalidParameter.robotCode.notExsit", "there is no such robot")


def _message(given: Json) -> tuple[str, Json]:
    """Read msgKey and msgParam; answer a msgtype and its content."""
    key, param = given.get("msgKey"), given.get("msgParam")
    if not key:
        raise DingTalkRefusal("invalidParameter.msgKey.empty")
    if not isinstance(key, str) or key not in FIELDS:
        raise DingTalkRefusal("invalidParameter.msgKey.invalid", f"there is no msgKey {key!r}")
    if not isinstance(param, str):
        raise DingTalkRefusal("invalidParameter.msgParam.invalid", "msgParam is a text of JSON")
    if len(param.encode()) > LONGEST:
        raise DingTalkRefusal("invalidParameter.msgParam.tooLong")
    try:
        content = json.loads(param)
    except ValueError as error:
        raise DingTalkRefusal("invalidParameter.msgParam.invalid", str(error)) from error
    if not isinstance(content, dict):
        raise DingTalkRefusal("invalidParameter.msgParam.invalid", "msgParam is an object")
    missing = [
        each for each in FIELDS[key] if not content.get(each) or not isinstance(content[each], str)
    ]
    if missing:
        raise DingTalkRefusal("invalidParameter.param.invalid", f"{missing[0]} is required")
    return _as_shown(key, content)


def _as_shown(key: str, content: Json) -> tuple[str, Json]:
    simple = {
        "sampleText": "text",
        "sampleMarkdown": "markdown",
        "sampleImageMsg": "image",
        "sampleLink": "link",
    }
    if key in simple:
        return simple[key], content
    pairs = [
        (content[title], content[url])
        for title, url in zip(FIELDS[key][2::2], FIELDS[key][3::2], strict=True)
    ]
    buttons = [{"title": title, "actionURL": url} for title, url in pairs]
    return "actionCard", {"title": content["title"], "text": content["text"], "btns": buttons}


def _recalled(conversations: Conversations, given: Json, where: set[str]) -> Json:
    keys = given.get("processQueryKeys")
    if not isinstance(keys, list) or not keys or len(keys) > MOST_KEYS:
        raise DingTalkRefusal("invalidParameter.processQueryKey.missing")
    done, failed = [], {}
    for key in keys:
        if conversations.recall(str(key), where):
            done.append(str(key))
        else:
            failed[str(key)] = "invalid.processQueryKey"
    return {"successResult": done, "failedResult": failed}
