"""The OpenAPI's methods of interactive cards: StandardCards, and cards from a template.

Source: open.dingtalk.com, development (send and update a robot's interactive card, create-and-deliver-cards,
interactive-card-update-interface, event-callback-card); the requests and answers of Alibaba's SDK.
"""

import json
from collections.abc import Callable
from typing import Any

from bot.sandbox.dingtalk import organization
from bot.sandbox.dingtalk.cards import STANDARD, Cards
from bot.sandbox.dingtalk.errors import DingTalkRefusal
from bot.sandbox.dingtalk.standard_card import check_card

Json = dict[str, Any]
Mistake = DingTalkRefusal

LONGEST_ID = 100
"""Characters of a cardBizId."""
MOST_MENTIONED = 30
PREFIX = "dtv1.card//"


def send_standard(cards: Cards, given: Json) -> Json:
    """Answer `robot/interactiveCards/send`."""
    for field in ("cardTemplateId", "robotCode", "cardBizId", "cardData"):
        if not given.get(field):
            raise Mistake("param.error", f"{field} is required")
    if given["cardTemplateId"] != STANDARD:
        raise Mistake("cardTemplateInvalid", "only StandardCard needs no template of one's own")
    name = given["cardBizId"]
    if not isinstance(name, str) or len(name) > LONGEST_ID:
        raise Mistake("param.error", f"cardBizId is a text of {LONGEST_ID} characters at most")
    _check_robot(given["robotCode"])
    data = _parsed(given["cardData"], "cardData")
    check_card(data)
    private = _private_cards(given, data)
    where = _place(given)
    options = _object(given, "sendOptions")
    told = _list(options, "atUserListJson")
    if len(told) > MOST_MENTIONED:
        raise Mistake("param.error", f"atUserListJson names {MOST_MENTIONED} people at most")
    at = [str(each.get("nickName") or each.get("userId")) for each in told]
    receivers = [str(each.get("userId")) for each in _list(options, "receiverListJson")]
    everyone = ["所有人"] if options.get("atAll") is True else []
    card = cards.create(name, STANDARD, data, private)
    return {"processQueryKey": cards.deliver(card, where, receivers, [*everyone, *at])["key"]}


def update_standard(cards: Cards, given: Json) -> Json:
    """Answer `PUT /v1.0/im/robots/interactiveCards`: without an option the whole card is replaced."""
    card = cards.find(str(given.get("cardBizId", "")))
    if card is None or card["template"] != STANDARD:
        raise Mistake("param.error", "there is no card with this cardBizId")
    options = _object(given, "updateOptions")
    data = None if given.get("cardData") is None else _parsed(given["cardData"], "cardData")
    whole = card["public"] if data is None else data
    if data is not None and options.get("updateCardDataByKey") is True:
        whole = {**card["public"], **data}
    check_card(whole)
    private = _private_cards(given, whole)
    cards.update(card, data, private, options)
    return {"processQueryKey": card["id"]}


def create(cards: Cards, given: Json) -> Json:
    """Answer `POST /v1.0/card/instances`."""
    return {"success": True, "result": _created(cards, given)["id"]}


def deliver(cards: Cards, given: Json) -> Json:
    """Answer `POST /v1.0/card/instances/deliver`."""
    spaces = _spaces(given)
    card = _card(cards, given)
    return {"success": True, "result": [_delivered(cards, card, given, each) for each in spaces]}


def create_and_deliver(cards: Cards, given: Json) -> Json:
    """Answer `POST /v1.0/card/instances/createAndDeliver`."""
    spaces = _spaces(given)
    card = _created(cards, given)
    results = [_delivered(cards, card, given, each) for each in spaces]
    return {"success": True, "result": {"outTrackId": card["id"], "deliverResults": results}}


def update(cards: Cards, given: Json) -> Json:
    """Answer `PUT /v1.0/card/instances`."""
    card = _card(cards, given)
    public = given.get("cardData")
    cards.update(
        card,
        None if public is None else _params(public, "cardData"),
        _private(given.get("privateData")),
        _object(given, "cardUpdateOptions"),
    )
    return {"success": True, "result": True}


METHODS: dict[tuple[str, str], tuple[str, Callable[[Cards, Json], Json]]] = {
    ("POST", "/v1.0/im/v1.0/robot/interactiveCards/send"): (
        "SendRobotInteractiveCard",
        send_standard,
    ),
    ("PUT", "/v1.0/im/robots/interactiveCards"): ("UpdateRobotInteractiveCard", update_standard),
    ("POST", "/v1.0/card/instances"): ("CreateCard", create),
    ("POST", "/v1.0/card/instances/deliver"): ("DeliverCard", deliver),
    ("POST", "/v1.0/card/instances/createAndDeliver"): ("CreateAndDeliver", create_and_deliver),
    ("PUT", "/v1.0/card/instances"): ("UpdateCard", update),
}
"""By method and path: what Alibaba's SDK calls it, and what it does."""


def answered(cards: Cards, card: Json, user: str, answer: Json) -> None:
    """Apply what the acknowledgement of a callback carries; a StandardCard is changed by the update method alone.

    `user` is the staff id of who pressed the button. Raises DingTalkRefusal.
    """
    if card["template"] == STANDARD:
        return
    public, own = answer.get("cardData"), answer.get("userPrivateData")
    private = _private(answer.get("privateData"))
    if own is not None and user:
        private[user] = _params(own, "userPrivateData")
    if public is None and not private:
        return
    cards.update(
        card,
        None if public is None else _params(public, "cardData"),
        private,
        _object(answer, "cardUpdateOptions"),
    )


def _created(cards: Cards, given: Json) -> Json:
    template, card = given.get("cardTemplateId"), given.get("outTrackId")
    if not template:
        raise Mistake("param.cardTemplateIdEmpty")
    if not card:
        raise Mistake("param.outTrackIdEmpty")
    if given.get("cardData") is None:
        raise Mistake("param.cardPublicDataEmpty")
    if template != organization.CARD_TEMPLATE:
        raise Mistake("cardInstance.wrong", "there is no published template with this id")
    return cards.create(
        str(card),
        str(template),
        _params(given["cardData"], "cardData"),
        _private(given.get("privateData")),
        callback=str(given.get("callbackType", "")),
    )


def _delivered(cards: Cards, card: Json, given: Json, space: tuple[str, str, str]) -> Json:
    kind, name, where = space
    model = _object(given, "imGroupOpenDeliverModel")
    told = _object(model, "atUserIds")
    at = ["所有人" if key == "@ALL" else str(value) for key, value in told.items()]
    recipients = model.get("recipients") or []
    if not isinstance(recipients, list):
        raise Mistake("param.error", "recipients is a list")
    message = cards.deliver(card, where, [str(each) for each in recipients], at)
    return {
        "spaceType": kind,
        "spaceId": name,
        "success": True,
        "errorMsg": "",
        "carrierId": message["key"],
    }


def _spaces(given: Json) -> list[tuple[str, str, str]]:
    """Read where a card goes: the kind and id of each space, and the id of its conversation."""
    named = str(given.get("openSpaceId") or "")
    if not named.startswith(PREFIX):
        raise Mistake(
            "param.openSpaceIdInvalid", f"openSpaceId is {PREFIX}IM_GROUP.… or IM_ROBOT.…"
        )
    found = []
    for each in named.removeprefix(PREFIX).split(";"):
        kind, _, name = each.partition(".")
        found.append((kind.upper(), name, _space(given, kind.upper(), name)))
    return found


def _space(given: Json, kind: str, name: str) -> str:
    if kind == "IM_GROUP":
        _check_robot(_object(given, "imGroupOpenDeliverModel").get("robotCode"))
        return _group(name)
    if kind == "IM_ROBOT":
        if _object(given, "imRobotOpenDeliverModel").get("spaceType") != "IM_ROBOT":
            raise Mistake("param.deliverModelInvalid", "imRobotOpenDeliverModel has a spaceType")
        return _direct(name)
    raise Mistake("param.openSpaceIdInvalid", f"there is no space {kind!r} here")


def _place(given: Json) -> str:
    """Read where a StandardCard goes; answer the conversation's id."""
    if given.get("openConversationId"):
        return _group(str(given["openConversationId"]))
    if given.get("singleChatReceiver"):
        receiver = _parsed(given["singleChatReceiver"], "singleChatReceiver")
        return _direct(str(receiver.get("userId", "")))
    raise Mistake("param.error", "openConversationId or singleChatReceiver is required")


def _group(conversation: str) -> str:
    if conversation not in {each.id for each in organization.GROUPS}:
        raise Mistake("chatbotNotInstall", "the robot is in no such group")
    return conversation


def _direct(user: str) -> str:
    member = organization.staff(user)
    if member is None:
        raise Mistake("userNotExist", "there is no such user")
    return member.direct


def _card(cards: Cards, given: Json) -> Json:
    if not given.get("outTrackId"):
        raise Mistake("param.outTrackIdEmpty")
    card = cards.find(str(given["outTrackId"]))
    if card is None or card["template"] == STANDARD:
        raise Mistake("param.cardInstanceNotExist", "there is no card with this outTrackId")
    return card


def _check_robot(code: object) -> None:
    if code != organization.ROBOT:
        raise Mistake("chatbotNotFound", "there is no such robot")


def _params(holder: Any, field: str) -> Json:
    """Read a cardParamMap: texts by name. Raises DingTalkRefusal."""
    params = holder.get("cardParamMap") if isinstance(holder, dict) else None
    if not isinstance(params, dict):
        raise Mistake("param.error", f"{field}.cardParamMap is required")
    wrong = next((key for key, value in params.items() if not isinstance(value, str)), None)
    if wrong is not None:
        raise Mistake("param.error", f"{field}.cardParamMap.{wrong} is no text")
    return params


def _private(given: Any) -> dict[str, Json]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Mistake("param.error", "privateData is by user")
    return {str(user): _params(data, f"privateData.{user}") for user, data in given.items()}


def _private_cards(given: Json, public: Json) -> dict[str, Json]:
    """Read what single people see of a StandardCard in place of what everyone does. Raises DingTalkRefusal."""
    if not given.get("userIdPrivateDataMap"):
        return {}
    found = _parsed(given["userIdPrivateDataMap"], "userIdPrivateDataMap")
    for user, data in found.items():
        if not isinstance(data, dict):
            raise Mistake("param.error", f"userIdPrivateDataMap.{user} is an object")
        check_card({**public, **data})
    return found


def _object(given: Json, field: str) -> Json:
    """Read an object that may be left out. Raises DingTalkRefusal."""
    found = given.get(field)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Mistake("param.error", f"{field} is an object")
    return found


def _parsed(text: Any, field: str) -> Json:
    try:
        found = json.loads(text)
    except (TypeError, ValueError) as error:
        raise Mistake("param.error", f"{field} is a text of JSON") from error
    if not isinstance(found, dict):
        raise Mistake("param.error", f"{field} is an object")
    return found


def _list(options: Json, field: str) -> list[Json]:
    if not options.get(field):
        return []
    try:
        found = json.loads(options[field])
    except (TypeError, ValueError) as error:
        raise Mistake("param.error", f"{field} is a text of JSON") from error
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
