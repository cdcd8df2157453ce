"""Shortcuts, and what belongs to another version of Shipmate: everything is acknowledged and answered privately."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.world import Message
from tests.scenarios.company import PROD, Company

DEV = "shop-dev"
Json = dict[str, Any]


async def uses(company: Company, user: str, shortcut: str, message: Message | None = None) -> Json:
    """Use a shortcut, on a message of #shop-prod or anywhere."""
    place = {"channel": PROD, "ts": message["ts"]} if message else {}
    return await company.control("/control/slack/shortcut", user=user, shortcut=shortcut, **place)


async def view_of(company: Company, user: str, says: str) -> Json:
    """Wait until the form that a user has open says something."""
    found = await company.view(user, says)
    assert found is not None
    return found


async def presses(company: Company, user: str, view: Json, button: str) -> Json:
    return await company.control(
        "/control/slack/click", user=user, view_id=view["id"], button=button
    )


async def test_what_can_be_done_with_a_run_is_offered_in_a_form_and_done_from_there(
    company: Company,
) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    below = await company.in_thread(card, "please approve or reject")

    await uses(company, "guest", "Run actions", card)
    theirs = await view_of(company, "guest", "Waiting")
    await presses(company, "guest", theirs, "Approve")
    await view_of(company, "guest", "You may not approve")

    await uses(company, "sre", "Run actions", below)
    mine = await view_of(company, "sre", "Pause")
    asked = (await presses(company, "sre", mine, "Reject"))["view"]
    assert asked["previous_view_id"] == mine["id"]
    await company.world.submit("sre", asked["id"], {"Reason": "not today"})

    await company.card("shop/prod#1", says="Rejected by sre: not today")
    assert await company.view("sre") is None


async def test_a_decision_in_the_form_is_told_there(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    await uses(company, "sre", "Run actions", card)
    view = await view_of(company, "sre", "Approve")

    await presses(company, "sre", view, "Approve")

    await view_of(company, "sre", "Done. The run card shows")
    await company.card("shop/prod#1", says="approved by sre")


async def test_on_any_other_message_the_shortcut_says_what_it_is_for(company: Company) -> None:
    said = await company.world.say("dev", PROD, "hello")
    told = await uses(company, "dev", "Run actions", said)
    assert "about no run of mine" in company.read(*told["messages"])


async def test_deploy_from_anywhere_asks_for_the_rest(company: Company) -> None:
    opened = (await uses(company, "dev", "Deploy"))["view"]
    values = {"Application": "shop", "Environment": "dev", "Version": "v7"}
    await company.world.submit("dev", opened["id"], values)
    await company.card("shop/dev#1", says="v7", channel=DEV)


async def test_what_another_version_left_is_answered_politely(company: Company) -> None:
    slack = AsyncWebClient(
        token=company.sandbox.slack_bot_token, base_url=company.sandbox.slack_api_url
    )
    values = {
        "Old verb": "unleash shop prod",
        "No value": "",
        "No such run": "approve run:gone --step approval --attempt 1",
    }
    buttons = [
        {
            "type": "button",
            "action_id": f"old{at}",
            "text": {"type": "plain_text", "text": label},
            "value": value,
        }
        for at, (label, value) in enumerate(values.items())
    ]
    blocks = [{"type": "actions", "elements": buttons}]
    posted = await slack.chat_postMessage(channel="C04SHOPPROD", text="old", blocks=blocks)
    card: Message = {"ts": posted["ts"]}

    assert "made by another version" in await company.is_told("dev", "Old verb", card)
    assert "does not know that button" in await company.is_told("dev", "No value", card)
    assert "run" in await company.is_told("sre", "No such run", card)
    shown = await company.world.messages(PROD, viewer="dev2")
    assert [each["text"] for each in shown] == ["old"]


async def test_commands_and_shortcuts_and_forms_of_others_are_answered_privately(
    company: Company,
) -> None:
    sandbox = company.sandbox
    sandbox.install(
        {
            "slash_commands": [{"command": "/undeploy"}],
            "shortcuts": [
                {"name": "Sail", "type": "global", "callback_id": "sail"},
                {"name": "Sink", "type": "message", "callback_id": "sink"},
            ],
        }
    )
    said = await company.world.say("dev", PROD, "hello")

    assert "does not know the command /undeploy" in await company.asks("dev", "/undeploy shop")
    told = await uses(company, "dev", "Sink", said)
    assert "does not know that shortcut" in company.read(*told["messages"])
    assert (await uses(company, "dev", "Sail"))["ok"]
    direct = await company.world.wait_for(
        "a direct message", "D01DEV", lambda each: "shortcut" in company.read(each)
    )
    assert not direct["ephemeral"]
