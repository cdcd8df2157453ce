"""Every request has one operation, strangers get the help only, and each answer leaves one audit line."""

from dataclasses import replace
from typing import get_args

import pytest

from bot.command.dispatch import ROWS
from bot.command.requests import Asker, Deploy, Help, Request, WhoAmI
from bot.command.router import Router
from bot.command.verbs import VERBS
from bot.operations.results import HelpShown, Started
from bot.policy.refusals import Code, Refusal
from bot.run.model import RunPhase
from tests.operations.office import Office

STRANGER = Asker(chat="slack", identity="U666", email="", channel="C1", via="mention", request="r1")


def test_every_request_type_has_exactly_one_operation() -> None:
    types = [request_type for request_type, _ in ROWS]
    assert len(types) == len(set(types))
    assert set(types) == set(get_args(Request))
    operations = [operation for _, operation in ROWS]
    assert len(operations) == len(set(operations))


async def test_a_gap_is_refused_at_construction(office: Office) -> None:
    with pytest.raises(ValueError, match="no operation for Help"):
        Router(office.desk, ROWS[:-1])


async def test_a_collision_is_refused_at_construction(office: Office) -> None:
    with pytest.raises(ValueError, match="two operations for Deploy"):
        Router(office.desk, (*ROWS, ROWS[0]))


@pytest.mark.parametrize(
    "request_", [WhoAmI(), Deploy(application="shop", environment="dev", version="v1")]
)
async def test_a_stranger_is_told_how_to_be_added(office: Office, request_: Request) -> None:
    result, audited = await office.router.answer(STRANGER, request_)
    assert result == Refusal(
        code=Code.UNKNOWN_PERSON,
        facts={"identity": "U666", "email": "", "chat": "slack"},
        who=("admin",),
    )
    assert (audited.person, audited.outcome) == ("U666", "unknown_person")
    assert await office.runs.recent() == []


async def test_a_stranger_may_read_the_help(office: Office) -> None:
    result, audited = await office.router.answer(STRANGER, Help())
    assert isinstance(result, HelpShown)
    assert [each.verb for each in result.verbs] == [each.name for each in VERBS]
    assert audited.outcome == "allowed"


async def test_help_on_one_verb_is_its_row(office: Office) -> None:
    result = await office.say("guest", "help rollback")
    assert isinstance(result, HelpShown)
    assert [(each.verb, each.form) for each in result.verbs] == [
        ("rollback", "rollback APP ENV [vN] [--note TEXT]")
    ]


async def test_each_answer_leaves_one_line_for_the_audit(office: Office) -> None:
    result = await office.say("dev", "Deploy shop/prod v1 —note “two words”")
    assert isinstance(result, Started)
    await office.until("shop/prod#1", RunPhase.SUSPENDING)
    await office.say("guest", "approve shop/prod#1", via="button")
    await office.say("sre", "approve shop/prod#1", via="button")
    await office.say("sre2", "approve shop/prod#1", via="button")
    await office.say("guest", "apps")
    assert [(each.person, each.request, each.outcome, each.run) for each in office.audit] == [
        ("dev", 'deploy shop prod v1 --note "two words"', "allowed", "shop/prod#1"),
        ("guest", "approve shop/prod#1", "not_allowed", "shop/prod#1"),
        ("sre", "approve shop/prod#1", "allowed", "shop/prod#1"),
        ("sre2", "approve shop/prod#1", "already_decided", "shop/prod#1"),
        ("guest", "apps", "allowed", ""),
    ]
    assert {(each.chat, each.channel) for each in office.audit} == {("slack", "C01GENERAL")}


async def test_roles_that_a_file_takes_away_are_gone_at_once(office: Office) -> None:
    assert isinstance(await office.say("dev", "deploy shop dev v1"), Started)
    dev = replace(office.catalog.people["dev"], roles=())
    office.catalog = replace(office.catalog, people={**office.catalog.people, "dev": dev})
    assert (await office.refused("dev", "deploy shop prod v1")).code is Code.NOT_ALLOWED


WHO_MAY_NOT = {
    "deploy shop prod v2": Code.NOT_ALLOWED,
    "rollback shop prod": Code.NOT_ALLOWED,
    "approve shop/prod#1": Code.NOT_ALLOWED,
    "reject shop/prod#1 no": Code.NOT_ALLOWED,
    "stop shop/prod#1": Code.NOT_ALLOWED,
    "retry shop/prod#1": Code.NOT_ALLOWED,
    "restart shop/prod#1": Code.NOT_ALLOWED,
    "skip shop/prod#1 hangzhou no": Code.NOT_ALLOWED,
    "pause shop/prod#1": Code.NOT_ALLOWED,
    "resume shop/prod#1": Code.NOT_ALLOWED,
    "logs shop/prod#1": Code.NOTHING_SAID,
    "withdraw shop/prod#1": Code.NO_VOTE,
    "sign shop/prod#1": Code.NOTHING_TO_SIGN,
    "promote shop dev prod": Code.NOTHING_TO_PROMOTE,
    "lock prod no": Code.NOT_ALLOWED,
    "unlock prod": Code.NOT_LOCKED,
    "audit shop prod": Code.NOT_ALLOWED,
    "revisions shop prod": None,
    "diff shop prod": Code.NOTHING_TO_COMPARE,
    "status": None,
    "runs shop prod": None,
    "show shop/prod#1": None,
    "doctor": Code.NOT_ALLOWED,
    "replicas": None,
    "apps": None,
    "envs": None,
    "whoami": None,
    "help": None,
}
"""What somebody without a role is answered to each request."""


async def test_every_request_is_decided_on_and_written_down(office: Office) -> None:
    assert {each.split()[0] for each in WHO_MAY_NOT} == {each.name for each in VERBS}
    await office.say("dev", "deploy shop prod v1")
    run = await office.until("shop/prod#1", RunPhase.SUSPENDING)

    for text, code in WHO_MAY_NOT.items():
        result = await office.say("guest", text)
        assert (result.code if isinstance(result, Refusal) else None) is code, text
        line = office.audit[-1]
        assert (line.person, line.outcome) == ("guest", code or "allowed")
        wanted = ("shop", "prod") if "shop" in text else ("", "prod" if "prod" in text else "")
        assert (line.application, line.environment) == wanted, text
        assert line.run == ("shop/prod#1" if "#" in text else ""), text
    assert await office.runs.get(run.id) == run
    assert await office.desk.locks.there_are() == []
