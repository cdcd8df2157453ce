"""What cannot be read is answered with what was read, the right form and the nearest words."""

import pytest

from bot.command.forms import Verb
from bot.command.grammar import from_slash, parse
from bot.command.requests import Misunderstood
from bot.command.verbs import VERBS


def misunderstood(text: str) -> Misunderstood:
    found = parse(text)
    assert isinstance(found, Misunderstood)
    return found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("deplyo shop prod", "I do not know the verb “deplyo”."),
        ("help deplyo", "I do not know the verb “deplyo”."),
        ("deploy shop prod v1 --nte x", "deploy has no option “--nte”."),
        ("approve run:1 --stpe x", "approve has no option “--stpe”."),
        ("deploy shop prod v1 v2", "I do not know what to do with “v2”."),
        ("deploy shop prod v1 --note", "--note needs a value after it."),
        ("deploy shop prod v1 --note --commit abcdef1", "--note needs a value after it."),
        ("deploy shop prod v1 --note a --note b", "--note is given twice."),
        (
            "deploy shop prod --note fix it",
            'Put the text after --note in quotes: --note "two words".',
        ),
        ("deploy shop prod --note “fix", "The quotation mark at ““fix” is not closed."),
        (
            "deploy shop prod v1 --note “it is a “fix” now”",
            "I do not know what to do with “now””.",
        ),
        ("deploy sh*p prod", "“sh*p” is no name of an application."),
        ("deploy shop/prod#17", "“shop/prod#17” is no name of an application."),
        (
            "deploy shop prod v1/2",
            "“v1/2” is no version: a version is an image tag such as v1.4.2.",
        ),
        ("deploy shop prod web=", "“” is no image for web."),
        ('deploy shop prod web="a b"', "“a b” is no image for web."),
        ("deploy shop prod web=Shop/WEB:1", "“Shop/WEB:1” is no image for web."),
        ("deploy shop prod web=a web=b", "An image for web is given twice."),
        (
            "deploy shop prod --commit xyz",
            "“xyz” is no commit: a commit has 7 to 40 hexadecimal digits.",
        ),
        ("rollback shop prod v0", "“v0” is no revision; revisions are called v1, v2 and so on."),
        ("rollback shop prod --confirm yes", "“yes” is no confirmation."),
        ("show #17", "“#17” is no run; runs are called shop/prod#17."),
        ("show shop/prod", "“shop/prod” is no run; runs are called shop/prod#17."),
        ("approve run:1 --attempt one", "“one” is no number."),
        ('retry run:1 ""', "The name of a step is empty."),
        (
            "stop run:1 " + "x" * 501,
            "A note or reason has at most 500 characters; this one has 501.",
        ),
        (
            "deploy shop prod v1 --at teatime",
            '“teatime” is no time. Write 18:00, 2026-11-27T18:00 or "in 2h"; '
            "a zone may follow: 18:00 Europe/Berlin.",
        ),
        (
            "deploy shop prod v1 --at 18:00 --plan",
            "--at says when to begin, and --plan begins nothing.",
        ),
        ("promote shop staging", "promote needs an environment."),
        ("promote shop", "promote needs the environment to promote from and an environment."),
        ("deploy shop prod v1 --plan=yes", "--plan stands alone, without a value."),
        ("deploy shop prod --plan --plan", "--plan is given twice."),
        ("deploy shop prod --show web", "--show says more of --plan: give that, too."),
        ("diff shop prod v3 --live", "--live is about now and takes no revision."),
        ("diff shop prod --show a/b", "“a/b” is no name of a target, component or object."),
        ("x" * 2001, "A command has at most 2000 characters."),
    ],
)
def test_the_problem_is_named_with_the_word_that_makes_it(text: str, problem: str) -> None:
    assert misunderstood(text).problem == problem


def test_a_mistyped_verb_gets_the_nearest_with_its_form() -> None:
    found = misunderstood("rolback shop prod")
    assert found.nearest == ("rollback",)
    assert found.form == "rollback APP ENV [vN] [--note TEXT]"
    assert found.example == "rollback shop prod v3"


def test_a_verb_like_no_other_gets_the_way_to_help() -> None:
    found = misunderstood("xyzzy")
    assert found.nearest == ()
    assert found.example == "help"


def test_a_mistyped_option_gets_the_nearest() -> None:
    assert misunderstood("deploy shop prod --comit abcdef1").nearest == ("--commit",)


@pytest.mark.parametrize(
    ("text", "understood", "missing"),
    [
        ("deploy", "deploy", ("application", "environment")),
        ("deploy shop", "deploy shop", ("environment",)),
        ("deploy shop --note hotfix", "deploy shop --note hotfix", ("environment",)),
        ("rollback shop", "rollback shop", ("environment",)),
        ("revisions", "revisions", ("application", "environment")),
        ("approve", "approve", ("run",)),
        ("reject", "reject", ("run",)),
        ("show", "show", ("run",)),
    ],
)
def test_what_is_missing_is_named_so_that_a_form_can_ask(
    text: str, understood: str, missing: tuple[str, ...]
) -> None:
    found = misunderstood(text)
    assert found.verb == text.split(maxsplit=1)[0]
    assert found.understood == understood
    assert found.missing == missing


def test_a_slash_command_without_arguments_misses_them() -> None:
    found = from_slash("/deploy", "")
    assert isinstance(found, Misunderstood)
    assert found.missing == ("application", "environment")


def test_what_was_understood_is_a_command_so_far() -> None:
    assert misunderstood("deploy shop/prod v1 —note “a b” v2").understood == (
        'deploy shop prod v1 --note "a b"'
    )


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_each_example_is_understood_by_its_verb(verb: Verb) -> None:
    assert isinstance(parse(verb.example), verb.request)


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("deplyo shop prod v1", "deploy shop prod v1"),
        ("@shipmate deplyo shop prod v1 —note “a b”", 'deploy shop prod v1 --note "a b"'),
        ("deploy shop prod v1 --nte x", "deploy shop prod v1 --note x"),
        ('deploy shop prod v1 --nte="a b"', 'deploy shop prod v1 --note "a b"'),
        ("aprove shop/prod#1", "approve shop/prod#1"),
        ("deplyo shop", ""),
        ("re shop/prod#1", ""),
        ("dance", ""),
    ],
)
def test_where_one_word_comes_near_the_request_is_there_to_be_pressed(
    text: str, corrected: str
) -> None:
    assert misunderstood(text).corrected == corrected
