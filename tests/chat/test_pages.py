"""What people read in every state of a run, word for word."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.presenters import card, thread
from bot.events import ApprovalRequested
from tests.builders import a_run, a_step
from tests.chat.story import CATALOG, SCENES, pages, read

GOLDEN = Path(__file__).parent / "golden" / "pages.txt"


def test_every_state_reads_as_it_was_agreed() -> None:
    assert pages() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SCENES)
def test_a_card_offers_what_can_be_done_now_and_nothing_else(name: str) -> None:
    shown = read(card.card(SCENES[name].run, CATALOG))

    ended = SCENES[name].run.phase.ended
    assert ("[Stop]" in shown) is not ended
    assert ("[Approve]" in shown) is (name == "waiting for an approval")
    assert ("[Retry]" in shown) is (ended and name != "succeeded")


def test_a_request_of_an_older_attempt_offers_no_answer() -> None:
    scene = SCENES["waiting for an approval"]
    asked = next(each for each in scene.events if isinstance(each, ApprovalRequested))
    step = scene.run.step(asked.step)
    assert step is not None
    later = replace(step, attempt=asked.attempt + 1)

    shown = read(thread.approval(scene.run, later, asked.attempt, CATALOG))

    assert "no longer open" in shown
    assert "[" not in shown


def test_a_long_workflow_is_folded_where_it_went_well_and_keeps_what_matters() -> None:
    run = a_run(*(a_step(f"step-{number}") for number in range(1, 101)))
    states = SCENES["failed"].run.steps
    done, failed = SCENES["succeeded"].run.steps[0], states[0]
    steps = [
        replace(done if number <= 90 else failed if number == 91 else each, name=each.name)
        for number, each in enumerate(run.steps, 1)
    ]

    shown = read(card.card(replace(run, steps=tuple(steps)), CATALOG))

    assert "71 more steps done" in shown
    assert "4 more steps to come" in shown
    assert "step-91" in shown
    assert "web: image cannot be pulled" in shown
    assert len(shown.splitlines()) < 50
