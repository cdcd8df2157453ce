"""A form completes what was typed, and loses nothing of it."""

import pytest

from bot.chat.completion import completed, known_values
from bot.chat.message import Form
from bot.chat.presenters import forms
from bot.command.grammar import parse
from bot.command.requests import Misunderstood
from tests.operations.company import company

FILLED = {"application": "shop", "environment": "prod", "version": "v2", "note": ""}


def form(text: str) -> Form:
    """Open the form for what a command leaves out."""
    problem = parse(text)
    assert isinstance(problem, Misunderstood)
    made = forms.completion(problem, known_values(problem), "C01", company())
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("deploy", "deploy shop prod v2"),
        ("deploy --plan", "deploy shop prod v2 --plan"),
        ("deploy web --plan --show web", "deploy shop prod v2 --plan --show web"),
        ("deploy shop --commit abcdef1", "deploy shop prod v2 --commit abcdef1"),
        ("rollback", "rollback shop prod"),
    ],
)
def test_what_was_typed_is_asked_with_what_was_missing(typed: str, asked: str) -> None:
    names = {each.name for each in form(typed).fields}
    values = {name: value for name, value in FILLED.items() if name in names}
    assert completed(form(typed).command, values) == asked


def test_a_form_begins_with_what_was_typed() -> None:
    initial = {each.name: each.initial for each in form("deploy shop --note hotfix").fields}
    assert initial == {"application": "shop", "environment": "", "version": "", "note": "hotfix"}


def test_what_a_form_leaves_empty_is_not_there() -> None:
    made = form("deploy shop --note hotfix")
    assert completed(made.command, FILLED) == "deploy shop prod v2"


def test_a_form_for_a_plan_says_that_it_is_one() -> None:
    made = form("deploy --plan")
    assert (made.title, made.submit) == ("Plan", "Plan")
    assert "note" not in {each.name for each in made.fields}


def test_a_form_asks_what_is_locked_and_why() -> None:
    made = form("lock --version v2")
    assert [each.name for each in made.fields] == [
        "environment",
        "application",
        "reason",
        "lasting",
    ]
    filled = {"environment": "prod", "application": "", "reason": "it moves", "lasting": "2h"}
    assert completed(made.command, filled) == 'lock prod "it moves" --for 2h --version v2'
    kept = {each.name: each.initial for each in form("lock prod --for 30m").fields}
    assert kept == {"environment": "prod", "application": "", "reason": "", "lasting": "30m"}
    assert completed(form("unlock").command, {"environment": "prod", "application": "shop"}) == (
        "unlock prod --app shop"
    )
