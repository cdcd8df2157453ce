"""The DingTalk part of the control API: what a person types, presses and sees there."""

import asyncio
from typing import Any

from starlette.requests import Request

from bot.sandbox.control_slack import LONGEST_WAIT, QUIET, ControlError, nearest
from bot.sandbox.dingtalk import organization
from bot.sandbox.dingtalk.dingtalk import DingTalk
from bot.sandbox.dingtalk.faces import message_face, words_of
from bot.sandbox.dingtalk.organization import Member
from bot.sandbox.dingtalk.pushes import Failure

Json = dict[str, Any]


class DingTalkControl:
    """People's hands and eyes in DingTalk."""

    def __init__(self, dingtalk: DingTalk) -> None:
        self._conversations = dingtalk.conversations
        self._people = dingtalk.people
        self._pushes = dingtalk.pushes
        self._callbacks = dingtalk.callbacks

    def state(self, url: str) -> Json:
        """Answer the `dingtalk` part of /control/state."""
        return {
            "users": [_user(each) for each in organization.MEMBERS],
            "conversations": [{"id": each.id, "title": each.title} for each in organization.GROUPS],
            "robot": {"code": organization.ROBOT, "name": organization.ROBOT_NAME},
            "card_template": organization.CARD_TEMPLATE,
            "robots": [
                {
                    "name": each.name,
                    "url": f"{url}/dingtalk/oapi/robot/send?access_token={each.token}",
                    "secret": each.secret,
                    "keywords": list(each.keywords),
                    "conversation": each.group,
                }
                for each in organization.CUSTOM_ROBOTS
            ],
        }

    async def say(self, _: Request, body: Json) -> Json:
        """POST /control/dingtalk/say: answers what the robot says at once, here or to that person alone.

        `wait: false` answers as soon as the robot was told.
        """
        member = the_member(body, "user")
        conversation = the_conversation(body, member)
        text = body.get("text")
        if not isinstance(text, str) or not text.strip():
            raise ControlError("text is required")
        places = {conversation, member.direct}
        before = len(self._conversations.from_robot(places))
        made, heard = await self._people.say(member, conversation, text)
        if heard and body.get("wait") is not False:
            await self._quiet(places, before)
        said = self._said(places, before, member)
        return {"ok": True, "id": made["id"], "heard": heard, "messages": said}

    async def click(self, _: Request, body: Json) -> Json:
        """POST /control/dingtalk/click; `wait: false` as above."""
        member = the_member(body, "user")
        conversation = the_conversation(body, member)
        message = self._message(conversation, str(body.get("id", "")), member)
        button = self._button(message, str(body.get("button", "")), member)
        if button["url"]:
            return {"ok": True, "url": button["url"], "messages": []}
        places = {conversation, member.direct}
        before = len(self._conversations.from_robot(places))
        failed = await self._people.click(member, message, button)
        if failed:
            return {"ok": False, "error": f"Shipmate did not respond: {failed}.", "messages": []}
        if body.get("wait") is not False:
            await self._quiet(places, before)
        return {"ok": True, "messages": self._said(places, before, member)}

    async def messages(self, request: Request) -> Json:
        """GET /control/dingtalk/messages."""
        params = dict(request.query_params)
        viewer = the_member(params, "viewer") if params.get("viewer") else None
        conversation = the_conversation(params, viewer)
        return {
            "messages": [
                self._shown(each, viewer)
                for each in self._conversations.within(conversation)
                if _sees(viewer, each)
            ]
        }

    async def callback_url(self, _: Request, body: Json) -> Json:
        """POST /control/dingtalk/callback-url: delivers messages by HTTP from now on; the empty URL ends that."""
        self._callbacks.set_url(str(body.get("url", "")))
        return {"ok": True}

    async def event(self, _: Request, body: Json) -> Json:
        """POST /control/dingtalk/event: something happens in the organization; answers whether the app took it."""
        kind = body.get("event_type")
        if not isinstance(kind, str) or not kind:
            raise ControlError("event_type is required")
        answer = await self._pushes.tell(kind, body.get("data") or {})
        if isinstance(answer, Failure):
            return {"ok": False, "error": answer.reason}
        return {"ok": answer.get("status") == "SUCCESS", "answer": answer}

    def _said(self, places: set[str], before: int, member: Member) -> list[Json]:
        said = self._conversations.from_robot(places)[before:]
        return [self._shown(each, member) for each in said if _sees(member, each)]

    async def _quiet(self, places: set[str], before: int) -> None:
        """Wait for what the robot says, until it says nothing more."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_WAIT
        seen, since = before, loop.time()
        while loop.time() < end:
            now = len(self._conversations.from_robot(places))
            if now != seen:
                seen, since = now, loop.time()
            if now != before and loop.time() - since > QUIET:
                return
            await asyncio.sleep(0.02)

    def _message(self, conversation: str, name: str, member: Member) -> Json:
        found = self._conversations.messages.get(name)
        if found is None or found["conversation"] != conversation or not _sees(member, found):
            title = organization.title_of(conversation)
            raise ControlError(f"{member.name} sees no message {name!r} in {title}")
        return found

    def _button(self, message: Json, wanted: str, member: Member) -> Json:
        if message["kind"] == "card":
            buttons = self._people.buttons_seen(message, member)
        else:
            buttons = message_face(message["kind"], message["content"])["buttons"]
        for each in buttons:
            if wanted in {each["label"], each["id"]}:
                found: Json = each
                return found
        there = ", ".join(each["label"] for each in buttons) or "none"
        raise ControlError(f"there is no button {wanted!r} (there is: {there})")

    def _shown(self, message: Json, viewer: Member | None) -> Json:
        card = message["kind"] == "card"
        face = (
            self._people.face(message, viewer)
            if card
            else message_face(message["kind"], message["content"])
        )
        written = message["content"].get("text", "") if message["kind"] != "text" else ""
        return {
            "id": message["id"],
            "conversation": organization.title_of(message["conversation"]),
            "user": message["user"],
            "kind": message["kind"],
            "title": message["content"].get("title", ""),
            "text": words_of(face),
            "markdown": written,
            "card": {"id": message["card"], **face} if card else None,
            "face": face,
            "at": message.get("at", []),
            "time": message["time"],
            "edited": self._people.edited(message),
            "buttons": [each["label"] for each in face["buttons"]],
        }


def the_member(given: Json, key: str) -> Member:
    """Find the person that a call names. Raises ControlError."""
    name = str(given.get(key, ""))
    found = organization.member(name)
    if found is None:
        known = [each.name for each in organization.MEMBERS]
        raise ControlError(f"there is no user {name!r}{nearest(name, known)}")
    return found


def the_conversation(given: Json, member: Member | None) -> str:
    """Find the conversation that a call names: a group, or `shipmate` for the one with the robot. Raises ControlError."""
    name = str(given.get("conversation", ""))
    group = organization.group(name)
    if group is not None:
        return group.id
    party = organization.party(name)
    if name == organization.ROBOT_NAME and member is not None:
        party = member
    if party is None or (member is not None and party != member):
        known = [*(each.title for each in organization.GROUPS), organization.ROBOT_NAME]
        raise ControlError(f"there is no conversation {name!r}{nearest(name, known)}")
    if party.outside:
        raise ControlError(f"{party.name} is from outside and cannot talk to the robot alone")
    return party.direct


def _sees(viewer: Member | None, message: Json) -> bool:
    receivers = message.get("receivers")
    return not receivers or (viewer is not None and viewer.staff_id in receivers)


def _user(member: Member) -> Json:
    return {
        "id": member.staff_id,
        "name": member.name,
        "nick": member.nick,
        "email": member.email,
        "mobile": member.mobile,
        "roles": list(member.roles),
        "outside": member.outside,
        "conversation": "" if member.outside else member.direct,
    }
