"""A form completes what was typed, and loses nothing of it."""

import pytest

from bot.chat.completion import completed, known_values, mistakes
from bot.chat.message import Form
from bot.chat.offers import fitting
from bot.chat.presenters import forms
from bot.chat.presenters.forms import Offered
from bot.command.grammar import parse
from bot.command.requests import Misunderstood
from bot.command.verbs import VERBS
from tests.chat.story import SCENES
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


RUN = SCENES["failed"].run
OFFERED = Offered(runs=(RUN,), run=RUN, steps=RUN.steps)
ANSWERS = {
    "application": "shop",
    "origin": "staging",
    "environment": "prod",
    "run": "shop/prod#1",
    "step": "hangzhou",
    "reason": "it has no users",
}
INCOMPLETE = [each.name for each in VERBS if any(one.required for one in each.arguments)]


@pytest.mark.parametrize("verb", INCOMPLETE)
def test_every_verb_that_needs_something_has_a_form_for_it(verb: str) -> None:
    problem = parse(verb)
    assert isinstance(problem, Misunderstood)
    made = forms.completion(problem, known_values(problem), "C01", company(), OFFERED)
    assert made is not None
    assert problem.problem in "".join(str(each) for line in made.intro for each in line)

    values = {each.name: ANSWERS.get(each.name, "") for each in made.fields}
    request = parse(completed(made.command, values))

    assert not isinstance(request, Misunderstood), request
    assert set(problem.missing) <= set(values)
    assert mistakes(made.command, values) == {}


def test_a_reason_that_a_verb_needs_has_to_be_filled_in() -> None:
    for verb, optional in (("reject", False), ("skip", False), ("stop", True)):
        problem = parse(verb)
        assert isinstance(problem, Misunderstood)
        made = forms.completion(problem, {}, "C01", company(), OFFERED)
        assert made is not None
        assert {each.name: each.optional for each in made.fields}["reason"] is optional


def test_a_form_names_the_mistake_and_keeps_what_was_right() -> None:
    made = form("deploy shoop")
    said = "".join(str(each) for line in made.intro for each in line)
    assert "deploy needs an environment. There is no application shoop." in said


def test_a_run_is_chosen_of_those_that_the_verb_can_be_about() -> None:
    waiting, failed = SCENES["waiting for an approval"].run, SCENES["failed"].run
    done = SCENES["succeeded"].run
    assert fitting("approve", (waiting, failed, done)) == (waiting,)
    assert fitting("stop", (waiting, failed, done)) == (waiting,)
    assert fitting("retry", (failed, done)) == (failed,)
    assert fitting("retry", (done, failed)) == ()  # another run of the same place came after it
    assert fitting("show", (waiting, failed, done)) == (waiting, failed, done)


def test_without_a_run_to_choose_there_is_no_form() -> None:
    problem = parse("stop")
    assert isinstance(problem, Misunderstood)
    assert forms.completion(problem, {}, "C01", company(), Offered()) is None


@pytest.mark.parametrize(
    ("command", "values", "wrong"),
    [
        ("deploy", FILLED | {"version": "not a tag"}, {"version": "“not a tag” is no version"}),
        ("diff", FILLED | {"newer": "v3"}, {"older": "Without this, newer means nothing."}),
        ("diff", FILLED | {"older": "three"}, {"older": "“three” is no revision"}),
        ("skip run:1 hangzhou", {"reason": "x" * 501}, {"reason": "at most 500 characters"}),
        ("stop", {"run": ""}, {"run": "This is needed."}),
    ],
)
def test_a_form_that_is_wrong_says_what_at_its_field(
    command: str, values: dict[str, str], wrong: dict[str, str]
) -> None:
    found = mistakes(command, values)

    assert found.keys() == wrong.keys()
    assert all(wrong[each] in found[each] for each in wrong)
    assert completed(command, values) == command


def test_a_skip_takes_its_reason_from_the_form() -> None:
    assert (
        completed("skip run:1 hangzhou", {"reason": "it has\nno users"})
        == 'skip run:1 hangzhou "it has no users"'
    )
