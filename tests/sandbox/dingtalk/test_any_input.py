"""Whatever is sent, it is answered or refused; and what was taken can be shown."""

import contextlib
import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.dingtalk import card_methods, organization, robot_methods
from bot.sandbox.dingtalk.cards import Cards
from bot.sandbox.dingtalk.conversations import Conversations
from bot.sandbox.dingtalk.errors import DingTalkRefusal, Errcode
from bot.sandbox.dingtalk.faces import card_face, message_face, words_of
from bot.sandbox.dingtalk.webhook_messages import read_message
from bot.sandbox.shelf import Shelf

Json = dict[str, Any]
GROUP = organization.GROUPS[0].id
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
BUTTON: Json = {
    "type": "button",
    "id": "approve",
    "label": {"type": "text", "text": "Approve"},
    "actionType": "openLink",
    "url": {"all": "https://shop.example"},
    "status": "primary",
}
CARD: Json = {
    "header": {"title": {"type": "text", "text": "shop"}},
    "contents": [
        {"type": "markdown", "id": "1", "text": "x"},
        {"type": "section", "id": "2", "fields": {"list": [{"text": "y"}]}, "extra": BUTTON},
        {"type": "imageList", "id": "3", "images": ["@a"]},
        {"type": "action", "id": "4", "actions": [BUTTON]},
    ],
}
STANDARD: Json = {
    "cardTemplateId": "StandardCard",
    "robotCode": organization.ROBOT,
    "cardBizId": "card",
    "cardData": CARD,
    "userIdPrivateDataMap": {"010003sre": CARD},
    "openConversationId": GROUP,
    "sendOptions": {"atUserListJson": [{"userId": "010003sre", "nickName": "Sam"}], "atAll": True},
}
TEMPLATE: Json = {
    "cardTemplateId": organization.CARD_TEMPLATE,
    "outTrackId": "card",
    "cardData": {
        "cardParamMap": {"title": "t", "text": "x", "buttons": [{"id": "a", "text": "A"}]}
    },
    "privateData": {"010003sre": {"cardParamMap": {"buttons": "[]"}}},
    "openSpaceId": f"dtv1.card//IM_GROUP.{GROUP};IM_ROBOT.010003sre",
    "imGroupOpenDeliverModel": {
        "robotCode": organization.ROBOT,
        "atUserIds": {"010003sre": "Sam"},
        "recipients": ["010003sre"],
    },
    "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"},
    "cardUpdateOptions": {"updateCardDataByKey": True},
}
MESSAGE: Json = {
    "robotCode": organization.ROBOT,
    "openConversationId": GROUP,
    "userIds": ["010003sre"],
    "msgKey": "sampleActionCard6",
    "msgParam": {
        "title": "t",
        "text": "x",
        **{f"button{part}{number}": "x" for part in ("Title", "Url") for number in (1, 2)},
    },
    "processQueryKeys": ["key"],
}
WEBHOOKS: tuple[Json, ...] = (
    {"msgtype": "text", "text": {"content": "x"}, "at": {"atUserIds": ["010003sre"]}},
    {"msgtype": "link", "link": {"title": "t", "text": "x", "messageUrl": "u", "picUrl": "p"}},
    {
        "msgtype": "actionCard",
        "actionCard": {"title": "t", "text": "x", "btns": [{"title": "b", "actionURL": "u"}]},
    },
    {"msgtype": "feedCard", "feedCard": {"links": [{"title": "t", "messageURL": "u"}]}},
)


def paths(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List where something stands in a value."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    found = [so_far] if so_far else []
    for key, each in inner:
        found += paths(each, (*so_far, key))
    return found


def changed(value: Json, path: tuple[Any, ...], put: Any) -> Json:
    """Put something in the place of what stands at a path."""
    made = copy.deepcopy(value)
    at: Any = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = put
    return made


def spoilt(*whole: Json) -> st.SearchStrategy[Json]:
    """Make bodies in which one thing is anything."""
    places = [(index, path) for index, value in enumerate(whole) for path in paths(value)]
    return st.builds(
        lambda place, put: changed(whole[place[0]], place[1], put),
        st.sampled_from(places),
        ANYTHING,
    )


def in_texts(body: Json) -> Json:
    """Write as texts of JSON what is sent so."""
    made = copy.deepcopy(body)
    for key in ("cardData", "userIdPrivateDataMap", "msgParam"):
        if key in made and "outTrackId" not in made and not isinstance(made[key], str):
            made[key] = json.dumps(made[key])
    options = made.get("sendOptions")
    if isinstance(options, dict) and "atUserListJson" in options:
        options["atUserListJson"] = json.dumps(options["atUserListJson"])
    return made


def world() -> tuple[Conversations, Cards]:
    shelf = Shelf(None)
    conversations = Conversations(shelf, changed=lambda _: None)
    return conversations, Cards(shelf, conversations)


def look(conversations: Conversations, cards: Cards) -> None:
    """Show everything to everyone."""
    for message in conversations.messages.values():
        for viewer in organization.MEMBERS:
            if message["kind"] == "card":
                card = cards.find(message["card"])
                assert card is not None
                words_of(card_face(card["template"], cards.variables(card, viewer)))
            else:
                words_of(message_face(message["kind"], message["content"]))


@given(spoilt(STANDARD), spoilt(STANDARD))
def test_any_standard_card(first: Json, second: Json) -> None:
    conversations, cards = world()
    for given_ in (first, STANDARD):
        with contextlib.suppress(DingTalkRefusal):
            card_methods.send_standard(cards, in_texts(given_))
    with contextlib.suppress(DingTalkRefusal):
        card_methods.update_standard(cards, in_texts(second))
    look(conversations, cards)


@given(spoilt(TEMPLATE), spoilt(TEMPLATE), spoilt({"cardData": TEMPLATE["cardData"]}))
def test_any_card_of_a_template(first: Json, second: Json, answer: Json) -> None:
    conversations, cards = world()
    whole = changed(TEMPLATE, ("cardData", "cardParamMap", "buttons"), "[]")
    for given_ in (first, whole):
        with contextlib.suppress(DingTalkRefusal):
            card_methods.create_and_deliver(cards, given_)
    for call in (card_methods.deliver, card_methods.update):
        with contextlib.suppress(DingTalkRefusal):
            call(cards, second)
    for card in [each for each in (cards.find("card"),) if each]:
        with contextlib.suppress(DingTalkRefusal):
            card_methods.answered(cards, card, "010003sre", answer)
    look(conversations, cards)


@given(ANYTHING)
def test_any_list_of_buttons_in_a_template(buttons: Any) -> None:
    conversations, cards = world()
    text = json.dumps(buttons)
    card_methods.create_and_deliver(
        cards, changed(TEMPLATE, ("cardData", "cardParamMap", "buttons"), text)
    )
    look(conversations, cards)


@given(spoilt(MESSAGE))
def test_any_message_of_the_robot(body: Json) -> None:
    conversations, cards = world()
    for _, call in robot_methods.METHODS.values():
        with contextlib.suppress(DingTalkRefusal):
            call(conversations, in_texts(body))
    look(conversations, cards)


@given(spoilt(*WEBHOOKS))
def test_any_message_of_a_webhook(body: Json) -> None:
    with contextlib.suppress(Errcode):
        kind, content, _ = read_message(json.dumps(body).encode(), "application/json")
        words_of(message_face(kind, content))
