"""Interactive cards: StandardCards, which need no template, or cards of a template of the company's own.

A card is known by an id that we give it, so one that is sent twice stands there once. A template's card shows each viewer
the buttons that are for them; a StandardCard shows everyone the same. Neither can be forwarded.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

from bot.catalog.model import Person
from bot.chat.dingtalk import render
from bot.chat.dingtalk.api import OpenApi
from bot.chat.dingtalk.inbound import DIRECT
from bot.chat.dingtalk.render import Rendered
from bot.chat.gateway import UNEDITABLE
from bot.errors import Permanent

Json = dict[str, Any]
People = Mapping[str, Person]

REMEMBERED = 512
"""Cards of which it is known who sees something of their own."""
MOST_MENTIONED = 30
"""People whom a card may mention."""


class Cards(Protocol):
    """One of the two ways to show a card."""

    async def send(
        self, card: str, place: str, message: Rendered, people: People, at: tuple[str, ...]
    ) -> None:
        """Show a card in a group or to a person, mentioning those named in `at`. Raises Temporary and Permanent."""
        ...

    async def update(self, card: str, message: Rendered, people: People) -> None:
        """Replace what a card shows. Raises Permanent when it cannot be, or is not there."""
        ...


class StandardCards:
    """Cards without a template."""

    def __init__(self, api: OpenApi, robot: str, *, pressed: bool = True) -> None:
        """`pressed`: presses reach us; without that the cards say how each request is typed."""
        self._api = api
        self._robot = robot
        self._pressed = pressed

    async def send(
        self, card: str, place: str, message: Rendered, people: People, at: tuple[str, ...]
    ) -> None:
        """Show a card in a group or to a person, mentioning those named in `at`."""
        body: Json = {
            "cardTemplateId": "StandardCard",
            "robotCode": self._robot,
            "cardBizId": card,
            "cardData": self._data(message),
        }
        if place.startswith(DIRECT):
            body["singleChatReceiver"] = _json({"userId": place.removeprefix(DIRECT)})
        else:
            body["openConversationId"] = place
        found = list(_ids(people, at).items())[:MOST_MENTIONED]
        told = [{"nickName": name, "userId": user} for name, user in found]
        if told and "openConversationId" in body:
            body["sendOptions"] = {"atUserListJson": _json(told)}
        path = "/v1.0/im/v1.0/robot/interactiveCards/send"
        await self._api.call("POST", path, body, posting=True)

    async def update(self, card: str, message: Rendered, people: People) -> None:  # noqa: ARG002 - all see the same
        """Replace what a card shows."""
        body: Json = {"cardBizId": card, "cardData": self._data(message)}
        await self._api.call("PUT", "/v1.0/im/robots/interactiveCards", body)

    def _data(self, message: Rendered) -> str:
        return _json(render.standard_card(message, pressed=self._pressed))


class TemplateCards:
    """Cards of a template whose variables are `title`, `text` and `buttons`; presses carry the parameter `command`."""

    def __init__(self, api: OpenApi, robot: str, template: str) -> None:
        self._api = api
        self._robot = robot
        self._template = template
        self._own: OrderedDict[str, frozenset[str]] = OrderedDict()

    async def send(
        self, card: str, place: str, message: Rendered, people: People, at: tuple[str, ...]
    ) -> None:
        """Show a card in a group or to a person, mentioning those named in `at`."""
        body: Json = {
            "cardTemplateId": self._template,
            "outTrackId": card,
            "callbackType": "STREAM",
            "userIdType": 1,
            "cardData": {"cardParamMap": render.variables(message)},
            "privateData": _private(message, people, frozenset()),
        }
        if place.startswith(DIRECT):
            body |= {
                "openSpaceId": f"dtv1.card//IM_ROBOT.{place.removeprefix(DIRECT)}",
                "imRobotOpenSpaceModel": {"supportForward": False},
                "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": self._robot},
            }
        else:
            told = {user: name for name, user in _ids(people, at).items()}
            body |= {
                "openSpaceId": f"dtv1.card//IM_GROUP.{place}",
                "imGroupOpenSpaceModel": {"supportForward": False},
                "imGroupOpenDeliverModel": {"robotCode": self._robot, "atUserIds": told},
            }
        path = "/v1.0/card/instances/createAndDeliver"
        answer = await self._api.call("POST", path, body, posting=True)
        _check_delivered(answer)
        self._remember(card, _named(message))

    async def update(self, card: str, message: Rendered, people: People) -> None:
        """Replace what a card shows, to everyone and to those who see something of their own.

        Of an old card, and after a restart, nobody is known who sees something of their own: then everyone is told again.
        """
        before = self._own.pop(card, frozenset(people))
        body: Json = {
            "outTrackId": card,
            "userIdType": 1,
            "cardData": {"cardParamMap": render.variables(message)},
            "privateData": _private(message, people, before),
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        }
        # Only once it has arrived: until then nobody knows who sees what.
        await self._api.call("PUT", "/v1.0/card/instances", body)
        self._remember(card, _named(message))

    def _remember(self, card: str, own: frozenset[str]) -> None:
        """Keep in mind who sees something of their own on a card."""
        self._own[card] = own
        if len(self._own) > REMEMBERED:
            self._own.popitem(last=False)


def card_id(key: str) -> str:
    """Answer the id of the card of a message, by the key that it is posted with."""
    return f"shipmate-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def unchangeable(error: Permanent | None = None) -> Permanent:
    """Make the error of a message that cannot be changed any more."""
    return Permanent(str(error or "a message cannot be changed in DingTalk"), code=UNEDITABLE)


def _named(message: Rendered) -> frozenset[str]:
    """Answer for whom buttons are."""
    return frozenset(name for each in message.buttons for name in each.people or ())


def _private(message: Rendered, people: People, before: frozenset[str]) -> Json:
    """Answer what single people see: those whom a button is for, and those whom one was for before."""
    return {
        user: {"cardParamMap": {"buttons": render.variables(message, viewer=name)["buttons"]}}
        for name, user in _ids(people, sorted(_named(message) | before)).items()
    }


def _check_delivered(answer: Json) -> None:
    """Raise Permanent when a card was made and not shown."""
    result = answer.get("result")
    found = result.get("deliverResults") if isinstance(result, dict) else None
    for each in found if isinstance(found, list) else []:
        if isinstance(each, dict) and each.get("success") is False:
            said = str(each.get("errorMsg") or "a card was not delivered")
            raise Permanent(said, code="not_delivered")


def _ids(people: People, names: tuple[str, ...] | list[str]) -> dict[str, str]:
    """Answer the staff ids of people by their names; of those who have one."""
    found = {name: people[name].dingtalk_id for name in names if name in people}
    return {name: user for name, user in found.items() if user}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
