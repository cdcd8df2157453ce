"""Where a run is told, in each chat, and what a message needs there."""

from dataclasses import replace

import pytest

from bot.chat.announcer import message_of, messages_for
from bot.chat.offering import adapted
from bot.chat.places import card_key, chats_of, keyed, place_in, run_of
from bot.chat.ports import Kind
from bot.chat.presenters import card
from bot.events import EmergencyDeclared, Log, PersonName, Recorded, RunStarted, StepFailed
from bot.run.locks import Lock, LockChange, RecordedChange
from bot.run.model import Run
from tests.builders import NOON, a_run, at
from tests.chat.story import CATALOG, SCENES, STEPS

BOTH = ("slack", "dingtalk")


def told(slack: str, group: str, asked: str) -> Run:
    """Make a run of an environment with these conversations, asked for in a chat."""
    run = a_run(*STEPS)
    environment = replace(run.plan.environment, slack_channel=slack, dingtalk_group=group)
    origin = replace(run.origin, chat=asked, channel="here")
    return replace(run, plan=replace(run.plan, environment=environment), origin=origin)


@pytest.mark.parametrize(
    ("slack", "group", "asked", "places"),
    [
        ("shop-prod", "", "slack", {"slack": "shop-prod"}),
        ("", "", "slack", {"slack": "here"}),
        ("shop-prod", "cid1", "slack", {"slack": "shop-prod", "dingtalk": "cid1"}),
        ("shop-prod", "", "dingtalk", {"slack": "shop-prod", "dingtalk": "here"}),
        ("", "", "dingtalk", {"dingtalk": "here"}),
        ("", "cid1", "slack", {"slack": "here", "dingtalk": "cid1"}),
    ],
)
def test_a_run_is_told_where_its_environment_says_or_where_it_was_asked_for(
    slack: str, group: str, asked: str, places: dict[str, str]
) -> None:
    run = told(slack, group, asked)
    assert {each: place_in(run, each) for each in chats_of(run, BOTH)} == places
    assert chats_of(run, ("slack",)) == tuple(each for each in places if each == "slack")


def test_each_chat_has_messages_of_its_own() -> None:
    run = told("shop-prod", "cid1", "slack")
    started = Recorded(run=run.id, number=1, sequence=1, event=RunStarted(at=at(1)))

    found = [messages_for(run, started, chat)[0] for chat in BOTH]

    assert [each.channel for each in found] == ["shop-prod", "cid1"]
    assert [each.key for each in found] == [f"{run.id}/card", f"dingtalk:{run.id}/card"]
    assert keyed("a", "slack") == "a"
    assert card_key("1", "dingtalk") == "dingtalk:1/card"


def test_the_log_of_a_step_is_a_file_where_files_can_be_shown() -> None:
    run = told("shop-prod", "cid1", "slack")
    log = Log(name="a.log", text="b")
    event = StepFailed(
        at=at(1), step="hangzhou", attempt=1, reason="Execute", message="no", log=log
    )
    failed = Recorded(run=run.id, number=4, sequence=4, event=event)

    kinds = {chat: {each.kind for each in messages_for(run, failed, chat)} for chat in BOTH}

    assert kinds["slack"] - kinds["dingtalk"] == {Kind.FILE}


def test_an_emergency_is_said_once_where_there_are_no_threads() -> None:
    run = told("shop-prod", "cid1", "slack")
    event = EmergencyDeclared(
        at=at(1), step="hangzhou", attempt=1, by=PersonName("sre"), reason="x"
    )
    declared = Recorded(run=run.id, number=4, sequence=4, event=event)

    places = {
        chat: [
            each.in_thread for each in messages_for(run, declared, chat) if "emergency" in each.key
        ]
        for chat in BOTH
    }

    assert places == {"slack": [True, False], "dingtalk": [False]}


@pytest.mark.parametrize(
    ("channel", "asked", "where"),
    [("cid1", "slack", "cid1"), ("", "dingtalk", "here"), ("", "slack", None)],
)
def test_a_lock_is_told_where_its_environment_says_or_where_it_was_asked_for(
    channel: str, asked: str, where: str | None
) -> None:
    lock = Lock(environment="prod", by="dev", reason="it moves", since=NOON)
    change = LockChange(at=NOON, by="dev", channel="here", chat=asked, after=lock)

    made = message_of(RecordedChange(number=3, change=change), "dingtalk", channel)

    assert (made.channel if made else None) == where
    assert made is None or made.key == "dingtalk:lock/3"


def test_a_button_says_how_it_is_typed_and_whom_it_is_for() -> None:
    run = SCENES["waiting for an approval"].run

    message = adapted(card.card(run, CATALOG), run, CATALOG, named=False)

    buttons = {
        each.label: each for block in message.blocks for each in getattr(block, "buttons", ())
    }
    assert buttons["Approve"].typed == "approve shop/prod#1"
    assert buttons["Approve"].people == ("sre", "sre2")
    assert buttons["Stop"].people is None
    assert "--shown" in buttons["Approve"].command, "a press is about exactly what was shown"


def test_of_several_gates_the_typed_request_names_the_step() -> None:
    run = SCENES["waiting for an approval"].run
    step = next(each for each in run.steps if each.at_gate)
    two = replace(run, steps=(replace(step, name="legal"), replace(step, name="security")))

    message = adapted(card.card(two, CATALOG), two, CATALOG, named=True)

    typed = [each.typed for block in message.blocks for each in getattr(block, "buttons", ())]
    assert "approve shop/prod#1 --step legal" in typed


@pytest.mark.parametrize("chat", BOTH)
def test_the_key_of_a_message_says_which_run_it_is_about(chat: str) -> None:
    assert run_of(card_key("run1", chat)) == "run1"
    assert run_of(keyed("run1/event/3", chat)) == "run1"
    assert run_of(keyed("lock/7", chat)) == ""
    assert run_of("") == ""
