"""What DingTalk refuses: cards, messages and webhooks that are wrong, too long, too many or not signed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.dingtalk import card_methods, organization, robot_methods
from bot.sandbox.dingtalk.cards import Cards
from bot.sandbox.dingtalk.conversations import SESSION_LIVES, Conversations
from bot.sandbox.dingtalk.errors import DingTalkRefusal, Errcode
from bot.sandbox.dingtalk.limits import PER_SECOND, ROBOT_MESSAGES, ROBOT_PENALTY, Limits
from bot.sandbox.dingtalk.robots import Robots, sign
from bot.sandbox.dingtalk.tokens import LIVES, Tokens
from bot.sandbox.faults import Faults
from bot.sandbox.shelf import Shelf

Json = dict[str, Any]
GROUP = organization.GROUPS[0].id
SIGNED, KEYWORDS = organization.CUSTOM_ROBOTS


class World:
    """The parts that refuse, with a clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        shelf, faults = Shelf(None), Faults()
        self.conversations = Conversations(shelf, changed=lambda _: None, clock=self.clock)
        self.cards = Cards(shelf, self.conversations, self.clock)
        self.limits = Limits(self.clock)
        self.robots = Robots(self.conversations, self.limits, faults, self.clock)
        self.tokens = Tokens(shelf, self.clock)
        self.faults = faults

    def clock(self) -> float:
        return self.now

    def said(self) -> list[Json]:
        return list(self.conversations.messages.values())

    def webhook(self, body: Json, robot: organization.CustomRobot = KEYWORDS, **query: str) -> int:
        """Send to a custom robot; answer the errcode."""
        raw = json.dumps(body).encode()
        return self._errcode(
            lambda: self.robots.send(
                {"access_token": robot.token, **query}, raw, "application/json"
            )
        )

    def raw(self, raw: bytes, content_type: str = "application/json") -> int:
        return self._errcode(
            lambda: self.robots.send({"access_token": KEYWORDS.token}, raw, content_type)
        )

    def answer(self, session: str) -> int:
        raw = json.dumps(text("hello")).encode()
        return self._errcode(lambda: self.robots.answer(session, raw, "application/json"))

    @staticmethod
    def _errcode(call: Callable[[], None]) -> int:
        try:
            call()
        except Errcode as refusal:
            found: int = refusal.body["errcode"]
            return found
        return 0


@pytest.fixture
def world() -> World:
    return World()


def text(content: str) -> Json:
    return {"msgtype": "text", "text": {"content": content}}


def standard(**more: Any) -> Json:
    return {
        "cardTemplateId": "StandardCard",
        "robotCode": organization.ROBOT,
        "cardBizId": "run-17",
        "cardData": json.dumps({"contents": []}),
        "openConversationId": GROUP,
        **more,
    }


def instance(**more: Any) -> Json:
    return {
        "cardTemplateId": organization.CARD_TEMPLATE,
        "outTrackId": "run-18",
        "cardData": {"cardParamMap": {}},
        "openSpaceId": f"dtv1.card//IM_GROUP.{GROUP}",
        "imGroupOpenDeliverModel": {"robotCode": organization.ROBOT},
        **more,
    }


def contents(*parts: Json) -> str:
    return json.dumps({"contents": parts})


BUTTON = {"type": "button", "id": "a", "label": {"text": "A"}, "actionType": "request"}


def action(**more: Any) -> str:
    return contents({"type": "action", "id": "x", "actions": [{**BUTTON, **more}]})


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        ({"cardBizId": ""}, "param.error", "cardBizId is required"),
        ({"cardData": "{"}, "param.error", "cardData is a text of JSON"),
        ({"cardData": "[]"}, "param.error", "cardData is an object"),
        ({"cardData": "{}"}, "param.error", "contents is a list"),
        ({"cardData": contents({"type": "table"})}, "param.error", "contents[0] is one of text"),
        ({"cardData": contents({"type": "text", "text": "t"})}, "param.error", "contents[0].id"),
        (
            {"cardData": contents(*[{"type": "divider", "id": "d"}] * 2)},
            "param.error",
            "contents[1].id is a text that nothing else has",
        ),
        ({"cardData": action(status="red")}, "param.error", "actions[0].status is one of normal"),
        ({"cardData": action(id="")}, "param.error", "actions[0].id is a text"),
        ({"cardData": action(actionType="openLink")}, "param.error", "actions[0].url is required"),
        ({"cardData": action(actionType="call")}, "param.error", "is openLink or request"),
        ({"cardBizId": "x" * 101}, "param.error", "cardBizId is a text of 100 characters"),
        ({"userIdPrivateDataMap": "{}{"}, "param.error", "userIdPrivateDataMap is a text of JSON"),
        (
            {"userIdPrivateDataMap": '{"u": {"contents": 1}}'},
            "param.error",
            "contents is a list",
        ),
        ({"robotCode": "another"}, "chatbotNotFound", "no such robot"),
        ({"openConversationId": "cidAnother"}, "chatbotNotInstall", "in no such group"),
        ({"openConversationId": ""}, "param.error", "or singleChatReceiver is required"),
        (
            {"openConversationId": "", "singleChatReceiver": '{"userId": "x"}'},
            "userNotExist",
            "no such user",
        ),
        ({"cardTemplateId": "mine"}, "cardTemplateInvalid", "only StandardCard"),
        ({"sendOptions": {"atUserListJson": "{"}}, "param.error", "atUserListJson is a text"),
        (
            {"sendOptions": {"atUserListJson": json.dumps([{"userId": "x"}] * 31)}},
            "param.error",
            "atUserListJson names 30 people at most",
        ),
    ],
)
def test_a_wrong_standard_card_is_refused(world: World, wrong: Json, code: str, said: str) -> None:
    with pytest.raises(DingTalkRefusal) as refused:
        card_methods.send_standard(world.cards, standard(**wrong))

    assert (refused.value.status, refused.value.body["code"]) == (400, code)
    assert said in refused.value.body["message"]
    assert world.said() == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"outTrackId": ""}, "param.outTrackIdEmpty"),
        ({"cardTemplateId": ""}, "param.cardTemplateIdEmpty"),
        ({"cardTemplateId": "mine.schema"}, "cardInstance.wrong"),
        ({"cardData": None}, "param.cardPublicDataEmpty"),
        ({"cardData": {"cardParamMap": {"count": 3}}}, "param.error"),
        ({"privateData": {"u": {"cardParamMap": {"count": 3}}}}, "param.error"),
        ({"openSpaceId": "dtv1.card//IM_ROBOT.010001dev"}, "param.deliverModelInvalid"),
        ({"openSpaceId": "somewhere"}, "param.openSpaceIdInvalid"),
    ],
)
def test_a_wrong_card_from_a_template_is_refused(world: World, wrong: Json, code: str) -> None:
    with pytest.raises(DingTalkRefusal) as refused:
        card_methods.create_and_deliver(world.cards, instance(**wrong))

    assert refused.value.body["code"] == code
    assert world.said() == []


def test_a_card_that_is_not_there_is_not_updated(world: World) -> None:
    given = {"outTrackId": "run-17", "cardData": {"cardParamMap": {}}}
    with pytest.raises(DingTalkRefusal) as refused:
        card_methods.update(world.cards, given)
    assert refused.value.body["code"] == "param.cardInstanceNotExist"
    with pytest.raises(DingTalkRefusal):
        card_methods.update_standard(world.cards, {"cardBizId": "run-17", "cardData": "{}"})


def message(**more: Any) -> Json:
    return {
        "robotCode": organization.ROBOT,
        "openConversationId": GROUP,
        "userIds": ["010001dev"],
        "msgKey": "sampleText",
        "msgParam": json.dumps({"content": "hello"}),
        **more,
    }


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"robotCode": ""}, "invalidParameter.robotCode.empty"),
        ({"robotCode": "another"}, "invalidParameter.robotCode.notExsit"),
        ({"msgKey": ""}, "invalidParameter.msgKey.empty"),
        ({"msgKey": "sampleTable"}, "invalidParameter.msgKey.invalid"),
        ({"msgParam": {"content": "hello"}}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": "{"}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": "{}"}, "invalidParameter.param.invalid"),
        ({"msgParam": json.dumps({"content": "界" * 5000})}, "invalidParameter.msgParam.tooLong"),
        ({"openConversationId": ""}, "miss.openConversationId"),
        ({"openConversationId": "cidAnother"}, "invalid.openConversationId"),
    ],
)
def test_a_wrong_message_is_refused(world: World, wrong: Json, code: str) -> None:
    with pytest.raises(DingTalkRefusal) as refused:
        robot_methods.send_to_group(world.conversations, message(**wrong))

    assert refused.value.body["code"] == code
    assert world.said() == []


@pytest.mark.parametrize(
    ("people", "code"),
    [([], "userIds.empty"), (["010001dev"] * 21, "userIds.overMax")],
)
def test_a_message_goes_to_twenty_people_at_most(
    world: World, people: list[str], code: str
) -> None:
    with pytest.raises(DingTalkRefusal, match=code):
        robot_methods.send_to_people(world.conversations, message(userIds=people))


def test_a_message_gets_to_those_whom_there_are(world: World) -> None:
    found = robot_methods.send_to_people(
        world.conversations, message(userIds=["010001dev", "nobody"])
    )

    assert found["invalidStaffIdList"] == ["nobody"]
    assert [each["conversation"] for each in world.said()] == ["cidDirectDevSandbox=="]


def test_a_message_is_taken_back_by_its_key(world: World) -> None:
    key = robot_methods.send_to_group(world.conversations, message())["processQueryKey"]
    found = robot_methods.recall_from_group(
        world.conversations, message(processQueryKeys=[key, "another"])
    )

    assert found["successResult"] == [key]
    assert list(found["failedResult"]) == ["another"]
    assert list(world.conversations.within(GROUP)) == []


def test_buttons_of_action_cards_open_links(world: World) -> None:
    content = {"title": "t", "text": "x", "singleTitle": "Look", "singleURL": "https://x.example"}
    for key in ("sampleActionCard", "sampleActionCard6"):
        two = {"buttonTitle1": "A", "buttonUrl1": "a:", "buttonTitle2": "B", "buttonUrl2": "b:"}
        param = json.dumps({**content, **two})
        robot_methods.send_to_group(world.conversations, message(msgKey=key, msgParam=param))

    assert [each["content"]["btns"] for each in world.said()] == [
        [{"title": "Look", "actionURL": "https://x.example"}],
        [{"title": "A", "actionURL": "a:"}, {"title": "B", "actionURL": "b:"}],
    ]


def test_an_api_takes_so_many_calls_a_second(world: World) -> None:
    for _ in range(PER_SECOND):
        world.limits.count("UpdateCard")
    with pytest.raises(DingTalkRefusal) as refused:
        world.limits.count("UpdateCard")
    world.limits.count("CreateCard")
    world.now += 0.1
    world.limits.count("UpdateCard")

    assert refused.value.status == 403
    assert refused.value.body["code"] == "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"


def test_a_robot_that_sends_too_much_is_not_heard_for_ten_minutes(world: World) -> None:
    assert {world.webhook(text("shop")) for _ in range(ROBOT_MESSAGES)} == {0}
    assert world.webhook(text("shop")) == 130101
    world.now += ROBOT_PENALTY - 1
    assert world.webhook(text("shop")) == 130101
    world.now += 2
    assert world.webhook(text("shop")) == 0


def test_a_robot_wants_its_keyword(world: World) -> None:
    assert world.webhook(text("hello")) == 310000
    assert world.webhook(text("hello from the shop")) == 0
    assert world.webhook({"msgtype": "markdown", "markdown": {"title": "发布", "text": "x"}}) == 0
    assert world.webhook(text("shop"), access_token="another") == 300001


def test_a_robot_wants_its_signature(world: World) -> None:
    stamp = str(int(world.now * 1000))
    good = sign(stamp, SIGNED.secret)

    assert world.webhook(text("hello"), SIGNED) == 310000
    assert world.webhook(text("hello"), SIGNED, timestamp=stamp, sign="x") == 310000
    assert world.webhook(text("hello"), SIGNED, timestamp=stamp, sign=good) == 0
    world.now += 3601
    assert world.webhook(text("hello"), SIGNED, timestamp=stamp, sign=good) == 310000


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "card", "card": {}}, 400105),
        ({"msgtype": "text", "text": {}}, 40035),
        ({"msgtype": "text", "text": {"content": "shop"}, "at": ["dev"]}, 40035),
        ({"msgtype": "link", "link": {"title": "shop", "text": "t"}}, 40035),
        ({"msgtype": "link", "link": {"title": "shop", "text": "t", "messageUrl": "x:"}}, 0),
        ({"msgtype": "actionCard", "actionCard": {"title": "shop", "text": "t"}}, 40035),
        (
            {
                "msgtype": "actionCard",
                "actionCard": {"title": "shop", "text": "t", "btns": [{"title": "Look"}]},
            },
            40035,
        ),
        (
            {
                "msgtype": "actionCard",
                "actionCard": {"title": "shop", "text": "t", "singleTitle": "Look"},
            },
            40035,
        ),
        ({"msgtype": "feedCard", "feedCard": {"links": [{"title": "shop"}]}}, 40035),
        (
            {
                "msgtype": "feedCard",
                "feedCard": {"links": [{"title": "shop", "messageURL": "x:", "picURL": "y:"}]},
            },
            0,
        ),
        (text("shop" * 5001), 460101),
    ],
)
def test_a_wrong_message_of_a_robot_is_refused(world: World, body: Json, errcode: int) -> None:
    assert world.webhook(body) == errcode
    assert len(world.said()) == (errcode == 0)


def test_what_is_no_json_is_refused(world: World) -> None:
    assert world.raw(b"{") == 40035
    assert world.raw(b"[]") == 40035
    assert world.raw(json.dumps(text("shop")).encode(), "text/plain") == 43004


def test_a_robot_fails_as_it_is_told(world: World) -> None:
    world.faults.add("dingtalk", "errcode", 1, robot="Notices", errcode=310000)

    stamp = str(int(world.now * 1000))
    good = {"timestamp": stamp, "sign": sign(stamp, SIGNED.secret)}
    assert world.webhook(text("hello"), SIGNED, **good) == 0
    assert world.webhook(text("shop")) == 310000
    assert world.webhook(text("shop")) == 0


def test_whom_a_robot_mentions(world: World) -> None:
    at = {"atMobiles": ["13800000001"], "atUserIds": ["010003sre"], "isAtAll": True}
    world.webhook({**text("shop"), "at": at})

    assert world.said()[0]["at"] == ["所有人", "Dana Developer", "Sam Reliable"]


def test_a_session_ends_after_ninety_minutes(world: World) -> None:
    session, _ = world.conversations.new_session(GROUP)

    assert world.answer(session) == 0
    assert world.answer("another") == 300001
    world.now += SESSION_LIVES + 1
    assert world.answer(session) == 300001


def test_a_token_is_good_for_two_hours(world: World) -> None:
    assert world.tokens.new(organization.CLIENT_ID, "wrong") is None
    token = world.tokens.new(organization.CLIENT_ID, organization.CLIENT_SECRET)
    assert token is not None
    assert world.tokens.good(token)
    world.now += LIVES
    assert not world.tokens.good(token)
