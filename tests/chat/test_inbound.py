"""Slack's payloads as requests: what is asked, by whom, and which deliveries are one and the same."""

import copy
from typing import Any

import pytest

from bot.chat.gateway import Way
from bot.chat.slack import inbound

COMMAND: dict[str, Any] = {
    "command": "/deploy",
    "text": " shop prod v1 ",
    "user_id": "U01DEV",
    "channel_id": "C04SHOPPROD",
    "trigger_id": "1.2.abc",
    "response_url": "https://hooks.example/1",
}
CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U03SRE"},
    "channel": {"id": "C04SHOPPROD"},
    "container": {"type": "message", "message_ts": "1.1", "channel_id": "C04SHOPPROD"},
    "response_url": "https://hooks.example/2",
    "trigger_id": "3.4.def",
    "actions": [{"action_id": "approve", "value": "approve run:one", "action_ts": "7.7"}],
}
VIEW: dict[str, Any] = {
    "user": {"id": "U03SRE"},
    "view": {
        "id": "V1",
        "hash": "h",
        "private_metadata": '{"command": "reject run:one", "channel": "C04SHOPPROD"}',
        "state": {
            "values": {
                "reason": {"reason": {"type": "plain_text_input", "value": "errors"}},
                "env": {"env": {"type": "static_select", "selected_option": {"value": "prod"}}},
                "note": {"note": {"type": "plain_text_input", "value": None}},
                "when": {"when": {"type": "static_select", "selected_option": None}},
            }
        },
    },
}


def changed(payload: dict[str, Any], *path: str | int, to: Any) -> dict[str, Any]:
    made = copy.deepcopy(payload)
    here: Any = made
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = to
    return made


def command_id(payload: dict[str, Any]) -> str:
    return inbound.from_command(payload)[0].asker.request


def click_id(payload: dict[str, Any]) -> str:
    return inbound.from_action(payload)[0].asker.request


def test_a_slash_command_is_its_verb_and_text() -> None:
    received, way = inbound.from_command(COMMAND)

    assert received.text == "deploy  shop prod v1"
    assert (received.asker.identity, received.asker.channel) == ("U01DEV", "C04SHOPPROD")
    assert received.asker.via == "command"
    assert way == Way(response_url="https://hooks.example/1", trigger="1.2.abc")


def test_the_general_command_has_its_verb_in_the_text_and_alone_asks_for_help() -> None:
    general = changed(COMMAND, "command", to="/shipmate")

    assert inbound.from_command(changed(general, "text", to="status"))[0].text == "status"
    assert inbound.from_command(changed(general, "text", to=""))[0].text == "help"
    assert inbound.from_command(changed(COMMAND, "text", to=""))[0].text == "deploy"


def test_a_command_delivered_twice_is_one_and_typed_twice_is_two() -> None:
    assert command_id(COMMAND) == command_id(copy.deepcopy(COMMAND))
    assert command_id(COMMAND) != command_id(changed(COMMAND, "trigger_id", to="1.3.abc"))


def test_a_button_is_its_command() -> None:
    received, way = inbound.from_action(CLICK)

    assert received.text == "approve run:one"
    assert (received.asker.identity, received.asker.via) == ("U03SRE", "button")
    assert not way.replaces


def test_a_press_delivered_twice_is_one_and_each_other_press_is_another() -> None:
    others = [
        changed(CLICK, "actions", 0, "action_ts", to="8.8"),
        changed(CLICK, "actions", 0, "action_id", to="reject"),
        changed(CLICK, "container", "message_ts", to="2.2"),
        changed(CLICK, "user", "id", to="U04SRE2"),
    ]

    # A repeated delivery has another trigger, which opens what it opens; the press is the same.
    assert click_id(CLICK) == click_id(changed(CLICK, "trigger_id", to="5.6"))
    assert len({click_id(each) for each in [CLICK, *others]}) == 5


def test_the_answer_to_a_private_button_takes_its_place() -> None:
    assert inbound.from_action(changed(CLICK, "container", "is_ephemeral", to=True))[1].replaces


def test_a_button_of_the_home_has_no_channel() -> None:
    home = {
        **{key: value for key, value in CLICK.items() if key not in {"channel", "response_url"}},
        "container": {"type": "view", "view_id": "V1"},
    }

    received, way = inbound.from_action(home)

    assert received.asker.channel == ""
    assert way.response_url == ""


def test_a_mention_is_its_text_and_its_event() -> None:
    event = {"user": "U01DEV", "channel": "C04SHOPPROD", "text": " <@U0SHIPMATE> status "}
    received, _ = inbound.from_mention(event, "Ev1")
    again, _ = inbound.from_mention(event, "Ev1")
    another, _ = inbound.from_mention(event, "Ev2")

    assert received.text == "<@U0SHIPMATE> status"
    assert received == again
    assert received.asker.request != another.asker.request


def test_a_form_is_its_command_and_what_was_filled_in() -> None:
    command, channel, values, asker = inbound.from_view(VIEW)

    assert (command, channel) == ("reject run:one", "C04SHOPPROD")
    assert values == {"reason": "errors", "env": "prod", "note": "", "when": ""}
    assert (asker.identity, asker.via) == ("U03SRE", "form")


def test_a_form_sent_twice_is_one_and_corrected_is_another() -> None:
    corrected = changed(
        VIEW, "view", "state", "values", "reason", "reason", "value", to="errors in checkout"
    )

    assert inbound.from_view(VIEW)[3] == inbound.from_view(copy.deepcopy(VIEW))[3]
    assert inbound.from_view(VIEW)[3] != inbound.from_view(corrected)[3]


SHORTCUT: dict[str, Any] = {
    "type": "message_action",
    "callback_id": "run_actions",
    "user": {"id": "U03SRE"},
    "channel": {"id": "C04SHOPPROD"},
    "message_ts": "1.1",
    "message": {"ts": "1.1", "text": "shop → prod"},
    "response_url": "https://hooks.example/3",
    "trigger_id": "5.6.ghi",
    "action_ts": "9.9",
}


def test_a_shortcut_on_a_message_says_which_and_where() -> None:
    asker, way, ts, key = inbound.from_message_shortcut(SHORTCUT)

    assert (asker.identity, asker.channel, asker.via) == ("U03SRE", "C04SHOPPROD", "shortcut")
    assert (ts, key) == ("1.1", "")
    assert (way.panel, way.trigger, way.replaces) == (True, "5.6.ghi", False)


def test_a_message_that_says_what_it_is_needs_not_be_looked_for() -> None:
    ours = {"event_type": inbound.METADATA, "event_payload": {"key": "one/card"}}
    theirs = {"event_type": "task_created", "event_payload": {"key": "one/card"}}

    assert inbound.from_message_shortcut(changed(SHORTCUT, "message", "metadata", to=ours))[3] == (
        "one/card"
    )
    assert inbound.from_message_shortcut(changed(SHORTCUT, "message", "metadata", to=theirs))[
        3
    ] == ("")


def test_a_shortcut_anywhere_has_no_channel() -> None:
    anywhere = {
        key: value
        for key, value in SHORTCUT.items()
        if key not in {"channel", "message", "message_ts", "response_url"}
    }
    asker, way = inbound.from_shortcut({**anywhere, "type": "shortcut", "callback_id": "deploy"})
    again = inbound.from_shortcut({**anywhere, "callback_id": "deploy"})[0]

    assert (asker.channel, way.response_url) == ("", "")
    assert asker.request == again.request != inbound.from_shortcut(anywhere)[0].request


def test_a_button_of_a_form_knows_its_form_and_where_that_was_opened() -> None:
    view = {
        "id": "V1",
        "type": "modal",
        "private_metadata": '{"channel": "C04SHOPPROD"}',
    }
    pressed = {
        **{key: value for key, value in CLICK.items() if key not in {"channel", "response_url"}},
        "container": {"type": "view", "view_id": "V1"},
        "view": view,
    }

    received, way = inbound.from_action(pressed)
    assert (received.asker.channel, way.view) == ("C04SHOPPROD", "V1")
    home = inbound.from_action(changed(pressed, "view", "type", to="home"))
    assert home[1].view == ""


@pytest.mark.parametrize("metadata", ["", "not json", "[]", '{"else": 1}'])
def test_a_form_that_is_not_ours_has_no_command(metadata: str) -> None:
    strange = changed(VIEW, "view", "private_metadata", to=metadata)
    assert inbound.from_view(strange)[0] == ""


def test_a_choice_is_a_request_as_a_button_is_and_what_says_nothing_is_none() -> None:
    option = {"value": "status", "text": {"type": "plain_text", "text": "Status"}}
    chosen = {"action_id": "menu", "action_ts": "7.7", "selected_option": option}
    silent = {"action_id": "date", "action_ts": "7.7", "selected_date": "2026-01-01"}

    assert inbound.from_action(changed(CLICK, "actions", to=[chosen]))[0].text == "status"
    assert inbound.from_action(changed(CLICK, "actions", to=[silent]))[0].text == ""


def test_commands_of_other_versions_are_not_ours() -> None:
    assert inbound.is_ours(COMMAND)
    assert inbound.is_ours(changed(COMMAND, "command", to="/shipmate"))
    assert not inbound.is_ours(changed(COMMAND, "command", to="/undeploy"))
