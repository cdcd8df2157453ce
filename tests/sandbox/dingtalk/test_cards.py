"""Interactive cards: shown once, changed in place, different for each viewer, and pressed."""

import json
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.dingtalk.conftest import Json, Listening, OpenApi, People

GROUP = "cidShopProdSandbox=="
SEND = "/v1.0/im/v1.0/robot/interactiveCards/send"
CHANGE = "/v1.0/im/robots/interactiveCards"
CREATE = "/v1.0/card/instances/createAndDeliver"
INSTANCES = "/v1.0/card/instances"


def button(name: str, **more: Any) -> Json:
    label = {"type": "text", "text": name, "id": f"label-{name}"}
    return {"type": "button", "id": name, "label": label, "actionType": "request", **more}


def standard(title: str, *buttons: Json) -> str:
    contents: list[Json] = [{"type": "markdown", "text": "**three** steps", "id": "steps"}]
    if buttons:
        contents.append({"type": "action", "actions": list(buttons), "id": "actions"})
    header = {"title": {"type": "text", "text": title}}
    return json.dumps({"config": {"enableForward": False}, "header": header, "contents": contents})


def sent(sandbox: Sandbox, **more: Any) -> Json:
    return {
        "cardTemplateId": "StandardCard",
        "robotCode": sandbox.dingtalk_settings()["DINGTALK_CLIENT_ID"],
        "cardBizId": "run-17",
        "cardData": standard("shop/prod #17", button("Approve")),
        "openConversationId": GROUP,
        **more,
    }


def made(sandbox: Sandbox, **more: Any) -> Json:
    robot = sandbox.dingtalk_settings()["DINGTALK_CLIENT_ID"]
    return {
        "cardTemplateId": sandbox.dingtalk_template,
        "outTrackId": "run-18",
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": {"title": "shop/prod #18", "text": "waits"}},
        "openSpaceId": f"dtv1.card//IM_GROUP.{GROUP}",
        "imGroupOpenDeliverModel": {"robotCode": robot},
        **more,
    }


def buttons(*names: str) -> str:
    return json.dumps([{"id": name.lower(), "text": name} for name in names])


async def test_a_standard_card_is_changed_in_place(
    sandbox: Sandbox, api: OpenApi, people: People
) -> None:
    status, found = await api.call("POST", SEND, **sent(sandbox))
    assert (status, bool(found["processQueryKey"])) == (200, True)
    (before,) = await people.messages("shop-prod")
    status, _ = await api.call("PUT", CHANGE, cardBizId="run-17", cardData=standard("done"))
    (after,) = await people.messages("shop-prod")

    assert status == 200
    assert before["text"] == "shop/prod #17\n**three** steps"
    assert (before["buttons"], before["edited"]) == (["Approve"], False)
    assert (after["id"], after["edited"]) == (before["id"], True)
    assert (after["text"], after["buttons"]) == ("done\n**three** steps", [])


async def test_the_same_card_is_shown_once(sandbox: Sandbox, api: OpenApi, people: People) -> None:
    for _ in range(2):
        assert (await api.call("POST", SEND, **sent(sandbox)))[0] == 200
        assert (await api.call("POST", CREATE, **made(sandbox)))[0] == 200

    assert len(await people.messages("shop-prod")) == 2


async def test_a_click_on_a_standard_card_is_told_with_the_buttons_id(
    sandbox: Sandbox, api: OpenApi, people: People, listening: Listening
) -> None:
    await api.call("POST", SEND, **sent(sandbox))
    (card,) = await people.messages("shop-prod")

    assert (await people.click("sre", "shop-prod", card["id"], "Approve"))["ok"] is True

    heard = await listening.next()
    assert heard["headers"]["topic"] == "/v1.0/card/instances/callback"
    assert (heard["outTrackId"], heard["userId"], heard["spaceId"]) == (
        "run-17",
        "010003sre",
        GROUP,
    )
    assert json.loads(heard["content"]) == {
        "cardPrivateData": {"actionIds": ["Approve"], "params": {}}
    }


async def test_a_click_that_is_not_answered_in_time_is_shown_to_have_failed(
    sandbox: Sandbox, api: OpenApi, people: People, listening: Listening
) -> None:
    listening.answers["/v1.0/card/instances/callback"] = None
    await api.call("POST", SEND, **sent(sandbox))
    (card,) = await people.messages("shop-prod")

    answer = await people.click("sre", "shop-prod", card["id"], "Approve")

    assert answer["ok"] is False
    assert "did not respond" in answer["error"]


async def test_what_the_acknowledgement_carries_changes_the_card(
    sandbox: Sandbox, api: OpenApi, people: People, listening: Listening
) -> None:
    data = {"cardParamMap": {"title": "t", "text": "waits", "buttons": buttons("Approve")}}
    await api.call("POST", CREATE, **made(sandbox, cardData=data))
    (card,) = await people.messages("shop-prod")
    listening.answers["/v1.0/card/instances/callback"] = {
        "response": {
            "cardUpdateOptions": {"updateCardDataByKey": True},
            "cardData": {"cardParamMap": {"text": "approved"}},
            "userPrivateData": {"cardParamMap": {"buttons": "[]"}},
        }
    }

    await people.click("sre", "shop-prod", card["id"], "Approve")

    (seen,) = await people.messages("shop-prod", viewer="sre")
    assert (seen["text"], seen["buttons"]) == ("t\napproved", [])
    (seen,) = await people.messages("shop-prod", viewer="sre2")
    assert (seen["text"], seen["buttons"]) == ("t\napproved", ["Approve"])


async def test_private_data_lie_above_everyones(
    sandbox: Sandbox, api: OpenApi, people: People
) -> None:
    private = {"010003sre": {"cardParamMap": {"buttons": buttons("Approve", "Reject")}}}
    await api.call("POST", CREATE, **made(sandbox, privateData=private))

    (seen,) = await people.messages("shop-prod", viewer="sre")
    assert seen["buttons"] == ["Approve", "Reject"]
    (seen,) = await people.messages("shop-prod", viewer="dev")
    assert seen["buttons"] == []


async def test_a_standard_card_may_show_single_people_something_else(
    sandbox: Sandbox, api: OpenApi, people: People
) -> None:
    quiet = {"contents": json.loads(standard("t"))["contents"]}
    card = sent(sandbox, userIdPrivateDataMap=json.dumps({"010001dev": quiet}))
    assert (await api.call("POST", SEND, **card))[0] == 200

    (seen,) = await people.messages("shop-prod", viewer="dev")
    assert (seen["text"], seen["buttons"]) == ("shop/prod #17\n**three** steps", [])
    (seen,) = await people.messages("shop-prod", viewer="sre")
    assert seen["buttons"] == ["Approve"]

    private = json.dumps({"010001dev": {}})
    await api.call("PUT", CHANGE, cardBizId="run-17", userIdPrivateDataMap=private)
    (seen,) = await people.messages("shop-prod", viewer="dev")
    assert seen["buttons"] == ["Approve"]


async def test_a_card_goes_to_several_spaces_and_shows_the_same(
    sandbox: Sandbox, api: OpenApi, people: People
) -> None:
    given = made(
        sandbox,
        openSpaceId=f"dtv1.card//IM_GROUP.{GROUP};IM_ROBOT.010003sre",
        imRobotOpenDeliverModel={"spaceType": "IM_ROBOT"},
    )
    _, found = await api.call("POST", CREATE, **given)
    await api.call(
        "PUT", INSTANCES, outTrackId="run-18", cardData={"cardParamMap": {"text": "over"}}
    )

    assert [each["success"] for each in found["result"]["deliverResults"]] == [True, True]
    (group,) = await people.messages("shop-prod")
    (alone,) = await people.messages("shipmate", viewer="sre")
    assert group["text"] == alone["text"] == "over"


@pytest.mark.parametrize(("by_key", "text"), [(True, "shop/prod #18\nover"), (False, "over")])
async def test_without_the_option_an_update_replaces_everything(
    sandbox: Sandbox, api: OpenApi, people: People, text: str, *, by_key: bool
) -> None:
    await api.call("POST", CREATE, **made(sandbox))
    options = {"cardUpdateOptions": {"updateCardDataByKey": True}} if by_key else {}
    data = {"cardParamMap": {"text": "over"}}

    status, found = await api.call("PUT", INSTANCES, outTrackId="run-18", cardData=data, **options)

    assert (status, found) == (200, {"success": True, "result": True})
    (card,) = await people.messages("shop-prod")
    assert card["text"] == text


async def test_a_card_is_made_and_then_delivered_to_one_person(
    sandbox: Sandbox, api: OpenApi, people: People
) -> None:
    given = made(sandbox)
    for key in ("openSpaceId", "imGroupOpenDeliverModel"):
        del given[key]
    assert (await api.call("POST", INSTANCES, **given))[0] == 200

    status, found = await api.call(
        "POST",
        f"{INSTANCES}/deliver",
        outTrackId="run-18",
        openSpaceId="dtv1.card//IM_ROBOT.010003sre",
        imRobotOpenDeliverModel={"spaceType": "IM_ROBOT"},
    )

    assert (status, found["result"][0]["success"]) == (200, True)
    (card,) = await people.messages("shipmate", viewer="sre")
    assert card["text"] == "shop/prod #18\nwaits"


@pytest.mark.parametrize("after", [False, True])
async def test_an_update_fails(
    sandbox: Sandbox, api: OpenApi, people: People, *, after: bool
) -> None:
    await api.call("POST", SEND, **sent(sandbox))
    fault = {"target": "dingtalk", "fault": "error", "method": "UpdateRobotInteractiveCard"}
    await people.do("faults", **fault, status=503, after=after)

    status, _ = await api.call("PUT", CHANGE, cardBizId="run-17", cardData=standard("done"))

    assert status == 503
    (card,) = await people.messages("shop-prod")
    assert card["edited"] is after
