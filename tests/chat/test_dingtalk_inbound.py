"""DingTalk's messages and clicks as requests: what is asked, by whom, and which deliveries are one and the same."""

import json
from typing import Any

import pytest

from bot.chat.dingtalk import inbound
from bot.chat.dingtalk.frames import CARD, MESSAGE, Push, read
from bot.chat.gateway import Way

SAID: dict[str, Any] = {
    "conversationId": "cidGroup==",
    "conversationType": "2",
    "msgId": "msg1",
    "msgtype": "text",
    "text": {"content": "  部署 shop prod v1 "},
    "senderId": "$:LWCP_v1:$abc",
    "senderStaffId": "0123",
    "senderNick": "admin",
    "isAdmin": True,
    "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=1",
}
PRESSED: dict[str, Any] = {
    "type": "actionCallback",
    "outTrackId": "shipmate-1",
    "userId": "0456",
    "userIdType": 1,
    "spaceType": "im",
    "spaceId": "cidGroup==",
    "content": json.dumps({"cardPrivateData": {"actionIds": ["approve run:1"], "params": {}}}),
}


def said(id_: str = "d1", **other: Any) -> Push:
    return Push(type="CALLBACK", topic=MESSAGE, id=id_, data={**SAID, **other})


def pressed(id_: str = "d1", **other: Any) -> Push:
    return Push(type="CALLBACK", topic=CARD, id=id_, data={**PRESSED, **other})


def test_a_mention_in_a_group() -> None:
    received, way = inbound.from_message(said())

    assert received.text == "部署 shop prod v1"
    asker = received.asker
    assert (asker.chat, asker.identity, asker.channel) == ("dingtalk", "0123", "cidGroup==")
    assert way == Way(session=SAID["sessionWebhook"])


def test_a_message_to_the_robot_alone_is_in_the_conversation_with_that_person() -> None:
    received, _ = inbound.from_message(said(conversationType="1", conversationId="cidAlone=="))
    assert received.asker.channel == "user:0123"


def test_nobody_is_known_by_a_nick_or_by_an_id_that_changes() -> None:
    for missing in ({"senderStaffId": ""}, {"senderStaffId": None}):
        received, _ = inbound.from_message(said(**missing))
        assert received.asker.identity == ""
        assert "admin" not in str(received)


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"msgtype": "text", "text": {"content": ""}}, "help"),
        ({"msgtype": "text", "text": "deploy"}, "help"),
        ({"msgtype": "picture", "content": {"downloadCode": "x"}}, "help"),
        ({"msgtype": "audio", "content": {"recognition": "状态"}}, "状态"),
        (
            {
                "msgtype": "richText",
                "content": {"richText": [{"text": "批准 "}, {"text": "shop/prod#1"}]},
            },
            "批准 shop/prod#1",
        ),
        ({"msgtype": "richText", "content": {"richText": None}}, "help"),
    ],
)
def test_what_a_message_says(other: dict[str, Any], text: str) -> None:
    assert inbound.from_message(said(**other))[0].text == text


def test_a_repeated_delivery_has_an_id_that_was_there_before() -> None:
    first, _ = inbound.from_message(said())
    same_message, _ = inbound.from_message(said("d2"))
    same_delivery, _ = inbound.from_message(said(msgId="msg2"))
    other, _ = inbound.from_message(said("d2", msgId="msg2"))

    assert same_message.asker.request == first.asker.request
    assert same_delivery.delivery == first.delivery
    assert other.asker.request != first.asker.request
    assert other.delivery != first.delivery
    assert inbound.from_click(pressed())[0] == inbound.from_click(pressed())[0]
    assert inbound.from_click(pressed("d2"))[0] != inbound.from_click(pressed())[0]


def test_a_press_carries_its_command_and_who_it_was() -> None:
    received, way = inbound.from_click(pressed())

    assert received.text == "approve run:1"
    assert (received.asker.identity, received.asker.channel) == ("0456", "cidGroup==")
    assert (received.asker.via, way) == ("button", Way())
    private = {"cardPrivateData": {"actionIds": ["b1"], "params": {"command": "stop run:1"}}}
    assert inbound.from_click(pressed(content=json.dumps(private)))[0].text == "stop run:1"


def test_a_press_by_an_id_that_is_no_staff_id_is_nobodys() -> None:
    assert inbound.from_click(pressed(userIdType=2))[0].asker.identity == ""


def test_a_press_on_a_private_card_belongs_to_where_the_question_was_asked() -> None:
    card = inbound.private_card("cidGroup==", "abc")

    received, way = inbound.from_click(pressed(outTrackId=card, spaceId="cidAlone=="))

    assert received.asker.channel == "cidGroup=="
    assert way == Way(card=card, replaces=True)
    assert inbound.asked_in("reply-zz-1") == ""
    short = inbound.private_card("cid" + "x" * 60, "abc")
    received, _ = inbound.from_click(pressed(outTrackId=short))
    assert (short, received.asker.channel) == ("reply--abc", "user:0456")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"cardPrivateData": null}', '{"cardPrivateData": {}}']
)
def test_a_press_of_what_is_not_ours_carries_nothing(content: str) -> None:
    assert inbound.from_click(pressed(content=content))[0].text == ""


def test_what_is_no_message_and_no_click_is_refused() -> None:
    for other in ({"conversationId": ""}, {"msgId": ""}):
        with pytest.raises(ValueError, match="without"):
            inbound.from_message(said("", **other))
    with pytest.raises(ValueError, match="without"):
        inbound.from_click(pressed(outTrackId=""))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"headers": {}}', '{"headers": {"topic": "t"}}'])
def test_what_is_no_frame_is_none(text: str) -> None:
    assert read(text) is None
