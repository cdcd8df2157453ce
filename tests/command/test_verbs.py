"""The table of verbs holds together: its rows and the request types say the same."""

from dataclasses import fields
from typing import get_args

import pytest

from bot.command.forms import Verb
from bot.command.grammar import unparse
from bot.command.requests import Diff, Request, Status, WhoAmI
from bot.command.values import Kind
from bot.command.verbs import SLASH_VERBS, VERBS, find, verb_of


def test_every_request_type_has_one_verb() -> None:
    types = [each.request for each in VERBS]
    assert sorted(map(str, types)) == sorted(map(str, get_args(Request)))
    assert len({each.name for each in VERBS}) == len(VERBS)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_arguments_and_options_fill_every_field_once(verb: Verb) -> None:
    filled = [each.field for each in verb.arguments] + [each.field for each in verb.options]
    assert sorted(filled) == sorted(each.name for each in fields(verb.request))


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_an_application_is_followed_by_its_environment(verb: Verb) -> None:
    kinds = [each.kind for each in verb.arguments]
    for index, kind in enumerate(kinds):
        if kind is Kind.APPLICATION:
            assert kinds[index + 1] is Kind.ENVIRONMENT


def test_slash_commands_are_verbs_of_the_table() -> None:
    assert all(find(each) for each in SLASH_VERBS)


def test_the_forms_are_those_of_the_design() -> None:
    assert [each.form for each in VERBS] == [
        "deploy APP ENV [VERSION] [COMPONENT=IMAGE …] [--commit SHA] [--note TEXT] [--plan] [--at TIME]",
        "promote APP FROM TO [--note TEXT] [--plan] [--at TIME]",
        "rollback APP ENV [vN] [--note TEXT]",
        "revisions APP ENV",
        "diff APP ENV [vA] [vB] [--live]",
        "status [APP [ENV]]",
        "runs APP ENV",
        "show RUN",
        "logs RUN [STEP]",
        "approve RUN [REASON] [--emergency]",
        "reject RUN REASON",
        "withdraw RUN",
        "sign RUN [NOTE]",
        "stop RUN [REASON]",
        "retry RUN [STEP]",
        "restart RUN",
        "skip RUN STEP REASON",
        "pause RUN [REASON]",
        "resume RUN [STEP]",
        "lock ENV REASON [--app APP] [--for TIME] [--version V]",
        "unlock ENV [--app APP]",
        "audit [APP [ENV]] [--person NAME] [--since TIME]",
        "doctor",
        "apps",
        "envs",
        "replicas",
        "whoami",
        "help [VERB]",
    ]


def test_the_row_of_a_request_is_found() -> None:
    assert verb_of(WhoAmI()).name == "whoami"


@pytest.mark.parametrize(
    "request_",
    [Diff(application="shop", environment="prod", newer=2), Status(environment="prod")],
)
def test_a_request_that_nobody_could_type_is_not_written(request_: Request) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        unparse(request_)


def test_what_an_option_only_says_more_of_is_one_of_the_same_verb() -> None:
    for verb in VERBS:
        filled = {each.field for each in verb.arguments} | {each.field for each in verb.options}
        for each in verb.options:
            assert {each.needs, *each.excludes} - {""} <= filled
