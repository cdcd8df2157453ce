"""What people do in DingTalk, as the platform tells the app: messages to the robot, clicks on cards.

Source: developerpedia's protocol page for messages, the samples of dingtalk-stream for cards.
"""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from bot.sandbox.dingtalk import card_methods, organization
from bot.sandbox.dingtalk.cards import Cards
from bot.sandbox.dingtalk.conversations import Conversations
from bot.sandbox.dingtalk.errors import DingTalkRefusal
from bot.sandbox.dingtalk.faces import card_face
from bot.sandbox.dingtalk.organization import Member
from bot.sandbox.dingtalk.pushes import CARD, MESSAGE, Failure, Pushes

Json = dict[str, Any]

MENTION = re.compile(rf"@{organization.ROBOT_NAME}\b\s?", re.IGNORECASE)


class People:
    """The side of DingTalk that people touch."""

    def __init__(
        self,
        conversations: Conversations,
        cards: Cards,
        pushes: Pushes,
        url: Callable[[], str],
    ) -> None:
        """`url` answers the sandbox's address."""
        self._conversations = conversations
        self._cards = cards
        self._pushes = pushes
        self._url = url

    async def say(self, member: Member, conversation: str, text: str) -> tuple[Json, bool | None]:
        """Type a message; answer it, and whether the robot heard it. None: it was not spoken to."""
        made = self._conversations.add(conversation, member.name, "text", {"content": text})
        alone = organization.party(conversation) is not None
        if not alone and not MENTION.search(text):
            return made, None
        data = self._chatbot_message(member, made, alone=alone)
        answer = await self._pushes.call(MESSAGE, data)
        return made, not isinstance(answer, Failure)

    async def click(self, member: Member, message: Json, button: Json) -> str:
        """Press a button of a card that asks the app; answer why it failed, nothing when it did not."""
        card = self._cards.find(message["card"])
        assert card is not None
        answer = await self._pushes.call(CARD, _card_callback(member, message, button))
        if isinstance(answer, Failure):
            return answer.reason
        response = answer.get("response")
        if not isinstance(response, dict):
            return ""
        try:
            card_methods.answered(self._cards, card, member.staff_id, response)
        except DingTalkRefusal as refusal:
            return str(refusal)
        return ""

    def face(self, message: Json, viewer: Member | None) -> Json:
        """Answer what a card shows a viewer."""
        card = self._cards.find(message["card"])
        assert card is not None
        return card_face(card["template"], self._cards.variables(card, viewer))

    def buttons_seen(self, message: Json, viewer: Member) -> list[Json]:
        """Answer the buttons that a viewer may see: the present ones and those that were there a moment ago."""
        card = self._cards.find(message["card"])
        assert card is not None
        before = self._cards.recently(card)
        faces = [self.face(message, viewer)]
        if before is not None:
            faces.append(card_face(before["template"], self._cards.variables(before, viewer)))
        return [button for face in faces for button in face["buttons"]]

    def edited(self, message: Json) -> bool:
        """Say whether a card was changed since it was made."""
        card = self._cards.find(message.get("card", ""))
        return bool(card and card["edited"])

    def _chatbot_message(self, member: Member, made: Json, *, alone: bool) -> Json:
        session, ends = self._conversations.new_session(made["conversation"])
        said = MENTION.sub("", made["content"]["content"], count=1) if not alone else None
        digest = base64.b64encode(made["id"].encode()).decode()
        data: Json = {
            "conversationId": made["conversation"],
            "conversationType": "1" if alone else "2",
            "chatbotCorpId": organization.CORP,
            "chatbotUserId": organization.ROBOT_USER,
            "msgId": f"msg{digest}",
            "msgtype": "text",
            "text": {"content": made["content"]["content"] if said is None else f" {said}"},
            "senderId": member.sender_id,
            "senderNick": member.nick,
            "senderPlatform": "Mac",
            "isAdmin": "admin" in member.roles,
            "createAt": made["time"],
            "robotCode": organization.ROBOT,
            "sessionWebhook": f"{self._url()}/dingtalk/oapi/robot/sendBySession?session={session}",
            "sessionWebhookExpiredTime": ends,
        }
        if not member.outside:
            data |= {"senderStaffId": member.staff_id, "senderCorpId": organization.CORP}
        if not alone:
            data |= {
                "conversationTitle": organization.title_of(made["conversation"]),
                "isInAtList": True,
                "atUsers": _mentioned(made["content"]["content"]),
            }
        return data


def _mentioned(text: str) -> list[Json]:
    found: list[Json] = [{"dingtalkId": organization.ROBOT_USER}]
    for each in organization.MEMBERS:
        if re.search(rf"@({re.escape(each.name)}|{re.escape(each.nick)})\b", text):
            staff = {} if each.outside else {"staffId": each.staff_id}
            found.append({"dingtalkId": each.sender_id, **staff})
    return found


def _card_callback(member: Member, message: Json, button: Json) -> Json:
    alone = organization.party(message["conversation"])
    content = json.dumps(
        {"cardPrivateData": {"actionIds": [button["id"]], "params": button["params"]}},
        ensure_ascii=False,
    )
    return {
        "extension": "{}",
        "corpId": organization.CORP,
        "type": "actionCallback",
        "userId": member.staff_id,
        "userIdType": 1,
        "spaceType": "im",
        "spaceId": alone.direct if alone else message["conversation"],
        "outTrackId": message["card"],
        "content": content,
        "value": content,
    }
