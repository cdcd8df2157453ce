"""The run panel: the card, and what people otherwise type."""

from dataclasses import replace

import pytest

from bot.chat.message import Actions, Message
from bot.chat.presenters.panel import panel
from bot.chat.slack import render
from bot.command.grammar import parse
from bot.command.requests import Misunderstood
from bot.events import PersonName
from bot.run.model import Run, RunPhase
from tests.builders import NOON, a_run
from tests.operations.company import company


def offered(message: Message) -> list[str]:
    return [
        button.label
        for block in message.blocks
        if isinstance(block, Actions)
        for button in block.buttons
    ]


def in_phase(phase: RunPhase) -> Run:
    return replace(a_run(), phase=phase, ended=NOON if phase.ended else None)


@pytest.mark.parametrize(
    ("phase", "labels"),
    [
        (RunPhase.EXECUTING, ["Stop", "Pause"]),
        (RunPhase.FAILED, ["Retry", "Restart"]),
        (RunPhase.TERMINATED, ["Retry", "Restart"]),
        (RunPhase.SUCCEEDED, []),
    ],
)
def test_what_is_offered_is_what_can_be_done(phase: RunPhase, labels: list[str]) -> None:
    shown = panel(in_phase(phase), company())

    assert offered(shown) == labels
    assert ("nothing to be done" in str(shown.blocks)) == (not labels)


def test_a_paused_run_is_not_paused_again() -> None:
    paused = replace(in_phase(RunPhase.SUSPENDING), suspended_by=PersonName("sre"))
    assert offered(panel(paused, company())) == ["Resume", "Stop"]


@pytest.mark.parametrize("phase", RunPhase)
def test_each_button_is_a_request_and_has_an_id_of_its_own(phase: RunPhase) -> None:
    shown = panel(in_phase(phase), company())
    commands = [
        button.command
        for block in shown.blocks
        if isinstance(block, Actions)
        for button in block.buttons
    ]
    view = render.panel(shown, {}, "Run actions", "{}")
    actions = [
        each["action_id"]
        for block in view["blocks"]
        for each in block.get("elements", [])
        if block["type"] == "actions"
    ]

    assert not any(isinstance(parse(each), Misunderstood) for each in commands)
    assert len(set(actions)) == len(actions)
