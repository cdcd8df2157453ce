"""DingTalk beside Slack on the page: a group and the robot alone, cards with buttons, live, on a desktop and on a phone."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect

from bot.sandbox.server import Sandbox
from tests.browser.conftest import Windows
from tests.browser.person import Person
from tests.browser.test_on_a_phone import THUMB
from tests.sandbox.dingtalk.conftest import Listening, OpenApi, api, listening

__all__ = ["api", "listening"]

pytestmark = pytest.mark.browser

GROUP = "cidShopProdSandbox=="
STATUS = """## shop in prod
> asked by **dev**

1. hangzhou <font color="#1a8a4a">done</font>
2. frankfurt *waits*

[The run](https://shop.example/runs/17) <b>no markup</b> | no | table |"""


@pytest.fixture
async def windows(browser: Browser, sandbox: Sandbox) -> AsyncIterator[Windows]:
    made = Windows(browser, sandbox.url)
    yield made
    await made.close()


def conversation(person: Person) -> Locator:
    return person.page.locator(".ding-message")


def composer(person: Person, name: str = "shop-prod") -> Locator:
    return person.page.get_by_role("combobox", name=f"Message {name} in DingTalk")


def card(text: str, *buttons: str) -> str:
    styles = {"Approve": "primary", "Reject": "warning"}
    actions = [
        {
            "type": "button",
            "id": each.lower(),
            "label": {"type": "text", "text": each},
            "actionType": "request",
            "status": styles[each],
        }
        for each in buttons
    ]
    contents: list[dict[str, Any]] = [{"type": "markdown", "id": "text", "text": text}]
    if actions:
        contents.append({"type": "action", "id": "actions", "actions": actions})
    return json.dumps({"header": {"title": {"text": "shop/prod #17"}}, "contents": contents})


async def post_card(sandbox: Sandbox, api: OpenApi, text: str, *buttons: str) -> None:
    status, found = await api.call(
        "POST",
        "/v1.0/im/v1.0/robot/interactiveCards/send",
        cardTemplateId="StandardCard",
        robotCode=sandbox.dingtalk_settings()["DINGTALK_CLIENT_ID"],
        cardBizId="run-17",
        cardData=card(text, *buttons),
        openConversationId=GROUP,
    )
    assert status == 200, found


async def test_a_group_in_dingtalk(
    windows: Windows, sandbox: Sandbox, api: OpenApi, listening: Listening
) -> None:
    sre = await windows.open("sre")
    dev = await windows.open("dev")
    for each in (sre, dev):
        await each.goes_to("shop-prod in DingTalk")
        await composer(each).wait_for()
    await composer(dev).click()
    await dev.page.keyboard.type("@shipmate status shop")
    await dev.page.keyboard.press("Enter")
    session = (await listening.next())["sessionWebhook"]
    await api.post(session, msgtype="markdown", markdown={"title": "status", "text": STATUS})
    await post_card(sandbox, api, "waits for **sre**", "Approve", "Reject")

    await expect(conversation(dev)).to_have_count(3)
    await sre.sees(conversation(sre).first, "Dana Developer", "@shipmate status shop")
    status = conversation(sre).nth(1)
    await sre.sees(status, "Robot", "done", "<b>no markup</b>", "| no | table |")
    await expect(status.get_by_role("link", name="The run")).to_have_count(1)
    await expect(status.locator("ol li")).to_have_count(2)
    await expect(status.get_by_text("done")).to_have_css("color", "rgb(26, 138, 74)")
    await expect(conversation(dev).first).to_have_class("ding-message mine")
    await sre.takes_a_picture("11-dingtalk")

    await sre.presses("Approve", conversation(sre).last)
    heard = await listening.next()
    assert heard["userId"] == "010003sre"
    await api.call(
        "PUT",
        "/v1.0/im/robots/interactiveCards",
        cardBizId="run-17",
        cardData=card("approved by **sre**"),
    )
    for each in (sre, dev):
        await each.sees(conversation(each).last, "approved by sre")
        await expect(conversation(each).last.get_by_role("button")).to_have_count(0)
    await sre.goes_to("shop-prod")


async def test_dingtalk_on_a_phone_and_in_the_dark(
    windows: Windows, sandbox: Sandbox, api: OpenApi, listening: Listening
) -> None:
    await post_card(sandbox, api, "waits for **sre**", "Approve", "Reject")
    sre = await windows.open("sre", phone=True, dark=True)
    await sre.page.get_by_role("button", name="Channels").click()
    await sre.goes_to("shop-prod in DingTalk")

    shown = conversation(sre).first
    await shown.wait_for()
    for each in await shown.get_by_role("button").all():
        box = await each.bounding_box()
        assert box is not None
        assert box["height"] >= THUMB
        assert box["x"] + box["width"] <= 390
    assert await sre.page.evaluate("document.documentElement.scrollWidth") <= 390
    await sre.takes_a_picture("12-dingtalk-on-a-phone")

    listening.answers["/v1.0/card/instances/callback"] = None
    await sre.presses("Reject", shown)
    await sre.sees(sre.page.get_by_role("status").last, "Shipmate did not respond")


async def test_alone_with_the_robot_and_from_outside(
    windows: Windows, api: OpenApi, listening: Listening
) -> None:
    dev = await windows.open("dev")
    await dev.goes_to("shipmate in DingTalk")
    await composer(dev, "the robot").click()
    await dev.page.keyboard.type("help")
    await dev.page.keyboard.press("Enter")
    heard = await listening.next()
    await api.post(heard["sessionWebhook"], msgtype="text", text={"content": "type deploy"})
    await dev.sees(conversation(dev).last, "type deploy")

    await dev.becomes("partner")
    await composer(dev).wait_for()
    await expect(dev.page.get_by_role("link", name="shipmate in DingTalk")).to_have_count(0)
