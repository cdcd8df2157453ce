"""What people read of plans, drift and differences, word for word; and that Slack takes the largest of them."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.language import LANGUAGES, speaking
from bot.chat.message import Actions, Message
from bot.chat.presenters.plans import proposal
from bot.chat.slack import render
from bot.command.grammar import parse
from bot.command.requests import Deploy, Diff, Promote, Rollback, Stop
from bot.forecast.fates import Fate
from bot.sandbox.slack import blocks as kit
from tests.chat.outlooks import (
    LASTING,
    PAGES,
    WEB,
    change,
    drifted,
    going_back,
    many,
    obj,
    pages,
    planned,
    shown,
)
from tests.chat.story import IDS, read

GOLDEN = Path(__file__).parent / "golden"
"""What was agreed; written anew by `python -m tests.chat.outlooks [LANGUAGE]`."""
OFFERED = Deploy | Diff | Promote | Rollback | Stop
PHONE = 80
"""Lines that a person scrolls through without losing the thread."""


def commands(message: Message) -> list[str]:
    """List what the buttons of a message ask for."""
    rows = [each for each in message.blocks if isinstance(each, Actions)]
    return [button.command for row in rows for button in row.buttons]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_reads_as_it_was_agreed(language: str) -> None:
    agreed = GOLDEN / language / "outlooks.txt"
    with speaking(language):
        assert pages() == agreed.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_button_is_a_request_that_a_person_could_type(name: str) -> None:
    for each in commands(shown(PAGES[name])):
        assert each == "cancel" or isinstance(parse(each), OFFERED), each


def test_the_button_of_a_plan_is_the_same_request_without_the_plan() -> None:
    plan = PAGES["a plan"]
    assert commands(shown(plan)) == ["deploy shop prod v1.4.2"]


def test_the_button_of_a_promotion_s_plan_promotes() -> None:
    assert commands(shown(PAGES["a plan of a promotion"])) == ["promote shop staging prod"]


def test_a_plan_that_is_too_long_offers_its_targets_as_a_whole() -> None:
    offered = commands(shown(PAGES["a plan that is too long"]))
    assert offered == [
        "deploy shop prod v1.4.2",
        *(
            f"deploy shop prod v1.4.2 --plan --show {each}"
            for each in ("hangzhou", "frankfurt", "dublin")
        ),
    ]


@pytest.mark.parametrize("show", ["", "hangzhou", "service-3"])
def test_slack_takes_the_largest_plan_and_a_phone_can_show_it(show: str) -> None:
    large = many(200, ("hangzhou", "frankfurt", "dublin"))
    for result in (
        planned(large, show=show),
        drifted(large, show=show),
        going_back(large, *LASTING, show=show),
    ):
        _, blocks = render.text_and_blocks(shown(result), IDS)
        assert kit.problems(blocks, "message") == []
        assert len(blocks) <= 50
        assert kit.text_length(blocks) <= (11_000 if show else 6_000)
        assert len(read(shown(result)).splitlines()) <= (2 * PHONE if show else PHONE)
        assert blocks[-1]["type"] == "actions" or not commands(shown(result))


texts = st.text(max_size=300)
fields = st.builds(change, texts, texts, texts)
objects = st.builds(
    lambda name, fate, changes, said: obj("Deployment", name, fate, changes=changes, said=said),
    st.text(min_size=1, max_size=80),
    st.sampled_from(Fate),
    st.lists(fields, max_size=30).map(tuple),
    texts,
)


@given(st.lists(objects, max_size=60))
def test_slack_takes_whatever_there_is_to_say(found: list[object]) -> None:
    forecast = many(0, ("hangzhou",))
    (target,) = forecast.targets
    full = replace(forecast, targets=(replace(target, objects=tuple(found)),))  # type: ignore[arg-type] # they are
    _, blocks = render.text_and_blocks(shown(planned(full)), IDS)
    assert kit.problems(blocks, "message") == []
    assert kit.text_length(blocks) <= kit.MOST_TEXT
    assert blocks[-1]["elements"][0]["text"]["text"] == "Deploy"


def test_what_is_the_same_everywhere_is_said_once() -> None:
    names = ("hangzhou", "frankfurt", "dublin")
    (target,) = many(0, ("x",)).targets
    targets = tuple(replace(target, name=each, objects=(WEB,)) for each in names)
    said = read(shown(planned(replace(many(0, ()), targets=targets))))
    assert said.count("Deployment web") == 1
    assert "Deployment web · everywhere" in said


def test_what_is_in_force_is_gone_back_to_from_a_run_that_is_no_revision_yet() -> None:
    asked = going_back(many(1, ("hangzhou",)))
    said = proposal(replace(asked, target=asked.current)).summary
    assert said == "Roll back shop in prod to v7?"
