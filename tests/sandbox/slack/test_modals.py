"""Modals between people and an app by Bolt for Python: opened, filled in, complained about, pushed and cleared."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.shelf import Shelf
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.modals import NO_ANSWER
from bot.sandbox.slack.workspace import Workspace
from tests.sandbox.slack.conftest import Listening, People

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def modal(title: str, *blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain(title),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


def asks(block_id: str, label: str, **element: Any) -> Json:
    inner = {"type": "plain_text_input", "action_id": f"{block_id}_text", **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": inner}


def button(action: str) -> Json:
    made = {"type": "button", "action_id": action, "text": plain(action), "value": action}
    return {"type": "actions", "elements": [made]}


FORM = modal("Why", asks("reason", "Reason", min_length=3, max_length=20))


@pytest.fixture
def app(listening: Listening, slack: AsyncWebClient) -> Listening:
    """An app that opens a form for /deploy and hears what is sent with it."""

    @listening.app.command("/deploy")
    async def opens(ack: Any, body: Json) -> None:
        await ack()
        opened = await slack.views_open(trigger_id=body["trigger_id"], view=FORM)
        listening.heard.put_nowait({"opened": opened["view"], **body})

    return listening


async def opened(app: Listening, people: People) -> str:
    await people.do("slack/say", user="dev", channel="general", text="/deploy")
    await app.next()
    view: Json = (await people.see("slack/view", user="dev"))["view"]
    return str(view["id"])


def answering(app: Listening, *answers: Json | None) -> None:
    """Answer one form after the other; None is an empty acknowledgement."""
    left = list(answers)

    @app.app.view("form")
    async def sent(ack: Any, body: Json) -> None:
        app.heard.put_nowait(body)
        answer = left.pop(0)
        await (ack() if answer is None else ack(**answer))


async def test_slack_complains_before_the_app_is_asked(app: Listening, people: People) -> None:
    view = await opened(app, people)

    async def sends(**values: str) -> Json:
        return await people.do("slack/submit", user="dev", view_id=view, values=values)

    assert await sends() == {
        "ok": False,
        "errors": {"Reason": "Please complete this required field."},
    }
    assert "at least 3" in (await sends(Reason="no"))["errors"]["Reason"]
    assert "at most 20" in (await sends(Reason="x" * 21))["errors"]["Reason"]
    assert app.heard.empty()


async def test_an_apps_complaints_leave_the_form_open(app: Listening, people: People) -> None:
    view = await opened(app, people)
    answering(app, {"response_action": "errors", "errors": {"reason": "Too vague."}}, None)

    refused = await people.do(
        "slack/submit", user="dev", view_id=view, values={"Reason": "because"}, wait=False
    )
    taken = await people.do(
        "slack/submit", user="dev", view_id=view, values={"Reason": "it breaks"}, wait=False
    )

    assert refused == {"ok": False, "errors": {"reason": "Too vague."}}
    assert taken["ok"]
    state = (await app.next())["view"]["state"]["values"]
    assert state == {"reason": {"reason_text": {"type": "plain_text_input", "value": "because"}}}
    assert (await people.see("slack/view", user="dev"))["view"] is None


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "?"}},
        {"response_action": "update", "view": {"type": "home", "blocks": []}},
        {"response_action": "dance"},
    ],
)
async def test_an_answer_that_slack_cannot_use_leaves_the_form_open(
    app: Listening, people: People, answer: Json
) -> None:
    view = await opened(app, people)
    answering(app, answer)

    told = await people.do(
        "slack/submit", user="dev", view_id=view, values={"Reason": "because"}, wait=False
    )

    assert told == {"ok": False, "error": NO_ANSWER}
    assert (await people.see("slack/view", user="dev"))["view"]["id"] == view


async def test_views_lie_above_each_other_until_they_are_cleared(
    app: Listening, people: People
) -> None:
    view = await opened(app, people)
    push = {"response_action": "push", "view": FORM}
    update = {"response_action": "update", "view": modal("Again", asks("reason", "Reason"))}
    answering(app, push, push, push, update, None, {"response_action": "clear"})

    async def sends(name: str) -> Json:
        return await people.do(
            "slack/submit", user="dev", view_id=name, values={"Reason": "so be"}, wait=False
        )

    second = (await sends(view))["view"]
    third = (await sends(second["id"]))["view"]
    assert (second["root_view_id"], third["previous_view_id"]) == (view, second["id"])
    assert (await sends(third["id"]))["error"] == NO_ANSWER  # three is the most
    assert (await sends(third["id"]))["view"]["title"]["text"] == "Again"
    assert "view" not in await sends(third["id"])
    assert (await people.see("slack/view", user="dev"))["view"]["id"] == second["id"]
    assert (await sends(second["id"]))["response_action"] == "clear"
    assert (await people.see("slack/view", user="dev"))["view"] is None


async def test_a_button_of_a_modal_pushes_onto_it_and_says_when_it_is_closed(
    app: Listening, slack: AsyncWebClient, people: People
) -> None:
    @app.app.action("more")
    async def more(ack: Any, body: Json) -> None:
        await ack()
        app.heard.put_nowait(body)
        await slack.views_push(trigger_id=body["trigger_id"], view=FORM | {"notify_on_close": True})

    @app.app.view_closed("form")
    async def closed(ack: Any, body: Json) -> None:
        await ack()
        app.heard.put_nowait(body)

    view = await opened(app, people)
    updated = await slack.views_update(view_id=view, view=modal("More", button("more")))
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await slack.views_update(view_id=view, view=FORM, hash="1.2")
    pressed = await people.do("slack/click", user="dev", view_id=view, button="more")

    body = await app.next()
    assert (body["container"], body["view"]["hash"]) == (
        {"type": "view", "view_id": view},
        updated["view"]["hash"],
    )
    assert pressed["view"]["previous_view_id"] == view
    await people.do("slack/submit", user="dev", view_id=pressed["view"]["id"], close=True)
    assert (await app.next())["type"] == "view_closed"
    assert (await people.see("slack/view", user="dev"))["view"]["id"] == view


async def test_a_trigger_is_used_once(
    app: Listening, slack: AsyncWebClient, people: People
) -> None:
    await people.do("slack/say", user="dev", channel="general", text="/deploy")
    trigger = (await app.next())["trigger_id"]
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await slack.views_open(trigger_id=trigger, view=FORM)


def test_a_trigger_lives_three_seconds_and_a_response_url_half_an_hour() -> None:
    now = [1000.0]
    workspace = Workspace(Shelf(None), changed=lambda _: None, clock=lambda: now[0])
    late, timely = workspace.new_trigger("U01DEV"), workspace.new_trigger("U01DEV")
    url, used = (workspace.new_response("C01GENERAL", "U01DEV") for _ in range(2))

    now[0] += 2.9
    assert workspace.use_trigger(timely) == ("U01DEV", "")
    now[0] += 0.2
    with pytest.raises(SlackRefusal, match="expired_trigger_id"):
        workspace.use_trigger(late)
    for _ in range(5):
        workspace.use_response(used)
    with pytest.raises(SlackRefusal, match="used_url"):
        workspace.use_response(used)
    now[0] += 1800
    with pytest.raises(SlackRefusal, match="expired_url"):
        workspace.use_response(url)


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (modal("x" * 25, asks("a", "A")), "/view/title"),
        (FORM | {"submit": None}, "submit"),
        (FORM | {"private_metadata": "x" * 3001}, "/view/private_metadata"),
        (FORM | {"callback_id": "x" * 256}, "/view/callback_id"),
        (modal("T", asks("a", "A", min_length=9, max_length=3)), "max_length"),
        (modal("T", asks("a", "A", placeholder=plain("x" * 151))), "/placeholder"),
        (
            modal("T", {**asks("a", "A"), "element": {"type": "button", "action_id": "b"}}),
            "unsupported type: button",
        ),
        (
            modal(
                "T",
                {
                    **asks("a", "A"),
                    "element": {
                        "type": "radio_buttons",
                        "action_id": "r",
                        "options": [{"text": plain(str(n)), "value": str(n)} for n in range(11)],
                    },
                },
            ),
            "1 to 10 items",
        ),
    ],
)
async def test_a_modal_that_slack_would_not_show_is_refused_with_its_place(
    app: Listening, slack: AsyncWebClient, people: People, view: Json, said: str
) -> None:
    name = await opened(app, people)
    with pytest.raises(SlackApiError) as raised:
        await slack.views_update(view_id=name, view=view)
    assert raised.value.response["error"] == "invalid_arguments"
    assert any(said in each for each in raised.value.response["response_metadata"]["messages"])
