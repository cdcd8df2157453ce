"""What people read in every state of a run, word for word."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.language import LANGUAGES, speaking
from bot.chat.presenters import card, thread
from bot.events import ApprovalRequested, Log, StepFailed, StepSucceeded
from tests.builders import a_run, a_step, at
from tests.chat.story import CATALOG, SCENES, pages, read

WAITING = {"waiting for an approval", "waiting until somebody is too late"}
GOLDEN = Path(__file__).parent / "golden"
"""What was agreed; written anew by `python -m tests.chat.story [LANGUAGE]`."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_reads_as_it_was_agreed(language: str) -> None:
    agreed = GOLDEN / language / "pages.txt"
    with speaking(language):
        assert pages() == agreed.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SCENES)
def test_a_card_offers_what_can_be_done_now_and_nothing_else(name: str) -> None:
    shown = read(card.card(SCENES[name].run, CATALOG, SCENES[name].standing))

    ended = SCENES[name].run.phase.ended
    assert ("[Stop]" in shown) is not ended
    assert ("[Approve]" in shown) is (name in WAITING)
    retried = ended and name not in {"succeeded", "several failed"} and SCENES[name].run.begun
    assert ("[Retry]" in shown) is retried
    assert ("again]" in shown) is SCENES[name].run.unbegun


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


def test_a_step_that_succeeds_without_a_word_is_not_told() -> None:
    quiet = StepSucceeded(at=at(1), step="hangzhou", attempt=1)

    assert not thread.is_told(quiet)
    assert not thread.is_told(replace(quiet, log=Log(name="empty.log", text="")))
    assert thread.is_told(replace(quiet, details=("done",)))
    assert thread.is_told(replace(quiet, log=Log(name="job.log", text="done")))


def test_of_too_many_last_words_the_first_and_the_last_are_read() -> None:
    details = ("pod web-5d9 failed", *(f"line {number} {'x' * 90}" for number in range(200)))
    event = StepFailed(
        at=at(1), step="hangzhou", attempt=1, reason="Action", message="no", details=details
    )

    shown = read(thread.told(a_run(a_step("hangzhou")), event))

    assert "pod web-5d9 failed" in shown
    assert "line 199 " in shown
    assert "line 100 " not in shown
    assert " lines left out …" in shown
    assert 2200 < len(shown) < 2700


def test_a_log_that_is_missing_below_its_message_is_spoken_of() -> None:
    event = StepSucceeded(at=at(1), step="hangzhou", attempt=1, details=("1 row",))
    why = "Slack refused: missing_scope (the app needs the scope files:write)"

    shown = read(thread.told(a_run(a_step("hangzhou")), event, unattached=why))
    shown = shown.replace("\u200b", "")  # keeps _ from being markup

    assert "hangzhou is done. Its last words:\n1 row" in shown
    assert f"The log could not be attached. {why}" in shown


def test_no_two_files_have_one_name_and_none_has_an_odd_one() -> None:
    event = StepSucceeded(
        at=at(1), step="deploy to 杭州/a", attempt=2, log=Log(name="job.log", text="done")
    )
    run = a_run(a_step("deploy to 杭州/a"), number=17)

    made = thread.attachment(run, event)

    assert (made.name, made.title) == ("shop-prod-17-deploy-to-杭州-a-2.log", "job.log")
    assert thread.attachment(run, replace(event, attempt=3)).name != made.name
