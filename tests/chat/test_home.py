"""The App Home has room for any company, keeps every button, and shows each person what is theirs."""

from dataclasses import replace

from bot.chat.message import Actions, Message
from bot.chat.presenters import home
from bot.chat.slack import render
from bot.demo.transcript import Transcript
from bot.events import RunId
from bot.operations.overview import Survey, seen_by
from bot.operations.results import Place
from bot.policy.holds import Hold, HoldKind
from bot.policy.people import unknown_person
from bot.run.model import Run
from bot.sandbox.slack import blocks as kit
from tests.builders import NOON
from tests.chat.story import CATALOG, IDS, SCENES

WAITING = SCENES["waiting for an approval"].run
TWO_NEEDED = SCENES["side by side"].run


def numbered(run: Run, number: int) -> Run:
    return replace(run, id=RunId(f"run{number}"), number=number)


def survey(*runs: Run) -> Survey:
    places = [
        Place(application="shop", environment=each.environment, revision=None, run=each)
        for each in runs
    ]
    return Survey(
        places=tuple(places),
        unfinished=tuple(each for each in runs if not each.phase.ended),
        recent=runs,
    )


def shown(person: str, *runs: Run) -> Message:
    return home.home(seen_by(CATALOG.people[person], CATALOG, survey(*runs)), CATALOG)


def read(message: Message) -> str:
    return Transcript({}).text_of({"text": "", "blocks": render.home(message, IDS)["blocks"]})


def test_a_home_with_very_much_in_it_fits_and_loses_no_button() -> None:
    message = shown("sre", *(numbered(WAITING, number) for number in range(60)))

    view = render.home(message, IDS)

    assert kit.problems(view["blocks"], "home") == []
    assert len(view["blocks"]) == len(message.blocks)
    assert sum(isinstance(each, Actions) for each in message.blocks) == home.MOST_WAITING
    assert "and 50 more, on their cards" in read(message)


def test_only_those_who_may_answer_and_have_not_are_asked() -> None:
    assert "[Approve] [Reject]" in read(shown("sre", WAITING))
    assert "[Approve]" not in read(shown("dev", WAITING))
    assert "[Approve]" not in read(shown("admin", WAITING))

    asked = seen_by(CATALOG.people["sre"], CATALOG, survey(TWO_NEEDED)).waiting
    assert [step.name for _, step in asked] == ["legal"], "sre has said yes to security"
    asked = seen_by(CATALOG.people["sre2"], CATALOG, survey(TWO_NEEDED)).waiting
    assert [step.name for _, step in asked] == ["legal", "security"]


def test_what_someone_did_and_may_do_stands_there() -> None:
    said = read(shown("dev", SCENES["succeeded"].run, SCENES["failed"].run))

    assert "My deliveries" in said
    assert "✓ shop/prod#1 · v1.4.2 · succeeded · v7" in said
    assert "I may deploy in: dev, prod." in said
    assert "I may approve in: no environment." in said


def test_cards_are_led_to_and_locks_have_a_place() -> None:
    lock = Hold(
        kind=HoldKind.LOCK,
        environment="prod",
        by="admin",
        reason="the sale",
        since=NOON,
        until=None,
    )
    found = replace(survey(WAITING), holds=(lock,), at=NOON)
    overview = seen_by(CATALOG.people["sre"], CATALOG, found)
    links = {WAITING.id: "https://shop.slack.example/archives/C01/p1"}
    message = home.home(overview, CATALOG, links=links)

    assert "archives/C01/p1" in str(render.home(message, IDS))
    assert "prod is locked by admin · the sale" in read(message)


def test_a_stranger_is_told_how_to_be_known() -> None:
    refused = unknown_person(CATALOG, chat="slack", identity="U09", email="x@y.example")
    assert "I do not know you (U09)" in read(home.stranger(refused))
